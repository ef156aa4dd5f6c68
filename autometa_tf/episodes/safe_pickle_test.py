"""Tests of reading pickles: data come through, everything else is refused."""

import io
import os
import pathlib
import pickle
import pickletools
import struct
import subprocess

import numpy as np
from absl.testing import absltest, parameterized
from hypothesis import given, settings
from hypothesis import strategies as st

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.safe_pickle import load_safe_pickle

_PIXELS = np.random.RandomState(0).randint(0, 256, (5, 4, 3, 3), dtype=np.uint8)
_DATA = {"image_data": _PIXELS, "class_dict": {"n01": [0, 1], "n02": [4, 2**40, -7]}}


class _Calls:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self._call = (function, arguments)

    def __reduce__(self):
        return self._call


def _string(text: str) -> bytes:
    return pickle.BINUNICODE + struct.pack("<I", len(text)) + text.encode()


class LoadSafePickleTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path)

    def _load(self, content: bytes) -> dict:
        path = self.folder / "some.pkl"
        path.write_bytes(content)
        return load_safe_pickle(path)

    def _assert_refused(self, content: bytes, reason: str = "") -> None:
        with self.assertRaisesRegex(
            DatasetError, f"^some.pkl is refused.*{reason}"
        ) as raised:
            self._load(content)
        self.assertNotIn("\n", str(raised.exception))

    def _assert_is_data(self, loaded: dict) -> None:
        np.testing.assert_array_equal(loaded["image_data"], _PIXELS, strict=True)
        self.assertEqual(loaded["class_dict"], _DATA["class_dict"])

    @parameterized.parameters(2, 3, 4, 5)
    def test_reads_every_protocol(self, protocol):
        self._assert_is_data(self._load(pickle.dumps(_DATA, protocol=protocol)))

    @parameterized.parameters(2, 3, 4)
    def test_reads_the_names_of_numpy_1(self, protocol):
        content = pickle.dumps(_DATA, protocol=protocol)
        # Protocol 4 gives the length of the name, and of the frame around it.
        old = content.replace(b"\x16numpy._core.", b"\x15numpy.core.")
        old = old.replace(b"numpy._core.", b"numpy.core.")
        if protocol == 4:
            size = struct.unpack("<Q", old[3:11])[0]
            old = old[:3] + struct.pack("<Q", size - 1) + old[11:]
        self.assertIn(b"numpy.core.multiarray", old)
        self._assert_is_data(self._load(old))

    def test_reads_byte_strings_of_python_2(self):
        # As Python 2 wrote it: all strings are byte strings, pixels too.
        raw = _PIXELS.tobytes()
        shape = b"(" + b"".join(b"K%c" % n for n in _PIXELS.shape) + b"t"
        content = (
            b"\x80\x02}U\x0aimage_datacnumpy.core.multiarray\n_reconstruct\n"
            b"cnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01" + shape + b"cnumpy\ndtype\n"
            b"U\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
            b"K\x00tb\x89T" + struct.pack("<I", len(raw)) + raw + b"tbs."
        )
        loaded = pickle.loads(content, encoding="latin1")  # The test's own check.
        np.testing.assert_array_equal(loaded["image_data"], _PIXELS)
        np.testing.assert_array_equal(self._load(content)["image_data"], _PIXELS)

    @parameterized.parameters(2, 4, 5)
    def test_reads_arrays_in_column_order(self, protocol):
        content = pickle.dumps({"a": np.asfortranarray(_PIXELS[0, 0])}, protocol)
        np.testing.assert_array_equal(self._load(content)["a"], _PIXELS[0, 0])

    @parameterized.product(
        function=[os.system, eval, getattr, subprocess.run, open, __import__],
        protocol=[0, 1, 2, 3, 4, 5],
    )
    def test_never_calls_anything(self, function, protocol):
        proof = self.folder / "proof"
        harm = _Calls(function, f"open({str(proof)!r}, 'w')")
        self._assert_refused(pickle.dumps({"image_data": harm}, protocol=protocol))
        self.assertFalse(proof.exists())

    def test_does_call_when_unpickled_carelessly(self):
        # Without this the test above would prove nothing.
        proof = self.folder / "proof"
        pickle.loads(pickle.dumps(_Calls(eval, f"open({str(proof)!r}, 'w').close()")))
        self.assertTrue(proof.exists())

    @parameterized.named_parameters(
        ("getattr", b"cbuiltins\ngetattr\ncnumpy\nndarray\n\x85", "builtins.getattr"),
        ("dotted_name", b"cnumpy\nndarray.__class__\n)", "numpy.ndarray.__class__"),
        ("numpy_function", b"cnumpy\nload\nU\x01a\x85", "numpy.load"),
        ("array_type", b"cnumpy\nndarray\nK\x05\x85", "numpy.ndarray"),
        ("object_dtype", b"cnumpy\ndtype\nU\x01O\x85", "numpy.dtype"),
        ("float_dtype", b"cnumpy\ndtype\nU\x02f8\x85", "numpy.dtype"),
        ("another_codec", b"c_codecs\nencode\nU\x01aU\x03zip\x86", "_codecs.encode"),
        ("called_string", b"U\x06systemU\x02ls\x85", "what it made itself"),
    )
    def test_refuses_the_call(self, program, reason):
        self._assert_refused(b"\x80\x02" + program + b"R.", reason)

    def test_refuses_arrays_of_objects(self):
        objects = np.array([_Calls(os.system, "true")], dtype=object)
        self._assert_refused(pickle.dumps({"image_data": objects}), "numpy.dtype")

    @parameterized.parameters("f4", "i8", "U3", "u1,u1")
    def test_refuses_other_arrays(self, dtype):
        self._assert_refused(pickle.dumps({"image_data": np.zeros(3, dtype)}))

    @parameterized.named_parameters(
        ("set", {1, 2}),
        ("float", 1.5),
        ("complex", 1j),
        ("class", io.BytesIO),
        ("list", [1]),
        ("string", "a"),
        ("integer_keys", {1: 2}),
        ("tuple_keys", {(1, 2): 3}),
    )
    def test_refuses_other_data(self, data):
        self._assert_refused(pickle.dumps(data))

    @parameterized.named_parameters(
        ("bytes", b"\x8e" + struct.pack("<Q", 2**62)),
        ("byte_array", b"\x96" + struct.pack("<Q", 2**40)),
        ("string", b"\x8d" + struct.pack("<Q", 2**40)),
        ("long", b"\x8b" + struct.pack("<I", 2**31 - 1)),
        ("frame", b"\x95" + struct.pack("<Q", 2**62) + b"\x8e"),
        ("memo", b"Nr" + struct.pack("<I", 2**32 - 1) + b"."),
    )
    def test_claims_allocate_nothing(self, program):
        self._assert_refused(b"\x80\x05" + program)

    def test_refuses_an_array_larger_than_its_content(self):
        content = pickle.dumps({"a": np.zeros((2, 3), np.uint8)}, protocol=2)
        shape = b"K\x02K\x03\x86"
        self.assertIn(shape, content)
        self._assert_refused(content.replace(shape, b"K\xffK\xff\x86"), "reshape")

    def test_refuses_to_repeat_its_content_by_calls(self):
        call = b"c_codecs\nencode\n" + _string("a" * 100) + _string("latin1") + b"\x86R"
        self._assert_refused(b"\x80\x02" + call * 100 + b".", "8 calls")

    def test_refuses_keys_that_nest_deeply(self):
        deep = b")" + b"\x85" * 200_000
        self._assert_refused(b"\x80\x02}" + deep + b"Ns.", "not a string")

    def test_deep_and_circular_lists_do_no_harm(self):
        deep = b"]" * 100_000 + b"a" * 99_999
        circular = b"]q\x00h\x00a"
        loaded = self._load(b"\x80\x02}" + _string("a") + deep + b"s" + _string("b")
                            + circular + b"s.")  # fmt: skip
        self.assertLen(loaded["a"], 1)
        self.assertIs(loaded["b"][0], loaded["b"])

    @parameterized.parameters(b"", b".", b"\x80\x02", b"\x80\x02}", b"\x80\x02NN.")
    def test_refuses_what_is_not_a_pickle(self, content):
        self._assert_refused(content)

    def test_refuses_a_missing_file(self):
        with self.assertRaisesRegex(DatasetError, "absent.pkl"):
            load_safe_pickle(self.folder / "absent.pkl")

    @parameterized.parameters(2, 5)
    def test_refuses_any_truncation(self, protocol):
        content = pickle.dumps(_DATA, protocol=protocol)
        for length in range(len(content)):
            self._assert_refused(content[:length])

    @settings(deadline=None, max_examples=500)
    @given(st.data())
    def test_damage_gives_the_named_error_or_data(self, data):
        protocol = data.draw(st.integers(2, 5))
        content = bytearray(pickle.dumps(_DATA, protocol=protocol))
        for _ in range(data.draw(st.integers(1, 10))):
            position = data.draw(st.integers(0, len(content) - 1))
            content[position] = data.draw(st.integers(0, 255))
        self._assert_named_error_or_data(bytes(content))

    @settings(deadline=None, max_examples=300)
    @given(
        st.lists(
            st.sampled_from(
                [opcode.code.encode("latin1") for opcode in pickletools.opcodes]
            )
            | st.binary(max_size=6)
            | st.sampled_from(
                [b"cos\nsystem\n", b"cnumpy\ndtype\n", b"U\x02u1", b"U\x06latin1"]
            ),
            max_size=30,
        )
    )
    def test_programs_give_the_named_error_or_data(self, parts):
        self._assert_named_error_or_data(b"\x80\x04" + b"".join(parts) + b".")

    def _assert_named_error_or_data(self, content: bytes) -> None:
        try:
            loaded = self._load(content)
        except DatasetError as error:
            self.assertNotIn("\n", str(error))
            return
        self.assertIs(type(loaded), dict)
        for key in loaded:
            self.assertIs(type(key), str)


if __name__ == "__main__":
    absltest.main()
