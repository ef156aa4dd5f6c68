"""What `evaluate` does once TensorFlow is there."""

import dataclasses
import json
from collections.abc import Mapping

import numpy as np

from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.fingerprint import split_fingerprint
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.experiments import run_data
from autometa_tf.experiments.accuracy_file import AccuracyFile
from autometa_tf.experiments.events import Reporter, TrainingProgress
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.full_training import score_trained
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import TestAccuracy
from autometa_tf.exports.saved_model_scoring import SavedModelScorer
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.score import summarize_accuracies
from autometa_tf.machine import usable_cores


def score_run(
    run: RunDirectory,
    num_test_episodes: int,
    places: Mapping[str, str],
    report: Reporter,
) -> TestAccuracy:
    """Scores the network a run has trained; see `jobs.evaluate`."""
    use_devices(num_threads=usable_cores())
    network, experiment = run.network, run.experiment
    dataset = run_data.find_data(experiment.data, places)
    splits = run_data.load_data(dataset, experiment.episodes.ways, report)
    run_data.check_data(run, splits)
    config = dataclasses.replace(
        experiment.final,
        # The machine that trained may have had what this one has not.
        computation=ComputationConfig(),
        scoring=dataclasses.replace(
            experiment.scoring, num_scoring_episodes=num_test_episodes
        ),
    )
    return score_trained(network, config, splits, run, report=report)


def score_saved_model(
    directory: str, experiment: ExperimentConfig, run: RunDirectory, report: Reporter
) -> TestAccuracy:
    """Scores a SavedModel by its signatures; see `jobs.evaluate_saved_model`."""
    use_devices(num_threads=usable_cores())
    scorer, dataset = SavedModelScorer(directory), experiment.data
    if dataset.image_shape != scorer.image_shape:
        raise ValueError(
            f"The SavedModel takes images of shape {scorer.image_shape}. Received: "
            f"{dataset.dataset}, whose shape is {dataset.image_shape}. Give --dataset "
            "and --image_size as it was trained with."
        )
    run = RunDirectory.make(run)
    test = run_data.load_data(dataset, scorer.ways, report).test
    shots, seed = experiment.episodes.shots, experiment.seed
    test.check_episode(scorer.ways, shots + 1, "test", "shots")
    sampler = EpisodeSampler(
        test,
        ways=scorer.ways,
        images_per_class=shots + 1,
        seed=seed,
        split="test",
    )
    scored = {
        "content": scorer.content_hash,
        "test_classes": dataclasses.asdict(split_fingerprint(test)),
        "shots": shots,
        "seed": seed,
    }
    with run.sole_use():
        file = AccuracyFile(run.accuracies_path, json.dumps(scored))
        total = experiment.full_training.num_test_episodes
        return _score_the_rest(scorer, sampler, file, total, report)


def _score_the_rest(
    scorer: SavedModelScorer,
    sampler: EpisodeSampler,
    file: AccuracyFile,
    total: int,
    report: Reporter,
) -> TestAccuracy:
    """Scores the episodes that a file has not yet, into it."""
    first = len(file.read())

    def keep(accuracies: np.ndarray) -> None:
        episode = first + len(accuracies)
        file.append(episode - 1, accuracies[-1:])
        if episode % 100 == 0:
            report(
                TrainingProgress(
                    phase="scoring",
                    done=episode,
                    total=total,
                    seconds_left=None,
                    value=float(accuracies[:, 0].mean()),
                )
            )

    if first < total:
        scorer.accuracies(sampler, total, first, keep)
    transductive, independent = map(summarize_accuracies, file.read()[:total].T)
    return TestAccuracy(transductive=transductive, non_transductive=independent)
