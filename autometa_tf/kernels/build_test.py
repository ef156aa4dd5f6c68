"""build.sh with and without a compiler, and the C API as it declares it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import tensorflow as tf
from absl.testing import absltest

_SOURCES = pathlib.Path(__file__).parent


class BuildTest(absltest.TestCase):
    def test_without_a_compiler_it_leaves_an_empty_file_and_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("bash", "mktemp", "rm"):
                os.symlink(shutil.which(tool), os.path.join(folder, tool))
            output = os.path.join(folder, "library.so")
            result = subprocess.run(
                [os.path.join(folder, "bash"), _SOURCES / "build.sh", _SOURCES, output],
                env={"PATH": folder},
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("no C++ compiler", result.stderr)
            self.assertEqual(os.path.getsize(output), 0)

    @unittest.skipUnless(shutil.which("g++"), "there is no g++")
    def test_its_declarations_are_tensorflows(self):
        # A declaration that differs from TensorFlow's own is an error of the compiler.
        program = (
            '#include "tensorflow/c/kernels.h"\n#include "tensorflow/c/ops.h"\n'
            '#include "tensorflow/c/tf_tensor.h"\n'
            "static_assert(TF_OK == 0 && TF_INVALID_ARGUMENT == 3);\n"
            "static_assert(TF_FLOAT == 1);\n"
            + "\n".join(
                line.replace("(TF_Status*, int code,", "(TF_Status*, TF_Code code,")
                .replace("int TF_GetCode", "TF_Code TF_GetCode")
                .replace("int data_type", "TF_DataType data_type")
                for line in (_SOURCES / "tensorflow_c_api.h").read_text().splitlines()
                if not line.startswith(("#pragma", "struct TF_"))
            )
        )
        result = subprocess.run(
            ["g++", "-std=c++17", f"-I{tf.sysconfig.get_include()}", "-fsyntax-only"]
            + ["-x", "c++", "-"],
            input=program,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stderr[-3000:])


if __name__ == "__main__":
    absltest.main()
