"""Searches a cell for a meta-learner, trains it in full, scores and exports it.

  bazel run //bin:search -- --dataset=glyphs --preset=quick

The run directory then holds the genome (genome.json), its network as a SavedModel that
adapts to new classes (saved_model/1), what was found (summary.json, search.sqlite) and
TensorBoard logs. The same command goes on where it was stopped.
"""

from bin import quiet_tensorflow  # noqa: F401

# isort: split
import contextlib
import dataclasses
import functools
import json
import os
import time

from absl import flags

from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.evaluators.evaluate_genome import evaluate_genome
from autometa_tf.evaluators.local_evaluator import LocalEvaluator
from autometa_tf.evaluators.parallel_trial import measure_parallel_episodes
from autometa_tf.evaluators.ray_cluster import call_in_worker, warm_up
from autometa_tf.evaluators.ray_config import RayEvaluatorConfig
from autometa_tf.evaluators.ray_evaluator import RayEvaluator
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.learners.devices import use_devices
from autometa_tf.predictors.lstm_predictor import LstmPredictor, LstmPredictorConfig
from autometa_tf.reports.search_log import SearchLog
from autometa_tf.search.loop import LoopConfig, run_search
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.store import open_store
from autometa_tf.search.strategy import StrategyConfig
from bin import flag_values, run_directory
from bin.child_process import call_in_child
from bin.flag_values import value
from bin.full_training_run import run_full_training
from bin.parallel_episodes_choice import (
    call_with_one_thread,
    with_kept_choices,
    with_parallel_episodes,
)
from bin.program import run_program
from bin.progress_lines import duration, say, search_line, summary_line

SEARCH_STRATEGY = flags.DEFINE_enum(
    "search_strategy", "pnas", ["pnas", "random"], "How candidates are chosen."
)
PREDICTOR_ENSEMBLE_SIZE = flags.DEFINE_integer(
    "predictor_ensemble_size", 5, "LSTMs whose predictions are averaged."
)
SCORING_SPLIT = flags.DEFINE_enum(
    "scoring_split",
    "validation",
    ["validation", "test"],
    "Classes that score candidates. `test` is the paper's literal reading; the test "
    "score is then not that of unseen classes.",
)
NUM_WORKERS = flags.DEFINE_integer(
    "num_workers",
    None,
    "Candidates at a time, each on a thread of its own; 0: in this process. Default: "
    "one for each core.",
)
RAY_ADDRESS = flags.DEFINE_string(
    "ray_address", "", "A Ray cluster to join. Default: start one on this machine."
)
CPUS_PER_CANDIDATE = flags.DEFINE_float(
    "cpus_per_candidate", 1.0, "Cores, and threads, of a candidate."
)
GPUS_PER_CANDIDATE = flags.DEFINE_float(
    "gpus_per_candidate", 0.0, "GPUs of a candidate; a fraction shares one."
)
CANDIDATE_TIMEOUT_MINUTES = flags.DEFINE_float(
    "candidate_timeout_minutes", 0.0, "Longest time for a candidate; 0: no limit."
)
MAX_RETRIES_PER_CANDIDATE = flags.DEFINE_integer(
    "max_retries_per_candidate", 3, "Retries after a candidate's worker was lost."
)
MAX_CONSECUTIVE_FAILURES = flags.DEFINE_integer(
    "max_consecutive_failures", 10, "Failures in a row that stop the search."
)

# What a resumed search may change: none of it changes an answer.
MAY_DIFFER = ("begun_with", "dataset.data_dir", "dataset.manual_dir")


