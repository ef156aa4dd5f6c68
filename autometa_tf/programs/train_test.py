"""A full training as a user runs it, and what `evaluate` says of it."""

import json
import os

from absl.testing import absltest

from autometa_tf.testing.tiny_runs import TINY, check, run


class TrainRunTest(absltest.TestCase):
    def test_train_and_evaluate_agree(self):
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        arguments = [flag for flag in TINY if "num_parallel_episodes" not in flag]
        arguments += ["--baseline=conv4", f"--run_dir={run_dir}"]
        done = check(run("bin.train", *arguments))
        self._check_the_sitting(run_dir, done.stderr)
        with open(os.path.join(run_dir, "summary.json")) as file:
            trained = json.load(file)["test_accuracy"]
        # More episodes for the run; the same as before for its SavedModel.
        more = check(
            run("bin.evaluate", f"--run_dir={run_dir}", "--num_test_episodes=40")
        )
        self.assertEqual(json.loads(more.stdout)["transductive"]["num_episodes"], 40)
        self._check_protocols(run_dir)
        saved_model = os.path.join(run_dir, "saved_model", "1")
        served = check(
            run(
                "bin.evaluate",
                *(flag for flag in TINY if not flag.startswith("--scoring_")),
                f"--saved_model={saved_model}",
                f"--run_dir={run_dir}-served",
            )
        )
        served = json.loads(served.stdout)
        for name, score in trained.items():
            # Adaptation shuffles the support set in its own order.
            tolerance = 2 * (score["ci95"] + served[name]["ci95"])
            self.assertAlmostEqual(served[name]["mean"], score["mean"], delta=tolerance)

    def test_a_shared_head_is_scored_with_other_ways(self):
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        flags = ["--baseline=conv4", "--shared_head", f"--run_dir={run_dir}"]
        check(run("bin.train", *TINY, *flags))
        protocols = ("--protocol=ways=3", "--protocol=ways=8")
        learner = check(run("bin.evaluate", f"--run_dir={run_dir}", *protocols))
        served = check(
            run(
                "bin.evaluate",
                *(flag for flag in TINY if not flag.startswith("--scoring_")),
                f"--saved_model={run_dir}/saved_model/1",
                f"--run_dir={run_dir}-served",
                *protocols,
            )
        )
        self.assertIn("8-way 1-shot", served.stderr)
        for ways, one, other in zip(
            (3, 8),
            *(json.loads(done.stdout) for done in (learner, served)),
            strict=True,
        ):
            self.assertEqual(one["protocol"]["ways"], ways)
            self.assertEqual(other["protocol"]["ways"], ways)
            one, other = one["transductive"], other["transductive"]
            # Adaptation shuffles the support set in its own order.
            tolerance = 2 * (one["ci95"] + other["ci95"])
            self.assertAlmostEqual(one["mean"], other["mean"], delta=tolerance)

    def _check_protocols(self, run_dir):
        """One command scores under several, and the record says so."""
        done = check(
            run(
                "bin.evaluate",
                f"--run_dir={run_dir}",
                "--num_test_episodes=20",
                "--protocol=shots=5,queries_per_class=15",
                "--protocol=final_split=validation",
            )
        )
        queries, validation = json.loads(done.stdout)
        self.assertEqual(queries["dataset"], "glyphs")
        self.assertEqual(queries["protocol"]["queries_per_class"], 15)
        self.assertEqual(queries["transductive"]["num_episodes"], 20)
        self.assertIn("test classes, 5-way 5-shot, 15 queries a class", done.stderr)
        self.assertEqual(validation["protocol"]["shots"], 1)
        self.assertIn("validation classes, 5-way 1-shot, 1 query a class", done.stderr)
        with open(os.path.join(run_dir, "config.json")) as file:
            scored = json.load(file)["scored"]
        self.assertEqual(
            [(each["split"], each["shots"], each["episodes"]) for each in scored],
            [("test", 1, 30), ("test", 1, 40), ("test", 5, 20), ("validation", 1, 20)],
        )
        refused = run("bin.evaluate", f"--run_dir={run_dir}", "--ways=3")
        self.assertIn("error: `ways` must be 5, neither more nor fewer", refused.stderr)
        other = run("bin.evaluate", f"--run_dir={run_dir}", "--dataset=omniglot")
        self.assertIn("error: `dataset` must be 'glyphs', that of", other.stderr)
        saved_model = f"--saved_model={run_dir}/saved_model/1"
        self.assertIn(f"give {saved_model} in place of", other.stderr)
        photos = run("bin.evaluate", f"--run_dir={run_dir}", "--image_folder=photos")
        self.assertIn("Received: 'image_folder'. To score", photos.stderr)
        flags = [flag for flag in TINY if not flag.startswith("--scoring_")]
        refused = run(
            "bin.evaluate", *flags, saved_model, "--ways=3", f"--run_dir={run_dir}-3"
        )
        self.assertIn("error: `ways` must be 5, as the SavedModel's", refused.stderr)

    def _check_the_sitting(self, run_dir, said):
        """How many episodes run side by side is told and kept, and left to the rule."""
        with open(os.path.join(run_dir, "config.json")) as file:
            config = json.load(file)
        computation = config["experiment"]["computation"]
        self.assertIsNone(computation["num_parallel_episodes"])
        (sitting,) = config["sittings"]
        copies = sitting["num_parallel_episodes"]
        self.assertBetween(copies, 1, 5)
        self.assertIn(f"full training: {copies} episode(s) side by side, ", said)


if __name__ == "__main__":
    absltest.main()
