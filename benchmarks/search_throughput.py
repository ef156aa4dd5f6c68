"""Measures a search: candidates per hour, memory, and what all but training costs.

  bazel run //benchmarks:search_throughput
  bazel run //benchmarks:search_throughput -- --images=mini_imagenet --repeats=3

`--images=omniglot` and `--images=mini_imagenet` are noise of as many images as those
datasets train on, so that memory is told as it will be.
"""

import collections
import contextlib
import dataclasses
import functools
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable

import numpy as np
from absl import app, flags

from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.candidates.evaluate_genome import evaluate_genome
from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.glyphs import load_glyphs
from autometa_tf.genomes.expansion import expand_genome
from autometa_tf.genomes.genome import Genome, read_genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.predictors.lstm_predictor import LstmPredictor
from autometa_tf.predictors.predictor_config import PredictorConfig
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.loop import run_search
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState
from autometa_tf.search.store import open_store
from autometa_tf.workers.local_evaluator import LocalEvaluator
from autometa_tf.workers.ray_evaluator import RayEvaluator
from autometa_tf.workers.workers_config import WorkersConfig
from benchmarks.timing import time_interleaved
from benchmarks.workloads import candidate_config, noise_classes

_CELL = (
    pathlib.Path(__file__).parents[1] / "testdata" / "genomes" / "auto_meta_small.json"
)

WHAT = flags.DEFINE_multi_enum(
    "what",
    ["start", "predictor", "overhead", "candidates"],
    ["start", "predictor", "overhead", "candidates"],
    "What to measure.",
)
IMAGES = flags.DEFINE_enum(
    "images", "glyphs", ["glyphs", "omniglot", "mini_imagenet"], "See above."
)
REPEATS = flags.DEFINE_integer("repeats", 5, "Turns of each number of workers.")
OUTER_ITERATIONS = flags.DEFINE_integer("outer_iterations", 100, "Of a candidate.")
SCORING_EPISODES = flags.DEFINE_integer("scoring_episodes", 50, "Of a candidate.")
WORKERS = flags.DEFINE_multi_integer("workers", [1, 2], "How many at a time.")
NUM_PARALLEL_EPISODES = flags.DEFINE_integer(
    "num_parallel_episodes", None, "Episodes side by side. Default: the product's rule."
)

_NUM_TRIVIAL = 1000
_KEY = EvaluationKey(seed=0, outer_iterations=1, rung=1, num_episodes=2)


def main(_):
    """Measures and prints, one line for each figure."""
    use_devices(num_threads=1, gpus=False)  # As a search does.
    measurements = {
        "start": _measure_start,
        "predictor": _measure_predictor,
        "overhead": _measure_overhead,
        "candidates": _measure_candidates,
    }
    for name in WHAT.value:
        measurements[name]()


def _say(text: str):
    print(text, flush=True)


def _measure_start():
    """From the launch of a search to the first outer iteration of a candidate.

    Its candidates make one outer iteration, so the first line about one comes hardly
    later than that. The lines before it tell what the time went to.
    """
    with tempfile.TemporaryDirectory() as run_dir:
        command = [
            *(sys.executable, "-m", "bin.search", "--dataset=glyphs"),
            *("--outer_iterations=1", "--num_scoring_episodes=2", "--num_workers=1"),
            *("--scoring_inner_iterations=1", f"--run_dir={run_dir}"),
        ]
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        lines = []
        try:
            for line in process.stderr:
                lines.append(line)
                seconds = time.monotonic() - start
                if "candidate 1/" in line:
                    _say(f"from launch to a first candidate's score: {seconds:.1f} s")
                    return
                _say(f"  {seconds:.1f} s: {line.rstrip()}")
        finally:
            process.terminate()
            process.communicate()
    raise RuntimeError(f"The search found no candidate. It said: {''.join(lines)}")


def _measure_predictor():
    """The last and largest stage of the paper's search."""
    genomes = [
        genome
        for num_blocks, beam_size in ((1, 1), (2, 45), (3, 22), (4, 15))
        for genome in _random_genomes(num_blocks, beam_size)
    ]
    beam = [genome for genome in genomes if genome.num_blocks == 4][:100]
    candidates = [child for genome in beam for child in expand_genome(genome)]
    scores = np.random.default_rng(0).uniform(size=len(genomes)).tolist()
    predictor = LstmPredictor(PredictorConfig(), seed=0)
    for number in (1, len(candidates)):
        start = time.monotonic()
        predictor.fit_predict(genomes, scores, candidates[:number])
        _say(
            f"predictor fitted to {len(genomes)} scores, {number:,} candidates "
            f"predicted: {time.monotonic() - start:.1f} s"
        )


def _random_genomes(num_blocks: int, beam_size: int) -> tuple[Genome, ...]:
    config = SearchConfig(max_num_blocks=num_blocks, beam_size=beam_size)
    return RandomSearch(config, seed=0).suggest(SearchState()).genomes


