"""The front door: the names that users import, and what importing them costs."""

import importlib
import pathlib
import subprocess
import sys

from absl.testing import absltest, parameterized

import autometa_tf as am

# What there is: adding a name here is a promise to users, removing one breaks them.
PUBLIC_NAMES = [
    "Block",
    "Cell",
    "ClassImages",
    "ClassSplits",
    "Classifier",
    "Conv4",
    "ExperimentConfig",
    "Genome",
    "Learner",
    "NetworkConfig",
    "RunDirectory",
    "RunSummary",
    "Score",
    "Task",
    "WorkersConfig",
    "build_network",
    "candidate_rows",
    "draw_cell",
    "evaluate",
    "evaluate_protocols",
    "load_dataset",
    "load_learner",
    "open_run",
    "read_genome",
    "release_learner",
    "search_cell",
    "train",
    "write_genome",
]
# Of these all has names for users but what only programs and kernels do.
ROOMS = [
    "candidates",
    "episodes",
    "experiments",
    "exports",
    "genomes",
    "learners",
    "networks",
    "predictors",
    "reports",
    "search",
    "workers",
]


class PublicNamesTest(parameterized.TestCase):
    def test_the_names_are_these(self):
        self.assertEqual(am.__all__, PUBLIC_NAMES)

    @parameterized.parameters(*PUBLIC_NAMES)
    def test_each_is_there_and_says_what_it_is(self, name):
        self.assertTrue(getattr(am, name).__doc__)
        self.assertIn(name, dir(am))

    @parameterized.parameters(*ROOMS)
    def test_each_rooms_names_are_there(self, room):
        package = importlib.import_module(f"autometa_tf.{room}")
        self.assertNotEmpty(package.__all__)
        for name in package.__all__:
            found = getattr(package, name)
            self.assertEqual(found.__name__, name)
            # No module of the room may have its name, or would take its place.
            self.assertFalse(
                pathlib.Path(package.__file__).with_name(f"{name}.py").exists()
            )

    @parameterized.parameters(am, "autometa_tf.search")
    def test_another_name_is_an_attribute_error(self, package):
        if isinstance(package, str):
            package = importlib.import_module(package)
        with self.assertRaisesRegex(AttributeError, "has no attribute 'serch'"):
            package.serch  # noqa: B018

    def answer(self, script):
        """What a fresh process prints that has imported the package."""
        done = subprocess.run(
            [sys.executable, "-c", f"import sys, autometa_tf as am; {script}"],
            env={"PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def test_importing_it_imports_next_to_nothing(self):
        heavy = {"tensorflow", "keras", "numpy", "absl", "matplotlib", "ray"}
        script = f"from autometa_tf import search; print({heavy} & set(sys.modules))"
        self.assertEqual(self.answer(script), "set()")

    @parameterized.parameters(
        "ExperimentConfig", "open_run", "search_cell", "Cell", "WorkersConfig"
    )
    def test_what_needs_no_tensorflow_does_not_import_it(self, name):
        script = f"am.{name}; print('tensorflow' in sys.modules)"
        self.assertEqual(self.answer(script), "False")


if __name__ == "__main__":
    absltest.main()
