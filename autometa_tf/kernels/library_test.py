"""Which kernels run, each case in a process of its own."""

import os
import subprocess
import sys

from absl.testing import absltest

from autometa_tf.kernels.library import KERNEL_SETS, load_kernels

_SCRIPT = """
from autometa_tf.kernels import library
try:
    kernels = library.load_kernels()
    print(kernels.path, kernels.module is not None, kernels.describe(), sep="|")
except ValueError as error:
    print("error", error, sep="|")
"""


def _load(before: str = "", **environment) -> list[str]:
    """What `load_kernels` finds in a new process."""
    kept = {k: v for k, v in os.environ.items() if k != "AUTOMETA_KERNELS"}
    result = subprocess.run(
        [sys.executable, "-c", before + _SCRIPT],
        env=kept | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip().split("|")


class LibraryTest(absltest.TestCase):
    def test_off_is_heeded_and_said(self):
        path, loaded, text = _load(AUTOMETA_KERNELS="off")
        self.assertEqual((path, loaded), ("off", "False"))
        self.assertEqual(text, "TensorFlow's own operations (AUTOMETA_KERNELS is off)")

    def test_an_unknown_name_is_one_line_with_the_names(self):
        _, text = _load(AUTOMETA_KERNELS="sse9")
        self.assertEqual(
            text,
            "`AUTOMETA_KERNELS` must be one of avx512, avx2, base, off, or unset for "
            "the best. Received: 'sse9'.",
        )

    def test_without_a_library_tensorflows_operations_run(self):
        for make in (False, True):
            missing = (
                "import pathlib, tempfile\n"
                "from autometa_tf.kernels import library\n"
                "library._LIBRARY = pathlib.Path(tempfile.mkdtemp(), 'x.so')\n"
                + ("library._LIBRARY.touch()\n" if make else "")
            )
            path, _, text = _load(missing)
            self.assertEqual(path, "off")
            self.assertIn("no C++ compiler", text)
            kind, text = _load(missing, AUTOMETA_KERNELS="base")
            self.assertEqual(kind, "error")
            self.assertIn("no C++ compiler", text)

    def test_a_library_that_does_not_load_is_no_crash(self):
        path, _, text = _load(
            "import pathlib, tempfile\n"
            "from autometa_tf.kernels import library\n"
            "library._LIBRARY = pathlib.Path(tempfile.mkdtemp(), 'x.so')\n"
            "library._LIBRARY.write_bytes(b'no library')\n"
        )
        self.assertEqual(path, "off")
        self.assertIn("do not load", text)

    def test_the_best_is_chosen_and_each_can_be(self):
        best = load_kernels().path
        if best == "off":
            self.skipTest(f"no kernels: {load_kernels().reason}")
        for name in KERNEL_SETS[KERNEL_SETS.index(best) :]:
            self.assertEqual(_load(AUTOMETA_KERNELS=name)[:2], [name, "True"])


if __name__ == "__main__":
    absltest.main()