def main():
    """Runs the search from flags to summary."""
    start = time.monotonic()
    dataset = flag_values.dataset_config()
    candidate = flag_values.candidate_config(dataset.image_shape)
    configs, ray_config = _configs(dataset, candidate), _ray_config()
    run_dir = flag_values.run_directory("search")
    run_directory.make_run_directory(run_dir)
    use_devices(num_threads=1, gpus=False)  # Learners run in other processes.
    say(f"run directory {run_dir}")
    if ray_config:  # Workers take seconds to begin, in which the dataset is loaded.
        warm_up(ray_config, evaluate_genome, measure_parallel_episodes)
    splits = load_dataset(dataset, candidate.episodes.ways)
    flag_values.check_episodes(candidate, splits, SCORING_SPLIT.value)
    say(f"loaded {dataset.name}: {flag_values.describe_splits(splits)}")
    final = with_kept_choices(
        flag_values.full_training_config(candidate), run_dir, "final"
    )
    call = functools.partial(call_in_worker, ray_config) if ray_config else None
    candidate = with_kept_choices(candidate, run_dir, "candidate", call)
    candidate = with_parallel_episodes(candidate, call=call or call_with_one_thread)
    configs["candidate"] = candidate
    content = {name: dataclasses.asdict(config) for name, config in configs.items()} | {
        "final": dataclasses.asdict(final),
        "search_strategy": SEARCH_STRATEGY.value,
        "scoring_split": SCORING_SPLIT.value,
        "begun_with": run_directory.begun_with(),
    }
    may_differ = (*MAY_DIFFER, "final.num_parallel_episodes")  # Measured later.
    with open_store(run_dir, content, may_differ=may_differ) as store:
        run_directory.keep_config(run_dir, content, MAY_DIFFER)
        names = run_directory.split_names(splits)
        run_directory.write_json(run_dir, run_directory.SPLITS, names)
        state = _search(store, configs, splits, ray_config, run_dir)
        best = state.best
        genome = json.loads(genome_to_json(best.genome))
        run_directory.write_json(run_dir, run_directory.GENOME, genome)
        say(f"best of {len(state.evaluations)} candidates: {best.genome}")
        del splits  # The child loads its own.
        result = call_in_child(
            run_full_training,
            best.genome,
            dataset,
            final,
            run_dir,
            flag_values.strategy_and_cpus(),
        )
        summary = run_directory.summary_of(genome, result) | {
            "candidates_evaluated": len(state.evaluations),
            "wall_seconds": run_directory.seconds_since_begun(run_dir),
        }
        run_directory.write_json(run_dir, run_directory.SUMMARY, summary)
    say(summary_line(summary))
    say(f"SavedModel: {os.path.join(run_dir, 'saved_model', '1')}")
    say(f"done; this command took {duration(time.monotonic() - start)}")


def _configs(dataset, candidate) -> dict:
    """The configurations a run's answer depends on, checked before work starts."""
    return {
        "dataset": dataset,
        "candidate": candidate,
        "strategy": StrategyConfig(
            max_num_blocks=value("max_num_blocks"), beam_size=value("beam_size")
        ),
        "predictor": LstmPredictorConfig(
            num_units=value("predictor_cell_size"),
            num_layers=value("predictor_num_layers"),
            ensemble_size=PREDICTOR_ENSEMBLE_SIZE.value,
            seed=candidate.seed,
        ),
    }


def _search(store, configs, splits: ClassSplits, ray_config, run_dir: str):
    """Runs the search to its end and returns its final state."""
    candidate = configs["candidate"]
    if SEARCH_STRATEGY.value == "pnas":
        strategy = PnasSearch(configs["strategy"], LstmPredictor(configs["predictor"]))
    else:
        strategy = RandomSearch(configs["strategy"], candidate.seed)
    loop = LoopConfig(
        seed=candidate.seed,
        outer_iterations=candidate.reptile.outer_iterations,
        max_consecutive_failures=MAX_CONSECUTIVE_FAILURES.value,
    )
    log = SearchLog(os.path.join(run_dir, "tensorboard", "search"))

    def report(progress):
        say(search_line(progress))
        log.add(progress)

    with contextlib.closing(_evaluator(candidate, splits, ray_config)) as evaluator:
        return run_search(strategy, evaluator, store, loop, report)


def _ray_config() -> RayEvaluatorConfig | None:
    """How Ray evaluates candidates; None: this process does."""
    if NUM_WORKERS.value == 0:
        return None
    return RayEvaluatorConfig(
        ray_address=RAY_ADDRESS.value,
        num_workers=NUM_WORKERS.value or 0,
        cpus_per_candidate=CPUS_PER_CANDIDATE.value,
        gpus_per_candidate=GPUS_PER_CANDIDATE.value,
        candidate_timeout_minutes=CANDIDATE_TIMEOUT_MINUTES.value,
        max_retries_per_candidate=MAX_RETRIES_PER_CANDIDATE.value,
    )


def _evaluator(candidate, splits: ClassSplits, ray_config):
    """In this process, or on Ray's workers."""
    shared = (
        candidate,
        splits.train,
        getattr(splits, SCORING_SPLIT.value),
        SCORING_SPLIT.value,
    )
    if ray_config is None:
        return LocalEvaluator(evaluate_genome, shared)
    return RayEvaluator(
        evaluate_genome,
        shared,
        seed=candidate.seed,
        outer_iterations=candidate.reptile.outer_iterations,
        config=ray_config,
    )


if __name__ == "__main__":
    run_program(main, "Start the same command again to go on where it stopped.")
