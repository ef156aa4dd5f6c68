import base64
import hashlib
import io
import os
import pathlib
import tarfile
import urllib.error
from unittest import mock

from absl.testing import absltest

from autometa_tf.teaching import npm_package
from autometa_tf.teaching.npm_package import NpmPackage, read_files


def _archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _package(content: bytes) -> NpmPackage:
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return NpmPackage(name="@some/thing", version="1.2.3", integrity=f"sha512-{digest}")


class NpmPackageTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.cache = pathlib.Path(self.create_tempdir().full_path, "cache")
        self.urlopen = self.enter_context(mock.patch("urllib.request.urlopen"))
        self.enter_context(
            mock.patch.dict(os.environ, npm_config_registry="https://registry.test")
        )
        npm_package.registry.cache_clear()
        self.addCleanup(npm_package.registry.cache_clear)

    def serve(self, content: bytes) -> None:
        self.urlopen.side_effect = lambda *_, **__: io.BytesIO(content)

    def test_downloads_once_and_reads_what_was_kept(self):
        content = _archive(a="first", b="second")
        self.serve(content)
        for _ in range(2):
            found = read_files(_package(content), ["b"], self.cache)
            self.assertEqual(found, {"b": b"second"})
        self.urlopen.assert_called_once()
        (url,) = self.urlopen.call_args.args
        self.assertEqual(url, "https://registry.test/@some/thing/-/thing-1.2.3.tgz")
        self.assertEqual(os.listdir(self.cache), ["thing-1.2.3.tgz"])

    def test_refuses_another_archive_and_does_not_keep_it(self):
        self.serve(_archive(a="changed"))
        with self.assertRaisesRegex(ValueError, "must have the hash sha512-"):
            read_files(_package(_archive(a="first")), ["a"], self.cache)
        self.assertFalse(self.cache.exists())

    def test_downloads_again_what_was_changed_where_it_is_kept(self):
        content = _archive(a="first")
        self.cache.mkdir()
        (self.cache / "thing-1.2.3.tgz").write_bytes(_archive(a="changed"))
        self.serve(content)
        found = read_files(_package(content), ["a"], self.cache)
        self.assertEqual(found, {"a": b"first"})

    def test_names_a_file_that_is_not_in_it(self):
        content = _archive(a="first")
        self.serve(content)
        with self.assertRaisesRegex(ValueError, "@some/thing 1.2.3 must have c"):
            read_files(_package(content), ["c"], self.cache)

    def test_says_what_to_do_without_a_network(self):
        self.urlopen.side_effect = urllib.error.URLError("no route")
        with self.assertRaisesRegex(
            ConnectionError, r"no route.*copy the file into .*thing-1\.2\.3\.tgz"
        ):
            read_files(_package(b""), ["a"], self.cache)

    def test_refuses_a_registry_that_anybody_could_pose_as(self):
        with (
            mock.patch.dict(os.environ, npm_config_registry="http://registry.test"),
            self.assertRaisesRegex(ValueError, "must be one of https"),
        ):
            read_files(_package(b""), ["a"], self.cache)


if __name__ == "__main__":
    absltest.main()
