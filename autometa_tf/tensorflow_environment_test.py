"""What each process of ours finds when it uses TensorFlow, whatever its surroundings."""

import json
import os
import subprocess
import sys
from unittest import mock

from absl.testing import absltest

from autometa_tf.tensorflow_environment import start_tensorflow

# What a user's shell may hold, and the same in Keras's file.
SETTINGS = {
    "KERAS_BACKEND": "jax",
    "TF_USE_LEGACY_KERAS": "1",
    "KERAS_MAX_EPOCHS": "many",
}
KERAS_JSON = {
    "floatx": "float16",
    "image_data_format": "channels_first",
    "backend": "torch",
}

ASK = """
import json, os
import keras
import tensorflow as tf
from tensorflow.python.util import _pywrap_util_port
print(json.dumps([
    _pywrap_util_port.IsMklEnabled(),
    keras.backend.backend(),
    keras.config.floatx(),
    keras.config.image_data_format(),
    tf.keras.__version__[0],
]))
"""
PROGRAM = f"""
from autometa_tf.programs.program import run_program
from autometa_tf.tensorflow_environment import start_tensorflow
def main():
    start_tensorflow()
    exec({ASK!r})
run_program(main)
"""
EXPECTED = [True, "tensorflow", "float32", "channels_last", "3"]


class StartTensorflowTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.home = self.create_tempdir().full_path

    def run_python(self, script, **variables):
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TF_", "KERAS_"))
        }
        own |= {"PYTHONPATH": os.pathsep.join(sys.path), "HOME": self.home}
        return subprocess.run(
            [sys.executable, "-c", script],
            env=own | variables,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )

    def answer(self, script, **variables):
        done = self.run_python(script, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_program_has_our_settings_whatever_the_users_are(self):
        os.mkdir(os.path.join(self.home, ".keras"))
        with open(os.path.join(self.home, ".keras", "keras.json"), "w") as file:
            json.dump(KERAS_JSON, file)
        self.assertEqual(self.answer(PROGRAM, **SETTINGS), EXPECTED)

    def test_it_says_nothing_and_leaves_keras_no_file(self):
        done = self.run_python(PROGRAM)
        self.assertEqual(done.stderr, "")
        self.assertNotIn(".keras", os.listdir(self.home))

    def test_what_cannot_be_loaded_is_a_clear_error(self):
        with (
            mock.patch.dict(sys.modules, {"tensorflow": None}),
            mock.patch.dict(os.environ),
            self.assertRaisesRegex(RuntimeError, "`ulimit -v`.*cannot be loaded: "),
        ):
            os.environ.pop("AUTOMETA_TRACEBACK", None)
            start_tensorflow()

    def test_who_imports_a_module_of_ours_has_what_it_needs(self):
        # The first to import TensorFlow, as in a script of the user's.
        script = "import autometa_tf.networks.layers\n" + ASK
        self.assertEqual(self.answer(script, KERAS_BACKEND="jax"), EXPECTED)

    def test_one_dnn_stays_off_for_whoever_wants_that(self):
        found = self.answer(PROGRAM, TF_ENABLE_ONEDNN_OPTS="0")
        self.assertEqual(found, [False, *EXPECTED[1:]])


if __name__ == "__main__":
    absltest.main()
