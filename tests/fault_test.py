"""Kills driver and workers of a search, and compares it with one left alone."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from absl.testing import absltest

from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.loop import run_search
from autometa_tf.search.store import open_store, open_store_to_read
from autometa_tf.testing.fake_evaluator import FakeEvaluator, structure_score
from tests import fake_search

# Evaluations begun when the driver is killed, out of 75.
_KILLED_AT = (12, 35, 60)
# Two candidates run at a time and two wait: what a killed driver can lose.
_IN_FLIGHT = 4


class FaultTest(absltest.TestCase):
    """One search that is killed again and again, seen from several sides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = pathlib.Path(tempfile.mkdtemp(dir=absltest.TEST_TMPDIR.value))
        cls.run_dir = folder / "killed"
        cls.journal = folder / "journal"
        cls.journal.touch()
        cls.stored_at_kills = []
        for count in _KILLED_AT:
            driver = cls.start_driver()
            cls.wait_for_evaluations(count - 3, driver)
            cls.kill_a_worker()
            cls.wait_for_evaluations(count, driver)
            driver.kill()
            driver.wait()
            cls.stored_at_kills.append(cls.stored())
        cls.last_status = cls.start_driver().wait(timeout=600)
        cls.found = cls.stored()
        with open_store(folder / "undisturbed") as store:
            cls.undisturbed = run_search(
                fake_search.make_strategy(),
                FakeEvaluator(score=structure_score),
                store,
                plan=plan_without_rungs(fake_search.KEY),
            )

    @classmethod
    def start_driver(cls) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.fake_search"]
            + [f"--run_dir={cls.run_dir}", f"--journal={cls.journal}"]
        )

    @classmethod
    def wait_for_evaluations(cls, count, driver):
        deadline = time.monotonic() + 300
        while len(cls.begun()) < count:
            if time.monotonic() > deadline or driver.poll() is not None:
                raise RuntimeError(f"Fewer than {count} evaluations have begun.")
            time.sleep(0.02)

    @classmethod
    def kill_a_worker(cls):
        while True:
            try:
                return os.kill(random.choice(cls.workers()), signal.SIGKILL)
            except ProcessLookupError:  # It was renewed just then.
                time.sleep(0.02)

    @classmethod
    def begun(cls) -> list[str]:
        """A line for each evaluation that was begun, also for what was lost."""
        return cls.journal.read_text().splitlines()

    @classmethod
    def workers(cls) -> list[int]:
        """The processes that began the latest evaluations."""
        return [int(line.split()[0]) for line in cls.begun()[-2:]]

    @classmethod
    def stored(cls) -> dict:
        with open_store_to_read(cls.run_dir) as store:
            return {each.genome: each for each in store.read_evaluations()}

    def test_it_ends_well(self):
        self.assertEqual(self.last_status, 0)

    def test_it_finds_the_same_scores_for_the_same_candidates(self):
        self.assertEqual(
            {genome: each.score for genome, each in self.found.items()},
            {
                genome: each.score
                for genome, each in self.undisturbed.evaluations.items()
            },
        )

    def test_it_finds_the_same_winner(self):
        best = max(self.found.values(), key=lambda each: each.score)
        self.assertEqual(best.genome, self.undisturbed.best.genome)

    def test_what_was_stored_when_it_was_killed_stays_as_it_was(self):
        for stored in self.stored_at_kills:
            self.assertNotEmpty(stored)
            self.assertContainsSubset(stored.items(), self.found.items())

    def test_only_what_was_in_flight_is_done_again(self):
        kills = len(_KILLED_AT)
        self.assertLessEqual(
            len(self.begun()), len(self.found) + kills * (_IN_FLIGHT + 1)
        )

    def test_a_killed_driver_leaves_no_worker_behind(self):
        processes = {line.split()[0] for line in self.begun()}
        deadline = time.monotonic() + 60  # A busy machine ends them at its leisure.
        while left := [name for name in processes if _is_worker(name)]:
            self.assertLess(time.monotonic(), deadline, left)
            time.sleep(0.2)


def _is_worker(process: str) -> bool:
    """Whether a worker of Ray's, and not a later process of the same number, lives."""
    try:
        return b"ray::" in pathlib.Path("/proc", process, "cmdline").read_bytes()
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    absltest.main()
