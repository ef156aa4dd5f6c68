"""What a search calls in a process of its own: the full training of what it found."""

from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary
from autometa_tf.networks.network_kinds import Network
from autometa_tf.tensorflow_environment import start_tensorflow


def train_best(
    network: Network,
    experiment: ExperimentConfig,
    run: RunDirectory,
    *,
    report: Reporter,
) -> RunSummary:
    """The full training of a search's best cell, whose folder is begun already."""
    start_tensorflow()
    from autometa_tf.experiments import train_job

    return train_job.run_best(network, experiment, run, report)
