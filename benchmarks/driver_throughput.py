"""How many workers one driver keeps busy.

  bazel run //benchmarks:driver_throughput

Sends thousands of candidates that cost nothing through the real loop, store and Ray,
as many of them in flight as a thousand workers would have, and takes the time that each
costs the driver. A simulation then says how busy any number of workers would be, if
candidates cost what real ones do.
"""

import argparse
import contextlib
import heapq
import os
import random
import tempfile
import time

from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.loop import run_search
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.store import open_store
from autometa_tf.workers.local_evaluator import LocalEvaluator
from autometa_tf.workers.ray_evaluator import RayEvaluator
from autometa_tf.workers.workers_config import WorkersConfig

_KEY = EvaluationKey(seed=0, outer_iterations=1, rung=1, num_episodes=2)
_NUM_REPORTS = 5
_NUM_IN_FLIGHT = 1_000


def evaluate(request: EvaluationRequest) -> Evaluation:
    """Costs nothing."""
    return Evaluation(genome=request.genome, key=request.key, score=0.5)


def measure(evaluator, num_candidates: int) -> float:
    """Runs a search; returns the seconds that each candidate takes the driver."""
    # PNAS's budget: 55 candidates, then four stages of this size.
    strategy = RandomSearch(SearchConfig(beam_size=(num_candidates - 55) // 4), seed=0)
    plan = plan_without_rungs(_KEY)
    times = []

    def report(progress):
        times.append(time.monotonic())
        done = progress.search_done
        if done and done % (num_candidates // _NUM_REPORTS) == 0:
            seconds = times[-1] - times[1]
            print(
                f"{done:7,} candidates, {done / seconds:6,.0f} a second, "
                f"{_memory_mib():5,.0f} MiB in the driver",
                flush=True,
            )

    with (
        contextlib.closing(evaluator),
        tempfile.TemporaryDirectory() as run_dir,
        open_store(run_dir) as store,
    ):
        run_search(strategy, evaluator, store, plan=plan, report=report)
    # From the first candidate on, when Ray has started.
    return (times[-1] - times[1]) / (len(times) - 2)


def simulate(
    num_workers: int, candidate_seconds: float, driver_seconds: float
) -> float:
    """The share of their time that workers work, the rest being waits for the driver.

    Candidates take half to one and a half times `candidate_seconds`. The driver serves
    one worker at a time, for `driver_seconds`, in the order in which they end.
    """
    generator = random.Random(0)
    ends = [0.0] * num_workers
    now = work = waits = 0.0
    for _ in range(20 * num_workers):
        end = heapq.heappop(ends)
        now = max(now, end) + driver_seconds
        seconds = candidate_seconds * generator.uniform(0.5, 1.5)
        heapq.heappush(ends, now + seconds)
        work += seconds
        waits += now - end
    return work / (work + waits)


def _memory_mib() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num_candidates", type=int, default=10_000)
    parser.add_argument("--num_workers", type=int, default=2)
    arguments = parser.parse_args()
    print("Loop and store alone:")
    measure(LocalEvaluator(evaluate), arguments.num_candidates)
    print(
        f"Loop, store and Ray with {arguments.num_workers} workers and "
        f"{_NUM_IN_FLIGHT:,} candidates in flight:"
    )
    # Workers that are never renewed: in a cluster, that is not the driver's work.
    evaluator = RayEvaluator(
        evaluate,
        config=WorkersConfig(num_workers=arguments.num_workers),
        num_queued=_NUM_IN_FLIGHT,
        candidates_per_worker=0,
    )
    driver_seconds = measure(evaluator, arguments.num_candidates)
    print(f"The driver: {1000 * driver_seconds:.1f} ms for each candidate.")
    print("Share of their time that workers work, simulated:")
    print("  workers  10 s candidates  1 minute  5 minutes")
    for num_workers in (10, 100, 1_000, 10_000):
        shares = [simulate(num_workers, cost, driver_seconds) for cost in (10, 60, 300)]
        print(
            f"  {num_workers:7,}  {shares[0]:15.1%}  {shares[1]:8.1%}  {shares[2]:9.1%}"
        )


if __name__ == "__main__":
    main()
