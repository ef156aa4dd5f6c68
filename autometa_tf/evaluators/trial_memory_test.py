import json
import os
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.evaluators import trial_memory
from autometa_tf.evaluators.trial_memory import (
    remember_trial,
    remembered_trial,
    trial_key,
)

_SECONDS = {1: 0.25, 5: 0.125}


class TrialMemoryTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.create_tempdir().full_path
        self.enterContext(mock.patch.dict(os.environ, {"XDG_CACHE_HOME": self.folder}))
        self.path = os.path.join(self.folder, "autometa_tf", "parallel_episodes.json")

    def _write(self, text):
        os.makedirs(os.path.dirname(self.path))
        with open(self.path, "w") as file:
            file.write(text)

    def test_a_trial_is_remembered_by_its_key_among_others(self):
        self.assertIsNone(remembered_trial("a"))
        remember_trial("a", _SECONDS)
        remember_trial("b", {1: 3.0})
        self.assertEqual(remembered_trial("a"), _SECONDS)
        self.assertEqual(remembered_trial("b"), {1: 3.0})
        self.assertIsNone(remembered_trial("c"))
        self.assertEqual(
            os.listdir(os.path.dirname(self.path)), ["parallel_episodes.json"]
        )

    def test_the_key_tells_descriptions_software_and_cpus_apart(self):
        key = trial_key({"a": 1, "b": [None]})
        self.assertEqual(key, trial_key({"b": [None], "a": 1}))
        self.assertNotEqual(key, trial_key({"a": 2, "b": [None]}))
        for name, value in (
            ("software_versions", lambda: {"tensorflow": "1.0"}),
            ("_cpu_model", lambda: "Z80"),
        ):
            with mock.patch.object(trial_memory, name, value):
                self.assertNotEqual(key, trial_key({"a": 1, "b": [None]}))

    @parameterized.parameters(
        "",
        "[]",
        '{"a": 1}',
        '{"a": {}}',
        '{"a": {"1": "x"}}',
        '{"a": {"1": 0.5, "-5": 0.5}}',
        '{"a": {"0": 0.5}}',
        '{"a": {"1": NaN}}',
        '{"a": {"1": -0.5}}',
        '{"a": {"1": true}}',
        "[" * 100_000,
        "\x00",
    )
    def test_a_damaged_file_is_none_and_is_replaced(self, text):
        self._write(text)
        self.assertIsNone(remembered_trial("a"))
        remember_trial("a", _SECONDS)
        self.assertEqual(remembered_trial("a"), _SECONDS)

    def test_a_folder_that_cannot_be_made_does_not_matter(self):
        with open(os.path.join(self.folder, "file"), "w"):
            pass
        folder = os.path.join(self.folder, "file", "cache")
        with mock.patch.dict(os.environ, {"XDG_CACHE_HOME": folder}):
            remember_trial("a", _SECONDS)
            self.assertIsNone(remembered_trial("a"))

    def test_without_the_variable_it_lies_in_the_home_folder(self):
        changed = {"XDG_CACHE_HOME": "", "HOME": self.folder}
        with mock.patch.dict(os.environ, changed):
            remember_trial("a", _SECONDS)
        path = ".cache/autometa_tf/parallel_episodes.json"
        with open(os.path.join(self.folder, path)) as file:
            self.assertEqual(json.load(file), {"a": {"1": 0.25, "5": 0.125}})


if __name__ == "__main__":
    absltest.main()
