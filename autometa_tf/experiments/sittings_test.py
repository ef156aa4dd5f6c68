import time

from absl.testing import absltest, parameterized

from autometa_tf.candidates.sitting import Sitting
from autometa_tf.experiments import run_directory
from autometa_tf.experiments.sittings import MAY_DIFFER, keep_sitting


def _sitting(**changes):
    fields = {
        "num_parallel_episodes": 5,
        "kernels": "avx2",
        "processor": "Z80",
        "tensorflow": "2.21.0",
    }
    return Sitting(**fields | changes)


class SittingsTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.create_tempdir().full_path
        self.config = {"a": 1, "final": {"num_parallel_episodes": None}}
        run_directory.keep_config(self.directory, self.config, MAY_DIFFER)

    def test_each_is_kept_with_what_it_had(self):
        keep_sitting(self.directory, "candidate", _sitting())
        keep_sitting(self.directory, "final", _sitting(num_parallel_episodes=3))
        config = run_directory.read_json(self.directory, "config.json")
        self.assertEqual(config["a"], 1)
        first, second = config["sittings"]
        begun = time.strptime(first.pop("begun"), "%Y-%m-%dT%H:%M:%SZ")
        self.assertEqual(begun.tm_year, time.gmtime().tm_year)
        self.assertEqual(
            first,
            {
                "part": "candidate",
                "num_parallel_episodes": 5,
                "kernels": "avx2",
                "processor": "Z80",
                "tensorflow": "2.21.0",
            },
        )
        self.assertEqual(second["part"], "final")
        self.assertEqual(second["num_parallel_episodes"], 3)

    def test_what_differs_from_the_sitting_before_is_told(self):
        self.assertIsNone(keep_sitting(self.directory, "candidate", _sitting()))
        self.assertIsNone(keep_sitting(self.directory, "final", _sitting()))
        other = _sitting(kernels="avx512", processor="6502")
        self.assertEqual(
            keep_sitting(self.directory, "candidate", other),
            {"kernels": "avx2", "processor": "Z80"},
        )
        self.assertEqual(keep_sitting(self.directory, "candidate", other), {})

    def test_a_run_with_sittings_goes_on_with_another_number_side_by_side(self):
        keep_sitting(self.directory, "final", _sitting())
        other = self.config | {"final": {"num_parallel_episodes": 2}}
        run_directory.keep_config(self.directory, other, MAY_DIFFER)
        with self.assertRaisesRegex(ValueError, "a: 1 stored, 2 given"):
            run_directory.keep_config(self.directory, other | {"a": 2}, MAY_DIFFER)

    @parameterized.parameters(({},), ("x",), ([1],))
    def test_damaged_sittings_are_a_clear_error(self, damaged):
        content = {"sittings": damaged}
        run_directory.write_json(self.directory, "config.json", content)
        with self.assertRaisesRegex(ValueError, "`sittings` in .* must be a list"):
            keep_sitting(self.directory, "final", _sitting())


if __name__ == "__main__":
    absltest.main()
