"""`export` as a user runs it, with the learner that comes with the library."""

import json
import os
from unittest import mock

import keras
import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.experiments import export_job
from autometa_tf.experiments.load_learner import load_learner, load_trained
from autometa_tf.exports.litert_settings import LiteRTRoom
from autometa_tf.exports.make_module import exported_model
from autometa_tf.programs import export as program
from autometa_tf.testing.tiny_runs import check, run

_NAME = "glyphs-1shot"


def _export(*arguments):
    return run("bin.export", *arguments)


class ExportTest(parameterized.TestCase):
    def test_a_saved_model_has_its_card_and_is_measured(self):
        folder = os.path.join(self.create_tempdir().full_path, "it's <ä> $1", "1")
        arguments = (f"--learner={_NAME}", f"--output={folder}", "--measure")
        done = check(_export(*arguments))
        self.assertEqual(done.stdout, f"{folder}\n")
        self.assertRegex(
            done.stderr,
            r"saved_model on one thread of .+: [\d.]+ MiB, load [\d.]+ s, adapt [\d,]+ ms, "
            r"predict one image [\d.,]+ ms",
        )
        with open(os.path.join(folder, "assets.extra", "card.json")) as file:
            card = json.load(file)
        self.assertEqual(card["images"]["polarity"], "dark on white")
        # It goes on from there, but for a form that needs the network.
        self.assertEqual(load_learner(folder).image_shape, (28, 28, 1))
        self.assertIsNone(load_trained(folder))
        with (
            # This process has begun to compute.
            mock.patch.object(export_job, "use_devices"),
            self.assertRaisesRegex(ValueError, "holds a graph, and not the network"),
        ):
            export_job.export(folder, "keras", "letters.keras")
        # Nothing is lost.
        again = _export(f"--learner={_NAME}", f"--output={folder}")
        self.assertEqual(again.returncode, 1)
        self.assertIn("`output` must be a folder that is empty", again.stderr)

    def test_a_keras_file_is_the_network_and_says_what_it_cannot_do(self):
        file = os.path.join(self.create_tempdir().full_path, "letters.keras")
        arguments = (f"--learner={_NAME}", "--format=keras", f"--output={file}")
        done = check(_export(*arguments, "--measure"))
        self.assertIn("does not adapt by itself", done.stderr)
        trained = load_trained(_NAME)
        card = trained.card
        own = exported_model(trained.network, card.network_config, card.task)
        images = np.random.default_rng(0).random((6, 28, 28, 1), np.float32)
        expected = own.logits(trained.state.weights, images)[:, 0]
        answers = keras.models.load_model(file)(images)
        np.testing.assert_allclose(answers, expected, rtol=1e-3, atol=1e-3)
        with open(file.replace(".keras", ".md"), encoding="utf-8") as text:
            self.assertIn("letters.keras cannot adapt by itself", text.read())

    def test_a_litert_file_has_the_room_that_is_asked_for(self):
        """litert_test makes one, which takes most of a minute."""
        folder = os.path.join(self.create_tempdir().full_path, "phone")
        room = LiteRTRoom(ways=7, shots=3)
        with (
            mock.patch.object(export_job, "use_devices"),
            mock.patch.object(export_job, "export_litert") as export_litert,
        ):
            export_job.export(_NAME, "litert", folder, room=room)
        (parts, where, given), _ = export_litert.call_args
        self.assertEqual((where, given), (folder, room))
        self.assertTrue(parts.drawings)
        self.assertEqual(parts.state.weights.shape[0], 24005)

    @parameterized.parameters(
        ((), "`learner` must be given"),
        (("--learner=x",), "`output` must be given"),
        (("--learner=x", "--output=y", "--format=onnx"), "saved_model|keras"),
        (
            ("--learner=x", "--output=y", "--format=keras"),
            "`output` must end with .keras",
        ),
    )
    def test_what_cannot_be_is_one_line(self, arguments, message):
        done = _export(*arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn(message, done.stderr)
        self.assertLen(done.stderr.strip().splitlines(), 1)

    def test_the_flag_lists_the_formats_there_are(self):
        self.assertEqual(program.FORMATS, ("saved_model", *export_job._FORMATS))


if __name__ == "__main__":
    absltest.main()
