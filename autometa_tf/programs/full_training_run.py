"""A full training as `train` and `search` both run it, on all cores and GPUs."""

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.sitting import describe_sitting
from autometa_tf.episodes.dataset import ClassSplits, DatasetConfig
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments import run_data
from autometa_tf.experiments.full_training import FullTrainingResult, train_in_full
from autometa_tf.experiments.sittings import keep_sitting
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.strategies import num_replicas
from autometa_tf.machine import usable_cores
from autometa_tf.programs.progress_lines import say, say_sitting, training_line


def use_all_devices(num_logical_cpus: int) -> None:
    """Gives this process all cores and GPUs, before it uses TensorFlow."""
    use_devices(num_threads=usable_cores(), num_logical_cpus=num_logical_cpus)


def run_full_training(
    genome: Genome | None,
    splits: ClassSplits,
    config: CandidateConfig,
    run_dir: str,
    strategy: str,
) -> FullTrainingResult:
    """Trains, printing progress.

    Args:
      genome: The cell, or None for conv4.
      splits: The class splits.
      config: The full training.
      run_dir: The run directory, with its configuration.
      strategy: A strategy's name.
    """
    sitting = describe_sitting(
        config, baseline=genome is None, num_replicas=num_replicas(strategy)
    )
    say_sitting("full training", sitting, keep_sitting(run_dir, "final", sitting))
    return train_in_full(
        genome,
        config,
        splits,
        run_dir,
        strategy=strategy,
        report=lambda progress: say(training_line(progress)),
    )


def run_full_training_in_child(
    genome: Genome | None,
    dataset: DatasetConfig,
    config: CandidateConfig,
    run_dir: str,
    strategy_and_cpus: tuple[str, int],
) -> FullTrainingResult:
    """`run_full_training` for a process that has not loaded the dataset."""
    strategy, num_logical_cpus = strategy_and_cpus
    use_all_devices(num_logical_cpus)
    splits = load_dataset(dataset, config.episodes.ways)
    run_data.check_data(run_dir, splits)
    return run_full_training(genome, splits, config, run_dir, strategy)