def _measure_overhead():
    """What a candidate costs besides its evaluation."""
    strategy = RandomSearch(
        SearchConfig(max_num_blocks=2, beam_size=_NUM_TRIVIAL - 55), seed=0
    )
    with (
        tempfile.TemporaryDirectory() as run_dir,
        open_store(run_dir) as store,
    ):
        start = time.monotonic()
        plan = plan_without_rungs(_KEY)
        run_search(strategy, LocalEvaluator(evaluate_nothing), store, plan=plan)
        seconds = time.monotonic() - start
    _say(f"loop and store: {1000 * seconds / _NUM_TRIVIAL:.2f} ms a candidate")
    with contextlib.closing(_ray(evaluate_nothing, 2)) as evaluator:
        genomes = _random_genomes(2, _NUM_TRIVIAL - 55)
        start = time.monotonic()
        list(evaluator.evaluate(_requests(genomes[:2])))
        _say(f"Ray's start, to a first result: {time.monotonic() - start:.1f} s")
        start = time.monotonic()
        list(evaluator.evaluate(_requests(genomes)))
        seconds = time.monotonic() - start
    _say(f"Ray's scheduling: {1000 * seconds / len(genomes):.2f} ms a candidate")


def evaluate_nothing(request: EvaluationRequest) -> Evaluation:
    """An evaluation that costs nothing."""
    return Evaluation(genome=request.genome, key=request.key, score=0.5)


def _requests(
    genomes: Iterable[Genome], key: EvaluationKey = _KEY
) -> collections.deque[EvaluationRequest]:
    return collections.deque(
        EvaluationRequest(genome=genome, key=key) for genome in genomes
    )


def _ray(evaluate, num_workers: int, **config) -> RayEvaluator:
    return RayEvaluator(
        evaluate,
        config=WorkersConfig(num_workers=num_workers, **config),
        candidates_per_worker=0,
    )


def _measure_candidates():
    """Candidates per hour by number of single-threaded workers, and their memory.

    The numbers of workers take turns. The candidate is the paper's cell, again and
    again: at the end of a turn no worker waits for another's longer one.
    """
    cell = read_genome(_CELL)
    train, scoring = _load_images()
    config = candidate_config(train.image_shape)
    config = dataclasses.replace(
        config,
        computation=ComputationConfig(
            num_parallel_episodes=NUM_PARALLEL_EPISODES.value
        ),
    )
    key = EvaluationKey(
        seed=config.seed,
        outer_iterations=OUTER_ITERATIONS.value,
        rung=OUTER_ITERATIONS.value,
        num_episodes=SCORING_EPISODES.value,
    )
    candidate = functools.partial(
        evaluate_genome, config=config, train=train, scoring=scoring
    )
    done = []
    first, most = WORKERS.value[0], max(WORKERS.value)
    per_turn = 2 * most

    def evaluate(evaluator, num_candidates):
        done.extend(evaluator.evaluate(_requests([cell] * num_candidates, key)))

    with contextlib.closing(_ray(candidate, most)) as evaluator:
        evaluate(evaluator, most)  # Starts the workers.
        turns = {}
        for n in WORKERS.value:  # On the same cores, of which a candidate has its part.
            fewer = _ray(candidate, most, cpus_per_candidate=most / n)
            turns[n] = functools.partial(evaluate, fewer, per_turn)
        seconds = time_interleaved(turns, REPEATS.value)
    # Workers are processes of their own: this one's CPU time says nothing.
    seconds = {n: wall for n, (wall, _) in seconds.items()}
    for n, times in seconds.items():
        _say(
            f"{n} worker(s): {3600 * per_turn / np.median(times):.0f} candidates per "
            f"hour, {np.median(seconds[first] / times):.2f} times as many as {first}"
        )
    for name in ("build_seconds", "train_seconds", "scoring_seconds"):
        median = np.median([getattr(evaluation, name) for evaluation in done])
        _say(f"  {name.replace('_', ' ')}: {median:.1f}")
    memory = [evaluation.peak_memory_bytes / 2**30 for evaluation in done]
    _say(
        f"  peak memory of a worker: {memory[0]:.2f} GiB after its first candidate, "
        f"{max(memory):.2f} after all"
    )


def _load_images() -> tuple[ClassImages, ClassImages]:
    """Classes to train and to score on."""
    if IMAGES.value == "glyphs":
        splits = load_glyphs()
        return splits.train, splits.validation
    if IMAGES.value == "omniglot":
        return (
            noise_classes((28, 28, 1), num_classes=4400, images_per_class=20),
            noise_classes((28, 28, 1), num_classes=100, images_per_class=20),
        )
    return (
        noise_classes((84, 84, 3), num_classes=64, images_per_class=600),
        noise_classes((84, 84, 3), num_classes=16, images_per_class=600),
    )


if __name__ == "__main__":
    app.run(main)
