"""What `search` does once its flags are read."""

import contextlib
import dataclasses
import functools
import json
import os

from autometa_tf.candidates.evaluate_genome import evaluate_genome
from autometa_tf.candidates.evaluation import EvaluationKey
from autometa_tf.candidates.sitting import Sitting, describe_sitting
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.experiments import run_data, run_directory, sittings
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.learners.devices import use_devices
from autometa_tf.predictors.lstm_predictor import LstmPredictor
from autometa_tf.programs import flag_values
from autometa_tf.programs.child_process import call_in_child
from autometa_tf.programs.full_training_run import run_full_training_in_child
from autometa_tf.programs.progress_lines import (
    say,
    say_sitting,
    summary_line,
)
from autometa_tf.programs.start_tensorflow import start_tensorflow
from autometa_tf.reports.search_log import SearchLog
from autometa_tf.search.loop import run_search
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.store import open_store
from autometa_tf.workers.local_evaluator import LocalEvaluator
from autometa_tf.workers.ray_cluster import begin_in_worker
from autometa_tf.workers.ray_evaluator import RayEvaluator
from autometa_tf.workers.workers_config import WorkersConfig

# What a resumed search may change: none of it changes an answer but by rounding.
MAY_DIFFER = (*run_data.MAY_DIFFER, *sittings.MAY_DIFFER)
MAY_DIFFER += ("strategy.max_consecutive_failures",)


def run(
    settings: dict,
    workers: WorkersConfig,
    run_dir: str,
    strategy_and_cpus: tuple[str, int],
) -> None:
    """Searches, trains the winner in full and writes the summary.

    Args:
      settings: All that the answer depends on, by config.json's names.
      workers: Where candidates are evaluated.
      run_dir: The run directory.
      strategy_and_cpus: Of the full training: a strategy's name and the number of
        logical CPUs.
    """
    use_devices(num_threads=1, gpus=False)  # Learners run in other processes.
    splits, sitting = _load(settings, workers)
    with _open_run(settings, splits, run_dir) as store:
        before = sittings.keep_sitting(run_dir, "candidate", sitting)
        say_sitting("candidates", sitting, before)
        evaluator = _evaluator(settings, splits, workers, sitting.kernels)
        del splits  # The full training loads its own.
        with contextlib.closing(evaluator):
            state = _search(store, settings, evaluator, run_dir)
        del evaluator
        best = state.best.genome
        genome = json.loads(genome_to_json(best))
        run_directory.write_json(run_dir, run_directory.GENOME, genome)
        say(f"best of {len(state.evaluations)} candidates: {best}")
        final = settings["dataset"], settings["final"], run_dir, strategy_and_cpus
        result = call_in_child(
            run_full_training_in_child, best, *final, first=start_tensorflow
        )
        summary = run_directory.summary_of(genome, result) | {
            "candidates_evaluated": len(state.evaluations)
        }
        summary["wall_seconds"] = run_directory.wall_seconds(run_dir, summary)
        run_directory.write_json(run_dir, run_directory.SUMMARY, summary)
    say(summary_line(summary))
    say(f"SavedModel: {os.path.join(run_dir, 'saved_model', '1')}")


def _load(settings, workers) -> tuple[ClassSplits, Sitting]:
    """Loads the dataset, while a worker tells what it computes candidates with.

    A worker, since on a cluster the driver may be on another kind of machine.
    """
    dataset, candidate = settings["dataset"], settings["candidate"]
    described = functools.partial(describe_sitting, candidate)
    if not workers.in_this_process:
        described = begin_in_worker(workers, described)
    splits = run_data.load_data(dataset, candidate.episodes.ways, say)
    flag_values.check_episodes(candidate, splits, settings["scoring_split"])
    say(f"loaded {dataset.name}: {flag_values.describe_splits(splits)}")
    return splits, described()


@contextlib.contextmanager
def _open_run(settings: dict, splits: ClassSplits, run_dir: str):
    """Opens the run's store, once the run is known to be the one that was begun."""
    content = {
        name: dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value
        for name, value in settings.items()
    } | {"begun_with": run_directory.begun_with()}
    content["data"] = run_data.data_of(splits)
    with open_store(run_dir) as store:
        run_directory.keep_config(run_dir, content, MAY_DIFFER)
        run_data.keep_data(run_dir, settings["dataset"], splits, content["data"])
        yield store


def _search(store, settings: dict, evaluator, run_dir: str):
    """Runs the search to its end and returns its final state."""
    config, key = settings["strategy"], _key(settings)
    if settings["search_strategy"] == "pnas":
        predictor = LstmPredictor(settings["predictor"])
        strategy = PnasSearch(config, predictor)
    else:
        strategy = RandomSearch(config, key.seed)
    log = SearchLog(os.path.join(run_dir, "tensorboard", "search"))

    def report(progress):
        say(str(progress))
        log.add(progress)

    return run_search(
        strategy,
        evaluator,
        store,
        key=key,
        max_consecutive_failures=config.max_consecutive_failures,
        report=report,
    )


def _evaluator(
    settings: dict, splits: ClassSplits, workers: WorkersConfig, kernels: str
):
    """In this process, or on Ray's workers."""
    split = settings["scoring_split"]
    evaluate = functools.partial(
        evaluate_genome,
        config=settings["candidate"],
        train=splits.train,
        scoring=getattr(splits, split),
        scoring_split=split,
    )
    if workers.in_this_process:
        return LocalEvaluator(evaluate)
    return RayEvaluator(evaluate, key=_key(settings), config=workers, kernels=kernels)


def _key(settings: dict) -> EvaluationKey:
    candidate = settings["candidate"]
    return EvaluationKey(
        seed=candidate.seed, outer_iterations=candidate.reptile.outer_iterations
    )
