"""What `search` does once its flags are read."""

import contextlib
import dataclasses
import functools
import json
import os

from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.evaluators.candidate_config import CandidateConfig
from autometa_tf.evaluators.evaluate_genome import evaluate_genome
from autometa_tf.evaluators.local_evaluator import LocalEvaluator
from autometa_tf.evaluators.parallel_trial import PROBE, settle
from autometa_tf.evaluators.ray_cluster import begin_in_worker
from autometa_tf.evaluators.ray_config import RayEvaluatorConfig
from autometa_tf.evaluators.ray_evaluator import RayEvaluator
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.learners.devices import use_devices
from autometa_tf.predictors.lstm_predictor import LstmPredictor
from autometa_tf.reports.search_log import SearchLog
from autometa_tf.search.loop import LoopConfig, run_search
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.store import open_store
from bin import flag_values, run_directory
from bin.child_process import call_in_child
from bin.full_training_run import run_full_training_in_child
from bin.progress_lines import say, search_line, summary_line, trial_line
from bin.start_tensorflow import start_tensorflow

# What a resumed search may change: none of it changes an answer.
MAY_DIFFER = ("begun_with", "dataset.data_dir", "dataset.manual_dir")


def run(
    settings: dict,
    ray_config: RayEvaluatorConfig | None,
    run_dir: str,
    loop: LoopConfig,
    strategy_and_cpus: tuple[str, int],
) -> None:
    """Searches, trains the winner in full and writes the summary.

    Args:
      settings: All that the answer depends on, by config.json's names.
      ray_config: How Ray evaluates candidates; None: this process does.
      run_dir: The run directory.
      loop: How the search's loop goes.
      strategy_and_cpus: Of the full training: a strategy's name and the number of
        logical CPUs.
    """
    use_devices(num_threads=1, gpus=False)  # Learners run in other processes.
    splits, candidate = _load_and_settle(settings, ray_config)
    settings = settings | {"candidate": candidate}
    with _open_run(settings, splits, run_dir) as store:
        evaluator = _evaluator(settings, splits, ray_config)
        del splits  # The full training loads its own.
        with contextlib.closing(evaluator):
            state = _search(store, settings, loop, evaluator, run_dir)
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
            "candidates_evaluated": len(state.evaluations),
            "wall_seconds": run_directory.seconds_since_begun(run_dir),
        }
        run_directory.write_json(run_dir, run_directory.SUMMARY, summary)
    say(summary_line(summary))
    say(f"SavedModel: {os.path.join(run_dir, 'saved_model', '1')}")


def _load_and_settle(settings, ray_config) -> tuple[ClassSplits, CandidateConfig]:
    """Loads the dataset, while a candidate's place is tried for what is best there."""
    dataset, candidate = settings["dataset"], settings["candidate"]
    settled = _begin_to_settle(candidate, ray_config)
    splits = load_dataset(dataset, candidate.episodes.ways)
    flag_values.check_episodes(candidate, splits, settings["scoring_split"])
    say(f"loaded {dataset.name}: {flag_values.describe_splits(splits)}")
    candidate, trial = settled()
    if trial:
        say(trial_line(trial))
    return splits, candidate


def _begin_to_settle(candidate: CandidateConfig, ray_config):
    """Begins `settle`; what it returns waits for the result."""
    if candidate.is_settled:
        return lambda: (candidate, None)
    if ray_config:
        return begin_in_worker(ray_config, settle, candidate, PROBE)
    return functools.partial(call_in_child, _settle_with_one_thread, candidate)


def _settle_with_one_thread(candidate):
    use_devices(num_threads=1)
    return settle(candidate, PROBE)


@contextlib.contextmanager
def _open_run(settings: dict, splits: ClassSplits, run_dir: str):
    """Opens the run's store, once the run is known to be the one that was begun."""
    content = {
        name: dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value
        for name, value in settings.items()
    } | {"begun_with": run_directory.begun_with()}
    may_differ = (*MAY_DIFFER, *run_directory.SETTLED_LATER)
    with open_store(run_dir, content, may_differ=may_differ) as store:
        run_directory.keep_config(run_dir, content, MAY_DIFFER)
        names = run_directory.split_names(splits)
        run_directory.write_json(run_dir, run_directory.SPLITS, names)
        yield store


def _search(store, settings: dict, loop: LoopConfig, evaluator, run_dir: str):
    """Runs the search to its end and returns its final state."""
    if settings["search_strategy"] == "pnas":
        predictor = LstmPredictor(settings["predictor"])
        strategy = PnasSearch(settings["strategy"], predictor)
    else:
        strategy = RandomSearch(settings["strategy"], loop.seed)
    log = SearchLog(os.path.join(run_dir, "tensorboard", "search"))

    def report(progress):
        say(search_line(progress))
        log.add(progress)

    return run_search(strategy, evaluator, store, loop, report)


def _evaluator(settings: dict, splits: ClassSplits, ray_config):
    """In this process, or on Ray's workers."""
    candidate, split = settings["candidate"], settings["scoring_split"]
    shared = (candidate, splits.train, getattr(splits, split), split)
    if ray_config is None:
        return LocalEvaluator(evaluate_genome, shared)
    return RayEvaluator(
        evaluate_genome,
        shared,
        seed=candidate.seed,
        outer_iterations=candidate.reptile.outer_iterations,
        config=ray_config,
    )
