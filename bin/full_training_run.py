"""A full training as `train` and `search` both run it, in a process of its own."""

import os

from autometa_tf.episodes.dataset import DatasetConfig
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.evaluators.candidate import CandidateConfig
from autometa_tf.evaluators.full_training import FullTrainingResult, train_in_full
from autometa_tf.evaluators.parallel_trial import PROBE
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.devices import use_devices
from bin import run_directory
from bin.parallel_episodes_choice import with_parallel_episodes
from bin.progress_lines import say, training_line


def run_full_training(
    genome: Genome | None,
    dataset: DatasetConfig,
    config: CandidateConfig,
    run_dir: str,
    strategy_and_cpus: tuple[str, int],
) -> FullTrainingResult:
    """Trains on all cores and GPUs, printing progress.

    Args:
      genome: The cell, or None for conv4.
      dataset: What to learn from.
      config: The full training. How many episodes are computed side by side is
        measured first, unless known, and kept in the run's configuration.
      run_dir: The run directory, with its configuration.
      strategy_and_cpus: A strategy's name and the number of logical CPUs.
    """
    strategy, num_logical_cpus = strategy_and_cpus
    use_devices(
        num_threads=len(os.sched_getaffinity(0)), num_logical_cpus=num_logical_cpus
    )
    if config.num_parallel_episodes is None:
        config = with_parallel_episodes(config, PROBE if genome else None)
        run_directory.keep_parallel_episodes(run_dir, config.num_parallel_episodes)
    return train_in_full(
        genome,
        config,
        load_dataset(dataset, config.episodes.ways),
        run_dir,
        strategy=strategy,
        report=lambda progress: say(training_line(progress)),
    )
