"""Runs the programs in processes of their own, on as little as can be."""

import os
import subprocess
import sys

# As little as can be of everything, by the names of an experiment's fields.
TINY_FIELDS = {
    "dataset": "glyphs",
    "image_size": 8,
    "num_filters": 16,  # So that normalisation is one operation to trace, not sixty.
    "outer_iterations": 1,
    "inner_iterations": 1,
    "scoring_inner_iterations": 2,
    "num_scoring_episodes": 4,
    "num_parallel_episodes": 1,
    "final_outer_iterations": 30,
    "num_test_episodes": 30,
}
TINY = tuple(f"--{name}={value}" for name, value in TINY_FIELDS.items())


def run(module: str, *arguments: str) -> subprocess.CompletedProcess:
    """Runs a program to its end, however it ends."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def check(done: subprocess.CompletedProcess) -> subprocess.CompletedProcess:
    """Raises AssertionError, with all it said, for a program that has failed."""
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return done
