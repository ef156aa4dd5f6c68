"""Learns classes from a few photos of each, and says what is on others.

  bazel run //bin:adapt -- --support=my_classes --images=new_photos
  bazel run //bin:adapt -- --learner=glyphs-1shot --support=my_signs --images=new_signs

`my_classes` is a folder with a folder for each class, and photos of the class in it.
Before it answers, it says what accuracy to expect, and makes its probabilities fit:
each photo of `my_classes` is asked for while all others are learned from.
"""

import csv
import json
import os
from typing import Any

import numpy as np
from absl import flags

from autometa_tf.exports.new_folder import check_new_folder
from autometa_tf.exports.photos import (
    Photos,
    check_places,
    class_folders_of,
    labelled_photos,
    photos_of,
)
from autometa_tf.plain_text import counted
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say, tell

NONE_OF_THESE = "none of these"

LEARNER = flags.DEFINE_string(
    "learner",
    "photos",
    "What adapts: the run directory of a search or training, the folder of a SavedModel, "
    "or the name of a learner that comes with the library: `photos` for photographs of "
    "things, `glyphs-1shot` for dark signs on a light ground.",
)
SUPPORT = flags.DEFINE_string(
    "support", "", "A folder with a folder for each class, and photos of it there."
)
CLASSIFIER = flags.DEFINE_string(
    "classifier",
    "",
    "A folder that --save has left, which is used in place of --learner and --support.",
)
IMAGES = flags.DEFINE_list(
    "images", [], "The photos to classify: files and folders, separated by commas."
)
SAVE = flags.DEFINE_string(
    "save", "", "A new folder to keep the adapted classifier in, for --classifier."
)
OUTPUT_DIR = flags.DEFINE_string(
    "output_dir",
    "",
    "The folder for predictions.csv and predictions.json. Default: none are written.",
)
REJECT_BELOW = flags.DEFINE_float(
    "reject_below",
    0.0,
    f'A photo whose probability is below this is "{NONE_OF_THESE}". In [0, 1].',
)
ESTIMATE = flags.DEFINE_bool(
    "estimate",
    True,
    "Whether to find out what accuracy to expect, which takes as many adaptations as "
    "there are photos of the classes, or 60.",
)


def main() -> None:
    """Adapts or loads, and answers."""
    _check_flags()
    from autometa_tf.tensorflow_environment import start_tensorflow

    start_tensorflow()
    if CLASSIFIER.value:
        classifier = _loaded()
        photos = _photos(classifier.learner)
    else:
        learner = _learner()
        photos = _photos(learner)  # Before a minute is spent on the estimate.
        classifier = _adapted(learner)
    if SAVE.value:
        from autometa_tf.exports.classifier_folder import save_classifier

        save_classifier(classifier, user_path(SAVE.value))
        say(f"classifier: {user_path(SAVE.value)}")
    if photos:
        _say_notes(photos)
        _answer(photos, classifier)


def _check_flags() -> None:
    if bool(CLASSIFIER.value) == bool(SUPPORT.value):
        raise ValueError(
            "Either `support` or `classifier` must be given. Received: "
            f"{SUPPORT.value!r} and {CLASSIFIER.value!r}."
        )
    if CLASSIFIER.value and LEARNER.value != LEARNER.default:
        raise ValueError(
            "`learner` must not come with `classifier`, which has its own. Received: "
            f"{LEARNER.value!r}."
        )
    if not (IMAGES.value or SAVE.value):
        raise ValueError(
            "`images` to classify must be given, or `save` to keep the classifier. "
            "Received: neither."
        )
    if not 0 <= REJECT_BELOW.value <= 1:
        raise ValueError(
            f"`reject_below` must be in [0, 1]. Received: {REJECT_BELOW.value}."
        )
    if SAVE.value:
        check_new_folder(user_path(SAVE.value), "save")
    if SUPPORT.value:
        class_folders_of(user_path(SUPPORT.value))
    check_places([user_path(path) for path in IMAGES.value])


def _loaded() -> Any:
    from autometa_tf.exports.classifier_folder import load_classifier

    classifier = load_classifier(user_path(CLASSIFIER.value))
    say(f"classes: {', '.join(map(str, classifier.classes_))}")
    return classifier


def _learner() -> Any:
    from autometa_tf.experiments.load_learner import load_learner

    folder = user_path(LEARNER.value)
    return load_learner(folder if os.path.exists(folder) else LEARNER.value)


def _photos(learner: Any) -> Photos | None:
    """Those to classify; None where none are."""
    if not IMAGES.value:
        return None
    places = [user_path(path) for path in IMAGES.value]
    return photos_of(places, learner.image_shape)


def _adapted(learner: Any) -> Any:
    photos, labels = labelled_photos(user_path(SUPPORT.value), learner.image_shape)
    _say_notes(photos)
    classes, counts = np.unique(labels, return_counts=True)
    many = [f"{name} ({count})" for name, count in zip(classes, counts, strict=True)]
    say(f"learns {len(classes)} classes: {', '.join(many)}")
    classifier = learner.fit(photos.pixels, labels)
    if ESTIMATE.value:
        classifier = classifier.with_temperature(
            _estimate(learner, photos.pixels, labels)
        )
    return classifier


def _estimate(learner: Any, images: np.ndarray, labels: np.ndarray) -> float:
    """Says what accuracy to expect; returns the temperature that fits best."""
    from autometa_tf.exports.cross_validation import cross_validate

    told = 0

    def report(done: int, total: int) -> None:
        nonlocal told
        if told + 10 <= done < total:
            told = done
            say(f"estimates the accuracy: photo {done} of {total}")

    found = cross_validate(learner, images, labels, report)
    if found is None:
        say(
            "accuracy to expect: not known. With two or more photos of each class it "
            "could be estimated."
        )
        return 1.0
    if found.num_copied:
        say(
            f"{counted(found.num_copied, 'photo')} asked for have copies among the "
            "others, which were left out as well"
        )
    low, high = found.interval
    say(
        f"accuracy to expect: {100 * low:.0f} to {100 * high:.0f}% (of "
        f"{counted(len(found.indices), 'photo')}, each asked for while others were "
        f"learned, {found.num_right} right)"
    )
    return found.temperature()


def _say_notes(photos: Photos) -> None:
    for note in photos.notes:
        say(note)


def _answer(photos: Photos, classifier: Any) -> None:
    probabilities = classifier.predict_proba(photos.pixels)
    best = probabilities.argmax(axis=1)
    classes = [str(name) for name in classifier.classes_]
    rows = []
    for path, number, chances in zip(photos.paths, best, probabilities, strict=True):
        chance = float(chances[number])
        label = classes[number] if chance >= REJECT_BELOW.value else NONE_OF_THESE
        tell(f"{path}: {label} ({100 * chance:.0f}%)")
        rows.append(
            {
                "image": str(path),
                "label": label,
                "probability": round(chance, 6),
                "probabilities": dict(
                    zip(classes, np.round(chances.astype(float), 6), strict=True)
                ),
            }
        )
    if OUTPUT_DIR.value:
        _write(rows, classes, user_path(OUTPUT_DIR.value))


def _write(rows: list[dict[str, Any]], classes: list[str], folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "predictions.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=1)
    path = os.path.join(folder, "predictions.csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "label", "probability", *classes])
        for row in rows:
            each = [row["probabilities"][name] for name in classes]
            writer.writerow([row["image"], row["label"], row["probability"], *each])
    say(f"predictions: {path} and .json")


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main)
