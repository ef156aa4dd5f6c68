"""Random shapes through the kernels, built with AddressSanitizer and UBSan."""

import pathlib
import platform
import shutil
import subprocess
import tempfile
import unittest

from absl.testing import absltest

_SOURCES = pathlib.Path(__file__).parent
_FLAGS = ["-std=c++17", "-O1", "-g", "-fsanitize=address,undefined"]
_FLAGS += ["-fno-sanitize-recover=all", "-Wno-uninitialized"]
_SETS = {
    "base": [],
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mfma"],
}
_COUNT = 300


class SanitizerTest(absltest.TestCase):
    @unittest.skipUnless(shutil.which("g++"), "there is no g++")
    @unittest.skipUnless(platform.machine() == "x86_64", "not an x86-64 machine")
    def test_no_kernel_reads_or_writes_what_is_not_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            objects = []
            for name, flags in _SETS.items():
                names = [
                    f"-DKERNELS_NAMESPACE={name}",
                    f"-DKERNELS_TABLE={name}_kernels",
                ]
                objects.append(f"{folder}/{name}.o")
                self._compile(*flags, *names, "-c", "kernels.cc", "-o", objects[-1])
            program = f"{folder}/fuzz"
            self._compile("fuzz.cc", "dispatch.cc", *objects, "-o", program)
            result = subprocess.run(
                [program, str(_COUNT)], capture_output=True, text=True, check=False
            )
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr[-4000:])
        print(result.stdout)

    def _compile(self, *arguments):
        subprocess.run(["g++", *_FLAGS, *arguments], cwd=_SOURCES, check=True)


if __name__ == "__main__":
    absltest.main()
