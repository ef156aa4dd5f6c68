"""A search as a user runs it: killed, started again, and its SavedModel used."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys

import numpy as np
from absl.testing import absltest

from autometa_tf.testing.tiny_runs import TINY, check, run

# Uses the SavedModel as its users do, and must find nothing of ours imported.
CLIENT = """
import sys
import numpy as np, tensorflow as tf
learner = tf.saved_model.load(sys.argv[1])
images = np.random.default_rng(0).random((7, 8, 8, 1)).astype(np.float32)
labels = np.array([0, 1, 2, 3, 4, 0, 1], np.int32)
for name in ("serving_default", "adapt_and_predict_transductive"):
    answer = learner.signatures[name](
        support_images=tf.constant(images), support_labels=tf.constant(labels),
        query_images=tf.constant(images[:3]))
    assert answer["logits"].shape == (3, 5), answer
    np.testing.assert_allclose(answer["probabilities"].numpy().sum(1), 1, rtol=1e-5)
assert not any(name.startswith("autometa_tf") for name in sys.modules)
"""


class SearchRunTest(absltest.TestCase):
    def test_a_search_killed_and_started_again_leaves_everything(self):
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        arguments = (*TINY, f"--run_dir={run_dir}", "--num_workers=2")
        # Of the 55 cells of one block it evaluates as many as 20 seconds allow.
        arguments += ("--max_num_blocks=2", "--beam_size=2", "--time_budget_hours=0.01")
        self._kill_once_candidates_come(run_dir, arguments)
        done = check(run("bin.search", *arguments))
        # On a busy machine the stage may be over, and the second begun.
        self.assertNotIn("candidate 0/55 begins", done.stderr)
        for name in ("config.json", "search.sqlite", "genome.json", "splits.json"):
            self.assertTrue(os.path.isfile(os.path.join(run_dir, name)), name)
        self.assertNotEmpty(os.listdir(os.path.join(run_dir, "tensorboard", "search")))
        with open(os.path.join(run_dir, "summary.json")) as file:
            summary = json.load(file)
        self.assertEqual(summary["candidates_evaluated"], self._num_evaluated(run_dir))
        self.assertLessEqual(len(summary["genome"]["blocks"]), 2)
        self._check_accuracies(run_dir, summary)
        with open(os.path.join(run_dir, "config.json")) as file:
            scored = json.load(file)["scored"]
        self.assertEqual(
            [(each["part"], each["split"], each["episodes"]) for each in scored],
            [
                ("candidate", "validation", 4),
                ("finalist", "validation", 200),
                ("final", "test", 30),
            ],
        )
        saved_model = os.path.join(run_dir, "saved_model", "1")
        check(
            subprocess.run(
                [sys.executable, "-P", "-c", CLIENT, saved_model],
                capture_output=True,
                text=True,
            )
        )
        other = run("bin.search", *arguments, "--num_filters=3")
        self.assertEqual(other.returncode, 1)
        self.assertIn("num_filters: 16 stored, 3 given", other.stderr)

    def test_a_plan_is_printed_and_nothing_is_begun(self):
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        arguments = (*TINY, "--max_num_blocks=1", "--search_strategy=random", "--plan")
        done = check(run("bin.search", *arguments, f"--run_dir={run_dir}"))
        self.assertRegex(done.stdout, r"stage 1 +55 of 1 block +55 +[\d.e-]+ h\n")
        self.assertIn("measured: 1 cell on one core of this machine", done.stdout)
        self.assertFalse(os.path.exists(run_dir))

    def _kill_once_candidates_come(self, run_dir, arguments):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            [sys.executable, "-m", "bin.search", *arguments],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as driver:
            for line in driver.stderr:
                if "candidate 3/55:" in line:
                    driver.send_signal(signal.SIGKILL)
                    break
            driver.stderr.read()

    def _num_evaluated(self, run_dir):
        database = sqlite3.connect(os.path.join(run_dir, "search.sqlite"))
        with contextlib.closing(database):
            ((number,),) = database.execute(
                "SELECT COUNT(DISTINCT genome) FROM evaluation"
            )
        self.assertBetween(number, 4, 57)
        return number

    def _check_accuracies(self, run_dir, summary):
        accuracies = np.loadtxt(
            os.path.join(run_dir, "test_accuracies.csv"), delimiter=",", skiprows=2
        )
        self.assertEqual(accuracies.shape, (30, 3))
        for column, name in ((1, "transductive"), (2, "non_transductive")):
            score = summary["test_accuracy"][name]
            values = accuracies[:, column]
            self.assertAlmostEqual(score["mean"], values.mean())
            error = values.std(ddof=1) / np.sqrt(30)
            self.assertAlmostEqual(score["ci95"], 1.96 * error)
            self.assertEqual(score["num_episodes"], 30)


if __name__ == "__main__":
    absltest.main()
