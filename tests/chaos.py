"""Kills workers, machines and the driver of a real search, again and again.

  ./bazelw test //tests:chaos --test_output=streamed

The search runs on three machines that Ray simulates on the loopback device of this
one. It must end as a search that was left alone did: the same genome and the same
scores, and no evaluation that was stored is ever made again. It takes a quarter of an
hour.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

# Read by Ray when it is imported: keeps all of its sockets on loopback.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"

import psutil
from absl.testing import absltest
from ray.cluster_utils import Cluster

from autometa_tf.search.store import StoreError, open_store_to_read

_NUM_MACHINES = 3
_NUM_KILLS = 20
# How many evaluations come between two kills, and how long to wait after the last.
_EVALUATIONS_BETWEEN_KILLS = (1, 4)
_MAX_DELAY_SECONDS = 3.0
# One of these dies each time.
_VICTIMS = ("worker", "worker", "driver", "machine")
_SEARCH = (
    "--dataset=glyphs",
    "--preset=quick",
    "--image_size=14",
    "--num_filters=4",
    "--max_num_blocks=3",
    "--beam_size=10",
    "--outer_iterations=10",
    "--num_scoring_episodes=10",
    "--final_outer_iterations=50",
    "--num_test_episodes=20",
    "--num_parallel_episodes=5",
    "--max_retries_per_candidate=20",
)


class Search:
    """A search as a process that can be killed and started again."""

    def __init__(self, run_dir: pathlib.Path, *flags: str):
        self.run_dir = run_dir
        self._command = [sys.executable, "-m", "bin.search", f"--run_dir={run_dir}"]
        self._command += [*_SEARCH, *flags]
        self.start()

    def start(self):
        self.driver = subprocess.Popen(self._command)

    def kill(self):
        self.driver.kill()
        self.driver.wait()

    @property
    def has_ended(self) -> bool:
        return self.driver.poll() is not None

    def read(self, name: str) -> dict:
        return json.loads((self.run_dir / name).read_text())

    def evaluations(self) -> dict:
        """What is stored, by genome."""
        try:
            with open_store_to_read(self.run_dir) as store:
                return {each.genome: each for each in store.read_evaluations()}
        except StoreError:  # not there yet
            return {}


class Chaos:
    """Kills something of a search on a cluster at each call."""

    def __init__(self, search: Search, cluster: Cluster, machines: list, seed: int):
        self._search = search
        self._cluster = cluster
        self._machines = machines
        self._random = random.Random(seed)

    def wait(self):
        """Until the search has got on a little, or has ended."""
        goal = len(self._search.evaluations())
        goal += self._random.randint(*_EVALUATIONS_BETWEEN_KILLS)
        while len(self._search.evaluations()) < goal and not self._search.has_ended:
            time.sleep(0.5)
        time.sleep(self._random.uniform(0, _MAX_DELAY_SECONDS))

    def kill(self) -> str:
        """Returns what it killed."""
        victim = self._random.choice(_VICTIMS)
        if victim == "machine":
            machine = self._random.choice(self._machines)
            self._machines.remove(machine)
            self._cluster.remove_node(machine, allow_graceful=False)
            self._machines.append(self._cluster.add_node(num_cpus=1))
        elif victim == "worker" and (workers := _workers()):
            self._random.choice(workers).kill()
        else:
            victim = "driver"
            self._search.kill()
            self._search.start()
        return victim


def _workers() -> list[psutil.Process]:
    """The processes that evaluate a candidate just now."""
    found = []
    for process in psutil.process_iter():
        try:
            if "ray::_evaluate_in_worker" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:  # it has just ended
            pass
    return found


class ChaosTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = pathlib.Path(tempfile.mkdtemp(dir=absltest.TEST_TMPDIR.value))
        undisturbed = Search(folder / "undisturbed", f"--num_workers={_NUM_MACHINES}")
        undisturbed.driver.wait()
        cls.undisturbed = undisturbed
        head = {"num_cpus": 0, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        cls.addClassCleanup(cluster.shutdown)
        machines = [cluster.add_node(num_cpus=1) for _ in range(_NUM_MACHINES)]
        cls.search = Search(folder / "killed", f"--ray_address={cluster.address}")
        seed = random.randrange(1000)
        print(f"seed {seed}", flush=True)
        chaos = Chaos(cls.search, cluster, machines, seed)
        cls.stored_at_kills = []
        while not cls.search.has_ended and len(cls.stored_at_kills) < _NUM_KILLS:
            chaos.wait()
            victim = chaos.kill()
            cls.stored_at_kills.append(cls.search.evaluations())
            count = len(cls.stored_at_kills[-1])
            print(f"killed a {victim}; {count} evaluations stored", flush=True)
        cls.search.driver.wait()

    def test_there_was_chaos(self):
        self.assertLen(self.stored_at_kills, _NUM_KILLS)

    def test_it_ends_well(self):
        self.assertEqual(self.search.driver.returncode, 0)

    def test_it_finds_the_same_genome(self):
        self.assertEqual(
            self.search.read("genome.json"), self.undisturbed.read("genome.json")
        )

    def test_it_finds_the_same_scores(self):
        found, expected = (
            {genome: each.score for genome, each in search.evaluations().items()}
            for search in (self.search, self.undisturbed)
        )
        self.assertEqual(found, expected)

    def test_it_trains_the_same_network_in_the_end(self):
        found, expected = (
            search.read("summary.json")["test_accuracy"]
            for search in (self.search, self.undisturbed)
        )
        self.assertEqual(found, expected)

    def test_what_was_stored_is_never_made_again(self):
        found = self.search.evaluations()
        for stored in self.stored_at_kills:
            self.assertContainsSubset(stored.items(), found.items())


if __name__ == "__main__":
    absltest.main()
