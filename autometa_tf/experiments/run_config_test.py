import os

from absl.testing import absltest, parameterized

from autometa_tf import __version__
from autometa_tf.experiments.json_file import write_json
from autometa_tf.experiments.run_config import read_run_config, records_in
from autometa_tf.experiments.run_directory import RunDirectory


class RunConfigTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.create_tempdir().full_path, "config.json")

    def test_what_was_written_is_read(self):
        content = {"experiment": {"seed": 3}, "version": __version__}
        write_json(self.path, content)
        self.assertEqual(read_run_config(self.path), content)

    @parameterized.parameters("", "[]", "{", "5", '{"experiment": {}}')
    def test_a_damaged_configuration_is_a_clear_error(self, text):
        with open(self.path, "w") as file:
            file.write(text)
        with self.assertRaisesRegex(ValueError, "must"):
            RunDirectory(os.path.dirname(self.path)).experiment  # noqa: B018

    def test_a_folder_without_a_run_is_named(self):
        folder = os.path.dirname(self.path)
        with self.assertRaisesRegex(
            ValueError, f"must be the folder of a run.* Received: '{folder}'"
        ):
            read_run_config(self.path)

    def test_a_run_of_an_earlier_version_is_named_with_it(self):
        write_json(self.path, {"dataset": {}, "final": {}})
        with self.assertRaisesRegex(
            ValueError,
            f"version {__version__}, this one. Received: .*, of version 0.1.0",
        ):
            read_run_config(self.path)

    def test_a_list_of_records_is_returned(self):
        self.assertEqual(records_in({"scored": [{"a": 1}]}, "scored"), [{"a": 1}])

    @parameterized.parameters(({},), ("x",), ([1],), (None,))
    def test_a_damaged_list_is_a_clear_error(self, damaged):
        with self.assertRaisesRegex(
            ValueError, "`scored` in config.json must be a list"
        ):
            records_in({"scored": damaged}, "scored")


if __name__ == "__main__":
    absltest.main()
