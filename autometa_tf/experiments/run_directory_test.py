import dataclasses
import json
import os
import sys
import time
from unittest import mock

import numpy as np
from absl.testing import absltest, parameterized
from hypothesis import given, settings
from hypothesis import strategies as st

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import DatasetConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.experiments import run_directory
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig

CONFIG = CandidateConfig(
    network=NetworkConfig(image_shape=(28, 28, 1), ways=5, num_filters=7),
    episodes=EpisodeConfig(shots=5),
    reptile=ReptileConfig(inner_learning_rate=0.003),
    scoring=ScoringConfig(num_episodes=12),
    seed=3,
    num_parallel_episodes=5,
)

VALID = {
    "dataset": dataclasses.asdict(DatasetConfig(name="glyphs")),
    "final": dataclasses.asdict(CONFIG),
}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=4,
)


def _paths(content, path=("",)):
    """The names that lead to each place in nested dictionaries."""
    yield path
    if isinstance(content, dict):
        for name, inner in content.items():
            yield from _paths(inner, (*path, name))


class RunDirectoryTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.create_tempdir().full_path

    def test_configurations_come_back_from_json(self):
        run_directory.keep_config(
            self.directory,
            {
                "dataset": dataclasses.asdict(DatasetConfig(name="glyphs")),
                "final": dataclasses.asdict(CONFIG),
            },
            (),
        )
        self.assertEqual(
            run_directory.read_config(self.directory, "dataset", "final"),
            (DatasetConfig(name="glyphs"), CONFIG),
        )

    def test_what_only_a_search_has_is_missing_elsewhere(self):
        final = {"final": dataclasses.asdict(CONFIG)}
        run_directory.keep_config(self.directory, final, ())
        with self.assertRaisesRegex(ValueError, "whose config.json has candidate"):
            run_directory.read_config(self.directory, "candidate")

    def test_another_configuration_is_refused_by_the_fields_that_differ(self):
        run_directory.keep_config(self.directory, {"a": {"b": 1, "c": 2}}, ())
        run_directory.keep_config(self.directory, {"a": {"b": 1, "c": 3}}, ("a.c",))
        with self.assertRaisesRegex(ValueError, "a.b: 1 stored, 4 given"):
            run_directory.keep_config(self.directory, {"a": {"b": 4, "c": 2}}, ())

    @parameterized.parameters(
        "", "[]", "{", "5", '{"dataset": {}, "final": {}}', '{"dataset": 1, "final": 2}'
    )
    def test_a_damaged_configuration_is_a_clear_error(self, text):
        with open(os.path.join(self.directory, "config.json"), "w") as file:
            file.write(text)
        with self.assertRaisesRegex(ValueError, "must"):
            run_directory.read_config(self.directory, "dataset", "final")

    def test_a_foreign_field_is_refused(self):
        content = json.loads(json.dumps(dataclasses.asdict(CONFIG)))
        content["command"] = "rm"
        with self.assertRaisesRegex(ValueError, "must have the fields"):
            run_directory.from_json(CandidateConfig, content)

    def test_an_optional_number_is_a_number_or_nothing(self):
        content = json.loads(json.dumps(dataclasses.asdict(CONFIG)))
        content["num_parallel_episodes"] = "5"
        with self.assertRaisesRegex(ValueError, r"must be int \| None. Received: '5'"):
            run_directory.from_json(CandidateConfig, content)

    @settings(deadline=None)
    @given(st.sampled_from(list(_paths(VALID))), _JSON)
    def test_whatever_a_configuration_holds_it_is_read_or_refused(self, path, value):
        content = {"": json.loads(json.dumps(VALID))}
        place = content
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        run_directory.write_json(self.directory, "config.json", content[""])
        try:
            (read,) = run_directory.read_config(self.directory, "final")
        except ValueError:
            return
        self.assertEqual(
            json.loads(json.dumps(dataclasses.asdict(read))),
            content[""]["final"],
        )

    def test_a_run_tells_the_command_that_began_it(self):
        argv = ["autometa search", "--dataset=glyphs", "--run_dir=my run"]
        with mock.patch.object(sys, "argv", argv):
            begun = run_directory.begun_with()
        expected = "autometa search --dataset=glyphs '--run_dir=my run'"
        self.assertEqual(begun["command"], expected)
        self.assertEqual(begun["versions"]["numpy"], np.__version__)

    def _begin(self, seconds_ago: float):
        with mock.patch.object(run_directory, "_STARTED", time.time() - seconds_ago):
            begun = run_directory.begun_with()
        run_directory.write_json(self.directory, "config.json", {"begun_with": begun})

    def test_wall_seconds_count_from_the_begin_wherever_files_are_copied(self):
        self._begin(1000)
        os.utime(os.path.join(self.directory, "config.json"))
        self.assertAlmostEqual(
            run_directory.wall_seconds(self.directory, {}), 1000, delta=300
        )

    @parameterized.parameters(-5000, 5000)
    def test_a_clock_that_is_set_meanwhile_does_not_matter(self, jump):
        self._begin(1000)
        with mock.patch.object(time, "time", return_value=time.time() + jump):
            seconds = run_directory.wall_seconds(self.directory, {})
        self.assertAlmostEqual(seconds, 1000, delta=300)

    def test_a_begin_in_the_future_counts_as_now(self):
        self._begin(-5000)
        seconds = run_directory.wall_seconds(self.directory, {})
        self.assertBetween(seconds, 0, 300)

    def test_a_run_that_has_ended_takes_no_longer(self):
        self._begin(1000)
        summary = {"num_parameters": 3}
        kept = summary | {"wall_seconds": 70.5}
        run_directory.write_json(self.directory, "summary.json", kept)
        self.assertEqual(run_directory.wall_seconds(self.directory, summary), 70.5)
        other = run_directory.wall_seconds(self.directory, {"num_parameters": 4})
        self.assertGreater(other, 900)

    @parameterized.parameters(({},), ({"time": "noon"},), (3,))
    def test_a_run_that_has_not_kept_its_begin_counts_from_its_file(self, begun):
        run_directory.write_json(self.directory, "config.json", {"begun_with": begun})
        path = os.path.join(self.directory, "config.json")
        os.utime(path, (time.time() - 1000,) * 2)
        self.assertAlmostEqual(
            run_directory.wall_seconds(self.directory, {}), 1000, delta=300
        )

    def test_a_file_that_cannot_be_written_leaves_no_half(self):
        with (
            mock.patch.object(os, "replace", side_effect=OSError(28, "No space")),
            self.assertRaises(OSError),
        ):
            run_directory.write_json(self.directory, "a.json", {})
        self.assertEqual(os.listdir(self.directory), [])

    def test_a_search_that_has_not_ended_has_no_genome(self):
        run_directory.write_json(self.directory, "config.json", {})
        with self.assertRaisesRegex(ValueError, "whose search has not ended"):
            run_directory.read_run_genome(self.directory)

    def test_a_folder_that_cannot_be_made_is_a_clear_error(self):
        file = self.create_tempfile("file").full_path
        with self.assertRaisesRegex(ValueError, "`run_dir` must be a folder"):
            run_directory.make_run_directory(os.path.join(file, "run"))

    def test_a_file_is_replaced_whole(self):
        run_directory.write_json(self.directory, "a.json", {"x": 1})
        run_directory.write_json(self.directory, "a.json", {"x": 2})
        self.assertEqual(run_directory.read_json(self.directory, "a.json"), {"x": 2})
        self.assertEqual(os.listdir(self.directory), ["a.json"])


if __name__ == "__main__":
    absltest.main()
