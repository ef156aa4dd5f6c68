"""What `search` does once TensorFlow is loaded."""

import contextlib
import dataclasses
import functools

from autometa_tf.candidates.describe_sitting import describe_sitting
from autometa_tf.candidates.evaluate_genome import evaluate_genome
from autometa_tf.candidates.sitting import Sitting
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.experiments import run_data
from autometa_tf.experiments.candidate_log import CandidateLog
from autometa_tf.experiments.child_process import call_in_child
from autometa_tf.experiments.events import Message, Reporter, SittingBegun
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.may_change import check_time_left, configuration_of
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary
from autometa_tf.experiments.search_log import SearchLog
from autometa_tf.experiments.train_best import train_best
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.learners.devices import use_devices
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.predictors.make_predictor import make_predictor
from autometa_tf.search.evolution import EvolutionSearch
from autometa_tf.search.loop import run_search
from autometa_tf.search.pareto import ParetoCell, pareto_set
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.state import SearchState
from autometa_tf.search.store import SearchStore
from autometa_tf.search.strategy import Strategy
from autometa_tf.workers.evaluator import Evaluator
from autometa_tf.workers.local_evaluator import LocalEvaluator
from autometa_tf.workers.ray_cluster import begin_in_worker
from autometa_tf.workers.ray_evaluator import RayEvaluator
from autometa_tf.workers.workers_config import WorkersConfig


def run(
    experiment: ExperimentConfig,
    run: RunDirectory,
    workers: WorkersConfig,
    report: Reporter,
) -> RunSummary:
    """Searches, trains the best in full and writes the summary; see `jobs.search`."""
    use_devices(num_threads=1, gpus=False)  # Learners run in other processes.
    splits, sitting = _load(experiment, workers, report)
    with run.open_store() as store:
        before, spent = store.read_configuration(), store.read_seconds_spent()
        check_time_left(experiment, before, spent)
        run_data.begin_run(run, experiment, None, splits)
        store.begin_configuration(configuration_of(experiment))
        before = run.add_sitting("candidate", sitting)
        report(SittingBegun(what="candidates", sitting=sitting, before=before))
        scoring_split = experiment.search.scoring_split
        run.add_scored("candidate", scoring_split, experiment.candidate)
        if experiment.search.num_finalists:
            run.add_scored("finalist", scoring_split, experiment.finalist)
        evaluator = _evaluator(experiment, splits, workers, sitting.kernels)
        del splits  # The full training loads its own.
        with contextlib.closing(evaluator):
            state = _search(experiment, store, evaluator, run, report)
        del evaluator
        best = Cell(state.best.genome)
        run.write_genome(best)
        count = len(state.evaluations)
        report(Message(f"best of {count} candidates: {best.genome}"))
        trained = call_in_child(train_best, best, experiment, run, report=report)
        summary = run.write_summary(
            dataclasses.replace(
                trained, candidates_evaluated=count, pareto=_pareto(experiment, state)
            )
        )
    report(summary)
    report(Message(f"SavedModel: {run.saved_model_path}"))
    return summary


def _pareto(experiment: ExperimentConfig, state: SearchState) -> tuple[ParetoCell, ...]:
    """Of the candidates that were trained to the end."""
    key = experiment.evaluation_plan.keys[-1]
    return pareto_set(found for found in state.successes if found.key == key)


def _load(
    experiment: ExperimentConfig, workers: WorkersConfig, report: Reporter
) -> tuple[ClassSplits, Sitting]:
    """Loads the dataset, while a worker tells what it computes candidates with.

    It is a worker that tells, since on a cluster the driver may be on another kind of
    machine.
    """
    candidate = experiment.candidate
    any_cell = Cell(one_block_genomes()[0])
    described = functools.partial(describe_sitting, candidate, any_cell)
    if not workers.in_this_process:
        described = begin_in_worker(workers, described)
    splits = run_data.load_data(experiment.data, candidate.episodes.ways, report)
    run_data.check_episodes(
        candidate,
        splits,
        scoring_split=experiment.search.scoring_split,
        final_split=experiment.full_training.final_split,
    )
    return splits, described()


def _search(
    experiment: ExperimentConfig,
    store: SearchStore,
    evaluator: Evaluator,
    run: RunDirectory,
    report: Reporter,
) -> SearchState:
    """Runs the search to its end and returns its final state."""
    log = SearchLog(run.search_log_path)
    candidates = CandidateLog(run.candidates_log_path, experiment)

    def report_and_log(progress):
        report(progress)
        log.add(progress)
        if progress.latest is not None:
            candidates.add(progress.latest)

    return run_search(
        _strategy(experiment),
        evaluator,
        store,
        plan=experiment.evaluation_plan,
        max_consecutive_failures=experiment.search.max_consecutive_failures,
        time_budget_hours=experiment.search.time_budget_hours,
        report=report_and_log,
    )


def _strategy(experiment: ExperimentConfig) -> Strategy:
    search, seed = experiment.search, experiment.seed
    if search.search_strategy == "random":
        return RandomSearch(search, seed, experiment.admits)
    if search.search_strategy == "evolution":
        return EvolutionSearch(search, seed, experiment.admits)
    predictor = make_predictor(experiment.predictor, seed)
    return PnasSearch(search, predictor, experiment.admits, seed)


def _evaluator(
    experiment: ExperimentConfig,
    splits: ClassSplits,
    workers: WorkersConfig,
    kernels: str,
) -> Evaluator:
    """Evaluates candidates in this process, or on Ray's workers."""
    split = experiment.search.scoring_split
    evaluate = functools.partial(
        evaluate_genome,
        config=experiment.candidate,
        train=splits.train,
        scoring=getattr(splits, split),
        scoring_split=split,
    )
    if workers.in_this_process:
        return LocalEvaluator(evaluate)
    return RayEvaluator(evaluate, config=workers, kernels=kernels)
