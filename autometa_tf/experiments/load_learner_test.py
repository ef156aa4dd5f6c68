import os
import pathlib
import shutil
import tempfile
import types
from unittest import mock

import tensorflow as tf
from absl.testing import absltest, parameterized

from autometa_tf.experiments import load_learner as load_learner_file
from autometa_tf.experiments.load_learner import load_learner
from autometa_tf.exports.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.testing.linear_model import linear_model

_SHAPE, _WAYS = (8, 8, 1), 3


def _has_path(path):
    return types.SimpleNamespace(path=path)


def _has_pathlib_path(path):
    return types.SimpleNamespace(path=pathlib.Path(path))


class LoadLearnerTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.saved_model = cls.enterClassContext(tempfile.TemporaryDirectory())
        model = ParallelModel(linear_model(_SHAPE, _WAYS))
        zeros = tf.zeros([model.num_weights])
        state = LearnerState(
            tf.constant(model.initial_weights()), AdamState(zeros, zeros, 0.0)
        )
        module = AdaptAndPredict(model, state, ScoringConfig(), AdamConfig())
        export_saved_model(module, cls.saved_model)

    def setUp(self):
        super().setUp()
        self.folder = self.create_tempdir().full_path

    def _run_directory(self, name="run") -> str:
        run_dir = os.path.join(self.folder, name)
        shutil.copytree(self.saved_model, os.path.join(run_dir, "saved_model", "1"))
        return run_dir

    def _is_loaded(self, where):
        self.assertEqual(load_learner(where).image_shape, _SHAPE)

    @parameterized.parameters(str, pathlib.Path, _has_path, _has_pathlib_path)
    def test_loads_runs_and_saved_models(self, kind):
        self._is_loaded(kind(self._run_directory()))
        self._is_loaded(kind(self.saved_model))

    def _release(self, name):
        """A folder as `release_learner` makes it, of what is known without reading."""
        folder = pathlib.Path(self.folder, name)
        folder.mkdir()
        for file in ("weights.npz", "card.json"):
            (folder / file).touch()

    def test_loads_released_learners_by_name(self):
        for name in ("glyphs-1shot", "omniglot", "No Name"):
            self._release(name)
        released = pathlib.Path(self.folder)
        with (
            mock.patch.object(load_learner_file, "_RELEASED", released),
            mock.patch.object(load_learner_file, "read_learner") as read_learner,
        ):
            found = read_learner.return_value.learner
            self.assertIs(load_learner("omniglot"), found.return_value)
            read_learner.assert_called_once_with(released / "omniglot")
            for name in ("imagenet", "No Name"):
                with self.assertRaisesRegex(
                    ValueError,
                    r"released learner \(glyphs-1shot, omniglot\). "
                    f"Received: '{name}', no such folder",
                ):
                    load_learner(name)
            with self.assertRaisesRegex(ValueError, "Received: 'omniglot/../omniglot'"):
                load_learner("omniglot/../omniglot")

    def test_loads_a_released_folder_by_its_path(self):
        self._release("omniglot")
        with mock.patch.object(load_learner_file, "read_learner") as read_learner:
            load_learner(pathlib.Path(self.folder, "omniglot"))
        read_learner.assert_called_once_with(pathlib.Path(self.folder, "omniglot"))

    def test_the_disk_goes_before_a_name(self):
        os.makedirs(os.path.join(self.folder, "here/omniglot"))
        pathlib.Path(self.folder, "here/omniglot/saved_model.pb").write_text("damaged")
        self._release("omniglot")
        released = pathlib.Path(self.folder)
        before = os.getcwd()
        os.chdir(os.path.join(self.folder, "here"))
        try:
            with mock.patch.object(load_learner_file, "_RELEASED", released):
                with self.assertRaisesRegex(ValueError, "that can be read"):
                    load_learner("omniglot")
        finally:
            os.chdir(before)

    def test_a_run_that_has_not_ended_says_so(self):
        pathlib.Path(self.folder, "config.json").write_text("{}")
        with self.assertRaisesRegex(
            ValueError, f"'{self.folder}', whose training has not ended. Start its"
        ):
            load_learner(self.folder)

    def test_says_what_is_there_instead(self):
        file = os.path.join(self.folder, "file")
        pathlib.Path(file).touch()
        for where, what in (
            (self.folder, "a folder without them"),
            (file, "a file"),
            (os.path.join(self.folder, "absent"), "no such folder"),
        ):
            with self.assertRaisesRegex(
                ValueError,
                r"saved_model/1/saved_model.pb or weights.npz in it, or the name of a "
                r"released learner"
                rf" \(.*\). Received: '{where}', {what}.$",
            ):
                load_learner(where)

    def test_refuses_what_is_no_place(self):
        with self.assertRaisesRegex(ValueError, "must be a path.* Received: 7."):
            load_learner(7)


if __name__ == "__main__":
    absltest.main()
