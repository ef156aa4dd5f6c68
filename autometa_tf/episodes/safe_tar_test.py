"""Tests of opening tar archives: whole and harmless ones only."""

import io
import tarfile

from absl.testing import absltest, parameterized
from hypothesis import given, settings
from hypothesis import strategies as st

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.safe_tar import open_safe_tar


def _tar(*members: tarfile.TarInfo, tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tar_format) as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return content.getvalue()


def _member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = ""):
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, link
    return member


def _open(content: bytes) -> tarfile.TarFile:
    return open_safe_tar(io.BytesIO(content), "some.tar", max_file_bytes=1000)


_PLAIN = _tar(
    _member("a", kind=tarfile.DIRTYPE), _member("a/b", 600), _member("c", 1000)
)


class OpenSafeTarTest(parameterized.TestCase):
    def test_reads_files_and_folders(self):
        tar = _open(_PLAIN)
        self.assertEqual(tar.getnames(), ["a", "a/b", "c"])
        self.assertEqual(tar.extractfile("a/b").read(), b"x" * 600)

    @parameterized.parameters(tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
    def test_reads_long_names(self, tar_format):
        name = f"{'a' * 200}/b"
        self.assertEqual(
            _open(_tar(_member(name), tar_format=tar_format)).getnames(), [name]
        )

    @parameterized.named_parameters(
        ("parent", _member("../a"), "leads out"),
        ("inner_parent", _member("a/../../b"), "leads out"),
        ("absolute", _member("/etc/passwd"), "leads out"),
        ("symlink", _member("a", kind=tarfile.SYMTYPE, link="b"), "neither"),
        ("hard_link", _member("a", kind=tarfile.LNKTYPE, link="b"), "neither"),
        ("character_device", _member("a", kind=tarfile.CHRTYPE), "neither"),
        ("block_device", _member("a", kind=tarfile.BLKTYPE), "neither"),
        ("fifo", _member("a", kind=tarfile.FIFOTYPE), "neither"),
        ("too_large", _member("a", 1001), "1,001 bytes, more than 1,000"),
    )
    def test_refuses_a_member(self, member, reason):
        content = _tar(_member("harmless", 10), member)
        with self.assertRaisesRegex(DatasetError, f"some.tar is refused.*{reason}"):
            _open(content)

    def test_refuses_a_sparse_file(self):
        header = _member("a", kind=tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT)
        with self.assertRaises(DatasetError):
            _open(header + bytes(1024))

    def test_refuses_negative_sizes(self):
        header = bytearray(_member("a").tobuf(tarfile.GNU_FORMAT))
        header[124:136] = b"\xff" * 11 + b"\x00"  # -256 in base 256.
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        with self.assertRaisesRegex(DatasetError, "not a whole tar"):
            _open(bytes(header) + bytes(1024))

    @parameterized.parameters(tarfile.XHDTYPE, tarfile.XGLTYPE)
    def test_refuses_long_extended_headers_at_once(self, kind):
        size = 4 << 20
        header = _member("a", size, kind).tobuf(tarfile.USTAR_FORMAT)
        with self.assertRaisesRegex(DatasetError, "not a whole tar"):
            _open(header + b"1" * size + bytes(1024))

    def test_refuses_negative_sizes_of_extended_headers(self):
        record = b"13 size=-512\n"
        header = _member("a", len(record), tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
        member = _member("b").tobuf(tarfile.USTAR_FORMAT)
        with self.assertRaisesRegex(DatasetError, "not a whole tar"):
            _open(header + record.ljust(512, b"\0") + member + bytes(1024))

    def test_refuses_any_truncation_before_the_end_marker(self):
        end = len(_PLAIN.rstrip(b"\0")) // 512 * 512 + 512
        for length in range(0, end + 1, 64):
            with self.assertRaisesRegex(DatasetError, "not a whole tar"):
                _open(_PLAIN[:length])

    def test_refuses_a_damaged_header_in_the_middle(self):
        damaged = bytearray(_PLAIN)
        damaged[2048 + 10] ^= 1  # The name of "c".
        with self.assertRaisesRegex(DatasetError, "damaged or cut off at byte 2048"):
            _open(bytes(damaged))

    @settings(deadline=None, max_examples=300)
    @given(st.data())
    def test_damage_gives_the_named_error_or_harmless_members(self, data):
        content = bytearray(_PLAIN)
        for _ in range(data.draw(st.integers(1, 8))):
            # Headers begin at 0, 512 and 2048; most of the rest is content.
            start = data.draw(st.sampled_from([0, 512, 2048]))
            position = start + data.draw(st.integers(0, 511))
            content[position] = data.draw(st.integers(0, 255))
            if data.draw(st.booleans()):
                content[start + 148 : start + 156] = b" " * 8
                checksum = sum(content[start : start + 512])
                content[start + 148 : start + 156] = b"%06o\0 " % checksum
        try:
            members = _open(bytes(content)).getmembers()
        except DatasetError as error:
            self.assertNotIn("\n", str(error))
            return
        for member in members:
            self.assertTrue(member.isreg() or member.isdir())
            self.assertNotIn("..", member.name.split("/"))
            self.assertLessEqual(member.size, 1000)

    @settings(deadline=None, max_examples=100)
    @given(st.binary(max_size=2048))
    def test_anything_else_gives_the_named_error(self, content):
        with self.assertRaises(DatasetError):
            _open(content + b"x")


if __name__ == "__main__":
    absltest.main()
