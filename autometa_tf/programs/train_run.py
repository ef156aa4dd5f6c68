"""What `train` does once its flags are read."""

import dataclasses
import json
import os

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import DatasetConfig
from autometa_tf.experiments import run_data, run_directory, sittings
from autometa_tf.genomes.genome import Genome, genome_to_json
from autometa_tf.programs import flag_values
from autometa_tf.programs.full_training_run import run_full_training, use_all_devices
from autometa_tf.programs.progress_lines import say, summary_line

MAY_DIFFER = (*run_data.MAY_DIFFER, *sittings.MAY_DIFFER)


def run(
    genome: Genome | None,
    dataset: DatasetConfig,
    config: CandidateConfig,
    run_dir: str,
    strategy_and_cpus: tuple[str, int],
) -> None:
    """Trains a cell, or conv4 for None, to the summary."""
    strategy, num_logical_cpus = strategy_and_cpus
    use_all_devices(num_logical_cpus)
    splits = run_data.load_data(dataset, config.episodes.ways, say)
    flag_values.check_episodes(config, splits)
    say(f"loaded {dataset.dataset}: {flag_values.describe_splits(splits)}")
    genome_json = json.loads(genome_to_json(genome)) if genome else "conv4"
    content = {
        "genome": genome_json,
        "dataset": dataclasses.asdict(dataset),
        "final": dataclasses.asdict(config),
        "begun_with": run_directory.begun_with(),
        "data": run_data.data_of(splits),
    }
    run_directory.keep_config(run_dir, content, MAY_DIFFER)
    run_data.keep_data(run_dir, dataset, splits, content["data"])
    if genome:
        run_directory.write_json(run_dir, run_directory.GENOME, genome_json)
    result = run_full_training(genome, splits, config, run_dir, strategy)
    summary = run_directory.summary_of(genome_json, result)
    summary["wall_seconds"] = run_directory.wall_seconds(run_dir, summary)
    run_directory.write_json(run_dir, run_directory.SUMMARY, summary)
    say(summary_line(summary))
    say(f"SavedModel: {os.path.join(run_dir, 'saved_model', '1')}")
