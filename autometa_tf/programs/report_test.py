import contextlib
import io
import os
import subprocess
import sys
from unittest import mock

from absl.testing import absltest, flagsaver, parameterized

from autometa_tf.experiments.json_file import write_json
from autometa_tf.programs import report
from autometa_tf.search.store import STORE_FILE_NAME
from autometa_tf.testing import fake_run


class ReportTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.create_tempdir().full_path
        self.run_dir = os.path.join(self.directory, "runs", "pnas")

    def report(self, **values) -> list[str]:
        """What the program prints for these flags, line by line."""
        output = io.StringIO()
        with flagsaver.flagsaver(**values), contextlib.redirect_stdout(output):
            report.main()
        return output.getvalue().splitlines()

    def run_program(self, *arguments):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(
            [sys.executable, "-m", "bin.report", *arguments],
            env=environment,
            capture_output=True,
            text=True,
        )

    def test_prints_the_path_and_a_summary(self):
        fake_run.write_run(self.run_dir, summary=fake_run.SUMMARY)
        page, path, *lines = self.report(run_dir=self.run_dir)
        self.assertEqual(page, os.path.join(self.run_dir, "report", "report.html"))
        self.assertEqual(path, os.path.join(self.run_dir, "report", "report.md"))
        self.assertTrue(os.path.exists(page))
        self.assertTrue(os.path.exists(path))
        self.assertEqual(lines[0], "Run pnas: finished")
        self.assertBetween(len(lines), 5, 10)

    def test_compares_runs(self):
        other = os.path.join(self.directory, "runs", "random")
        config = fake_run.experiment(search_strategy="random")
        fake_run.write_run(self.run_dir)
        fake_run.write_run(other, config=config)
        page, path, *lines = self.report(run_dirs=[self.run_dir, other])
        self.assertTrue(os.path.exists(page))
        expected = os.path.join(self.run_dir, "comparison", "comparison.md")
        self.assertEqual(path, expected)
        self.assertTrue(os.path.exists(path))
        self.assertEqual(lines[0].split(), ["pnas", "random"])

    def test_writes_elsewhere_where_the_run_may_only_be_read(self):
        fake_run.write_run(self.run_dir)
        elsewhere = os.path.join(self.directory, "elsewhere")
        page, *_ = self.report(run_dir=self.run_dir, output_dir=elsewhere)
        self.assertEqual(page, os.path.join(elsewhere, "report.html"))
        self.assertNotIn("report", os.listdir(self.run_dir))

    def test_watches_until_the_run_has_ended(self):
        evaluations = fake_run.EVALUATIONS[:3]
        run = fake_run.write_run(self.run_dir, evaluations=evaluations)
        page = os.path.join(self.run_dir, "report", "report.html")
        seen = []

        def sleep(seconds):
            with open(page, encoding="utf-8") as file:
                seen.append('http-equiv="refresh"' in file.read())
            if len(seen) == 2:
                write_json(run.summary_path, fake_run.SUMMARY.to_json())
            self.assertLess(len(seen), 3)

        with mock.patch.object(report.time, "sleep", sleep), run.open_store():
            self.report(run_dir=self.run_dir, watch=True)
        self.assertEqual(seen, [True, True])
        with open(page, encoding="utf-8") as file:
            self.assertNotIn('http-equiv="refresh"', file.read())

    def test_watches_no_run_that_nobody_drives(self):
        run = fake_run.write_run(self.run_dir, evaluations=fake_run.EVALUATIONS[:3])
        driver = contextlib.ExitStack()
        driver.enter_context(run.open_store())
        looks = []

        def sleep(seconds):
            looks.append(seconds)
            if (
                len(looks) == 3
            ):  # The third look sees no driver, and so does the fourth.
                driver.close()

        with mock.patch.object(report.time, "sleep", sleep):
            self.report(run_dir=self.run_dir, watch=True)
        self.assertLen(looks, 4)
        page = os.path.join(self.run_dir, "report", "report.html")
        with open(page, encoding="utf-8") as file:
            self.assertNotIn('http-equiv="refresh"', file.read())

    def test_whoever_stops_watching_leaves_a_page_at_rest(self):
        fake_run.write_run(self.run_dir, evaluations=fake_run.EVALUATIONS[:3])
        with (
            mock.patch.object(report.time, "sleep", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.report(run_dir=self.run_dir, watch=True)
        page = os.path.join(self.run_dir, "report", "report.html")
        with open(page, encoding="utf-8") as file:
            self.assertNotIn('http-equiv="refresh"', file.read())

    @parameterized.parameters(
        ({}, "Either `run_dir` or `run_dirs` must be given"),
        ({"run_dir": "a", "run_dirs": ["b", "c"]}, "Either `run_dir` or `run_dirs`"),
        ({"run_dirs": ["a"]}, "`run_dirs` must be two or more"),
        ({"run_dirs": ["a", "b"], "watch": True}, "`watch` must come with `run_dir`"),
    )
    def test_flags_that_do_not_go_together(self, values, message):
        with self.assertRaisesRegex(ValueError, message):
            self.report(**values)

    def test_never_loads_tensorflow(self):
        fake_run.write_run(self.run_dir)
        script = (
            "import sys\nfrom absl import flags\nfrom autometa_tf.programs import report\n"
            "flags.FLAGS(sys.argv)\nreport.main()\n"
            "sys.exit('tensorflow' in sys.modules)\n"
        )
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", script, f"--run_dir={self.run_dir}"],
            env=environment,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_folder_without_a_search_is_one_line(self):
        done = self.run_program(f"--run_dir={self.directory}")
        self.assertEqual(done.returncode, 1)
        path = os.path.join(self.directory, STORE_FILE_NAME)
        self.assertEqual(
            done.stderr, f"error: Search store {path!r}: no search has begun there.\n"
        )
        self.assertEmpty(os.listdir(self.directory))

    def test_a_damaged_store_is_one_line(self):
        fake_run.write_run(self.run_dir)
        path = os.path.join(self.run_dir, STORE_FILE_NAME)
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2)
        done = self.run_program(f"--run_dir={self.run_dir}")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^error: Search store .*: it is damaged.*\n$")

    def test_a_folder_that_cannot_be_written_is_one_line(self):
        fake_run.write_run(self.run_dir)
        file = os.path.join(self.directory, "file")
        open(file, "w").close()
        done = self.run_program(f"--run_dir={self.run_dir}", f"--output_dir={file}")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^error: .*File exists: .*\n$")


if __name__ == "__main__":
    absltest.main()
