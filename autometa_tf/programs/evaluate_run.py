"""What `evaluate` does once its flags are read."""

import dataclasses
import json
import os

from autometa_tf.episodes.fingerprint import split_fingerprint
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.experiments import run_data, run_directory
from autometa_tf.experiments.accuracy_file import AccuracyFile
from autometa_tf.experiments.full_training import score_trained
from autometa_tf.experiments.sole_use import sole_use
from autometa_tf.exports.saved_model_scoring import SavedModelScorer
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.scoring import summarize_accuracies
from autometa_tf.plain_text import percent
from autometa_tf.programs import flag_values
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.progress_lines import say, tell, training_line


def run(saved_model: str) -> None:
    """Scores a SavedModel, or with "" the run of `--run_dir`, and prints accuracies."""
    use_devices(num_threads=len(os.sched_getaffinity(0)))
    if saved_model:
        scores = _score_saved_model(saved_model)
    else:
        scores = _score_run(user_path(flag_values.RUN_DIR.value))
    for name, score in scores.items():
        accuracy = percent(score.mean, score.ci95)
        say(f"{name}: {accuracy} over {score.num_episodes:,} test episodes")
    content = {name: dataclasses.asdict(score) for name, score in scores.items()}
    tell(json.dumps(content))


def _score_run(run_dir: str) -> dict:
    """Scores the network a `search` or `train` run has trained."""
    dataset, candidate = run_directory.read_config(run_dir, "dataset", "final")
    given = {
        "data_dir": user_path(flag_values.DATA_DIR.value),
        "manual_dir": user_path(flag_values.MANUAL_DIR.value),
        "image_folder": user_path(flag_values.IMAGE_FOLDER.value),
    }
    dataset = run_data.find_data(dataset, given)
    splits = run_data.load_data(dataset, candidate.episodes.ways, say)
    run_data.check_data(run_dir, splits)
    candidate = dataclasses.replace(
        candidate,
        # The machine that trained may have had what this one has not.
        num_parallel_episodes=None,
        jit_compile=None,
        scoring=dataclasses.replace(
            candidate.scoring, num_episodes=flag_values.value("num_test_episodes")
        ),
    )
    with sole_use(run_dir):
        result = score_trained(
            run_directory.read_run_genome(run_dir),
            candidate,
            splits,
            run_dir,
            report=lambda progress: say(training_line(progress)),
        )
    return {
        "transductive": result.transductive,
        "non_transductive": result.non_transductive,
    }


def _score_saved_model(directory: str) -> dict:
    """Scores a SavedModel by its signatures; each episode is kept as it comes."""
    scorer = SavedModelScorer(directory)
    dataset = flag_values.dataset_config()
    if dataset.image_shape != scorer.image_shape:
        raise ValueError(
            f"The SavedModel takes images of shape {scorer.image_shape}. Received: "
            f"{dataset.name}, whose shape is {dataset.image_shape}. Give --dataset and "
            "--image_size as it was trained with."
        )
    run_dir = flag_values.run_directory("evaluate")
    run_directory.make_run_directory(run_dir)
    test = run_data.load_data(dataset, scorer.ways, say).test
    shots = flag_values.SHOTS.value
    test.check_episode(scorer.ways, shots + 1, "test", "shots")
    sampler = EpisodeSampler(
        test,
        ways=scorer.ways,
        images_per_class=shots + 1,
        seed=flag_values.SEED.value,
        split="test",
    )
    scored = {
        "content": scorer.content_hash,
        "test_classes": dataclasses.asdict(split_fingerprint(test)),
        "shots": shots,
        "seed": flag_values.SEED.value,
    }
    with sole_use(run_dir):
        file = AccuracyFile(
            os.path.join(run_dir, "test_accuracies.csv"), json.dumps(scored)
        )
        return _accuracies(scorer, sampler, file)


def _accuracies(scorer: SavedModelScorer, sampler, file: AccuracyFile) -> dict:
    """Scores the episodes that a file has not yet, into it."""
    total, first = flag_values.value("num_test_episodes"), len(file.read())

    def keep(accuracies):
        episode = first + len(accuracies)
        file.append(episode - 1, accuracies[-1:])
        if episode % 100 == 0:
            mean = percent(accuracies[:, 0].mean())
            say(f"test episode {episode:,}/{total:,}: transductive {mean}")

    if first < total:
        scorer.accuracies(sampler, total, first, keep)
    scores = map(summarize_accuracies, file.read()[:total].T)
    return dict(zip(("transductive", "non_transductive"), scores, strict=True))
