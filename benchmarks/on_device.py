"""What a learner's LiteRT file answers and takes, beside its own Python.

  python3 -m benchmarks.on_device --learner=glyphs-1shot

Both learn the same episodes of glyphs by the same batches, and answer the same queries.
"""

import os
import tempfile
import time

import numpy as np
from absl import app, flags

from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments.load_learner import load_trained
from autometa_tf.exports.litert import MODEL_FILE, export_litert
from autometa_tf.exports.litert_settings import LiteRTRoom
from autometa_tf.testing.litert_runs import (
    Call,
    by_compiled_model,
    by_interpreter,
    classify,
    learn,
)

LEARNER = flags.DEFINE_string("learner", "glyphs-1shot", "See `load_trained`.")
WAYS = flags.DEFINE_integer("ways", 10, "The classes of an episode.")
ROOM = flags.DEFINE_integer("room", 10, "The most classes of the file.")
EPISODES = flags.DEFINE_integer("episodes", 100, "The number of episodes.")


def main(_: list[str]) -> None:
    """Prints accuracies, differences and times."""
    trained = load_trained(LEARNER.value)
    if trained is None:
        raise ValueError("`learner` must not be a SavedModel alone.")
    learner = trained.learner(LEARNER.value)
    classes = load_dataset("glyphs").test
    with tempfile.TemporaryDirectory() as folder:
        begin = time.time(), time.process_time()
        settings = export_litert(trained.parts(), folder, LiteRTRoom(ways=ROOM.value))
        path = os.path.join(folder, MODEL_FILE)
        print(
            f"{os.path.getsize(path):,} bytes; conversion {time.time() - begin[0]:.0f} s, "
            f"{time.process_time() - begin[1]:.0f} s of CPU"
        )
        calls = {"Interpreter": by_interpreter, "CompiledModel": by_compiled_model}
        runs = {name: _Run(make(path)) for name, make in calls.items()}
    labels = np.arange(WAYS.value, dtype=np.int32)
    rng = np.random.default_rng(0)
    right = 0
    for _ in range(EPISODES.value):
        chosen = rng.choice(classes.num_classes, WAYS.value, replace=False)
        pairs = [
            classes.class_images(number)[rng.choice(20, 2, replace=False)]
            for number in chosen
        ]
        support, queries = (np.float32(np.stack(pairs)[:, i]) / 255 for i in (0, 1))
        classifier = learner.fit(support, labels)
        expected = classifier.predict_proba(queries)
        right += int(np.sum(expected.argmax(1) == labels))
        for run in runs.values():
            run.episode(settings, (support, queries, labels), classifier, expected)
    total = EPISODES.value * WAYS.value
    print(f"SavedModel: {right} of {total:,} queries right")
    for name, run in runs.items():
        print(f"{name}: {run.text(total)}")


class _Run:
    """What one interface has answered so far."""

    def __init__(self, call: Call):
        self.call = call
        self.right = self.same = 0
        self.weights, self.probabilities, self.learning, self.answering = [], [], [], []

    def episode(self, settings, images_and_labels, classifier, expected) -> None:
        support, queries, labels = images_and_labels
        begin = time.process_time()
        weights = learn(self.call, settings, support, labels)
        learned = time.process_time()
        found = np.stack(
            [
                classify(self.call, settings, weights, support, query, len(labels))
                for query in queries
            ]
        )
        self.learning.append(learned - begin)
        self.answering.append((time.process_time() - learned) / len(queries))
        self.right += int(np.sum(found.argmax(1) == labels))
        self.same += int(np.sum(found.argmax(1) == expected.argmax(1)))
        self.probabilities.append(np.abs(found - expected).max())
        theirs = classifier.adapted["weights"]
        if len(theirs) == len(weights):
            self.weights.append(np.abs(theirs - weights).max() / np.abs(theirs).max())

    def text(self, total: int) -> str:
        weights = f"{max(self.weights):.1e}" if self.weights else "not compared"
        return (
            f"{self.right} of {total:,} queries right, {self.same} as the SavedModel; "
            f"largest difference of a probability {max(self.probabilities):.1e}, of a "
            f"weight (relative to the largest) {weights}; CPU ms: learning "
            f"{1e3 * np.median(self.learning):.0f} (with its batches), answering "
            f"{1e3 * np.median(self.answering):.1f}"
        )


if __name__ == "__main__":
    app.run(main)
