"""What a full training does once TensorFlow is loaded, alone or at a search's end."""

from autometa_tf.candidates.describe_sitting import describe_sitting
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments import run_data
from autometa_tf.experiments.events import Message, Reporter, SittingBegun
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.full_training import train_in_full
from autometa_tf.experiments.learner_folder import TrainedLearner
from autometa_tf.experiments.load_learner import load_trained
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary
from autometa_tf.experiments.start_learner import experiment_from, keep_start
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.distribution import num_replicas
from autometa_tf.machine import usable_cores
from autometa_tf.networks.network_kinds import Network


def run(
    network: Network | str,
    experiment: ExperimentConfig,
    run: RunDirectory,
    report: Reporter,
) -> RunSummary:
    """Trains to the summary; see `jobs.train`."""
    _use_all_devices(experiment)
    start = None
    if isinstance(network, str):
        start = _start(network)
        network, experiment = start.network, experiment_from(start.card, experiment)
    keep_start(run, start)
    splits = run_data.load_data(experiment.data, experiment.episodes.ways, report)
    split = experiment.full_training.final_split
    run_data.check_episodes(experiment.final, splits, final_split=split)
    run_data.begin_run(run, experiment, network, splits)
    run.write_genome(network)
    summary = run.write_summary(_train(network, experiment, splits, run, report))
    report(summary)
    report(Message(f"SavedModel: {run.saved_model_path}"))
    return summary


def run_best(
    network: Network, experiment: ExperimentConfig, run: RunDirectory, report: Reporter
) -> RunSummary:
    """Trains what a search has found, in a process without its data."""
    _use_all_devices(experiment)
    splits = load_dataset(experiment.data, experiment.episodes.ways)
    run_data.check_data(run, splits)
    return _train(network, experiment, splits, run, report)


def _start(where: str) -> TrainedLearner:
    start = load_trained(where)
    if start is None:
        raise ValueError(
            "`learner` must be a run directory, or a released learner's folder or name: "
            "a SavedModel holds a graph, and not the network that it was made of. "
            f"Received: {where!r}."
        )
    return start


def _use_all_devices(experiment: ExperimentConfig) -> None:
    """Gives this process all cores and GPUs, before it uses TensorFlow."""
    use_devices(
        num_threads=usable_cores(),
        num_logical_cpus=experiment.distribution.num_logical_cpus,
    )


def _train(
    network: Network,
    experiment: ExperimentConfig,
    splits: ClassSplits,
    run: RunDirectory,
    report: Reporter,
) -> RunSummary:
    replicas = num_replicas(experiment.distribution.strategy)
    sitting = describe_sitting(experiment.final, network, num_replicas=replicas)
    before = run.add_sitting("final", sitting)
    report(SittingBegun(what="full training", sitting=sitting, before=before))
    return train_in_full(network, experiment, splits, run, report=report)
