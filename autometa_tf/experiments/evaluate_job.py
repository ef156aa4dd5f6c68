"""What `evaluate` does once TensorFlow is there."""

import dataclasses
import json
from collections.abc import Mapping, Sequence

import numpy as np

from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.dataset import ClassImages, ClassSplits
from autometa_tf.episodes.fingerprint import split_fingerprint
from autometa_tf.episodes.fitted_classes import fitted_classes
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.experiments import run_data
from autometa_tf.experiments.accuracy_file import AccuracyFile
from autometa_tf.experiments.events import Message, Reporter, TrainingProgress
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.full_training import score_trained
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import SplitAccuracy
from autometa_tf.exports.saved_model_scoring import SavedModelScorer
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.score import summarize_accuracies
from autometa_tf.machine import usable_cores


def score_run(
    run: RunDirectory,
    experiments: Sequence[ExperimentConfig],
    places: Mapping[str, str],
    report: Reporter,
) -> list[SplitAccuracy]:
    """Scores the network a run has trained, under the protocol of each experiment."""
    splits = load_to_score(run, experiments, places, report)
    return score_again(run, experiments, splits, report)


def load_to_score(
    run: RunDirectory,
    experiments: Sequence[ExperimentConfig],
    places: Mapping[str, str],
    report: Reporter,
) -> ClassSplits:
    """A run's data, once it is known that the episodes of all experiments fit them."""
    use_devices(num_threads=usable_cores())
    own = run.experiment
    dataset = run_data.find_data(own.data, places)
    splits = run_data.load_data(dataset, own.episodes.ways, report)
    run_data.check_data(run, splits)
    for each in experiments:
        split = each.full_training.final_split
        run_data.check_scoring_episodes(each.final, splits, final_split=split)
    return splits


def score_again(
    run: RunDirectory,
    experiments: Sequence[ExperimentConfig],
    splits: ClassSplits,
    report: Reporter,
) -> list[SplitAccuracy]:
    """Scores what a run has trained as this machine computes, whichever trained it."""
    experiments = [
        # The machine that trained may have had what this one has not.
        dataclasses.replace(each, computation=ComputationConfig())
        for each in experiments
    ]
    return score_trained(run.network, experiments, splits, run, report=report)


def score_saved_model(
    directory: str,
    own: ExperimentConfig,
    experiments: Sequence[ExperimentConfig],
    run: RunDirectory,
    report: Reporter,
) -> list[SplitAccuracy]:
    """Scores a SavedModel by its signatures; see `jobs.evaluate_saved_model`.

    Files are named by what an experiment has that the run's own has not.
    """
    use_devices(num_threads=usable_cores())
    scorer = SavedModelScorer(directory)
    for each in experiments:
        if scorer.ways not in (None, each.episodes.ways):
            raise ValueError(
                f"`ways` must be {scorer.ways}, as the SavedModel's training had it: "
                "only a learner that was trained with `shared_head` can be scored with "
                f"others. Received: {each.episodes.ways}."
            )
    run = RunDirectory.make(run)
    splits = run_data.load_data(own.data, own.episodes.ways, report)
    if splits.image_shape != scorer.image_shape:
        shapes = ["x".join(map(str, s.image_shape)) for s in (splits, scorer)]
        report(Message(f"images of {shapes[0]} become {shapes[1]}, as the learner has"))
    scored = []
    with run.sole_use():
        for each in experiments:
            split = each.full_training.final_split
            classes = fitted_classes(getattr(splits, split), scorer.image_shape)
            file = AccuracyFile(
                run.accuracies_file(own, each), _description(scorer, each, classes)
            )
            scored.append(_score_saved(scorer, each, classes, file, report))
    return scored


def _description(
    scorer: SavedModelScorer, experiment: ExperimentConfig, classes: ClassImages
) -> str:
    config = experiment.candidate
    return json.dumps(
        {
            "content": scorer.content_hash,
            "split": experiment.full_training.final_split,
            "classes": dataclasses.asdict(split_fingerprint(classes)),
            "ways": config.episodes.ways,
            "shots": config.episodes.shots,
            "queries_per_class": config.scoring.queries_per_class,
            "seed": config.seed,
        }
    )


def _score_saved(
    scorer: SavedModelScorer,
    experiment: ExperimentConfig,
    classes: ClassImages,
    file: AccuracyFile,
    report: Reporter,
) -> SplitAccuracy:
    """Scores the episodes that a file has not yet, into it."""
    config, split = experiment.final, experiment.full_training.final_split
    per_class, total = config.images_to_score, config.scoring.num_scoring_episodes
    num_queries = config.scoring.queries_per_class
    ways = config.episodes.ways
    classes.check_episode(ways, per_class, split, "shots", num_queries)
    sampler = EpisodeSampler(
        classes,
        ways=ways,
        images_per_class=per_class,
        seed=config.seed,
        split=split,
    )
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
                    split=split,
                )
            )

    if first < total:
        scorer.accuracies(sampler, total, first, keep, num_queries)
    transductive, independent = map(summarize_accuracies, file.read()[:total].T)
    return SplitAccuracy(
        split=split, transductive=transductive, non_transductive=independent
    )
