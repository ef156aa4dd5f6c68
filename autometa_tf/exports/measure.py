"""How large an exported learner is, and how long it takes, on this machine."""

import dataclasses
import os
import pathlib
import statistics
import time
from collections.abc import Callable

import numpy as np

from autometa_tf.exports.learner import Learner, load_saved_learner

_REPEATS = 5
_CLASSES = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """What a learner costs; medians of several repeats, in seconds.

    Attributes:
      num_bytes: Of all its files.
      load_seconds: Until it can be asked.
      adapt_seconds: To learn five classes of one image each, or as many as it takes;
        None for what cannot adapt.
      predict_seconds: To classify one image.
    """

    num_bytes: int
    load_seconds: float
    adapt_seconds: float | None
    predict_seconds: float

    def __str__(self) -> str:
        adapts = "does not adapt by itself"
        if self.adapt_seconds is not None:
            adapts = f"adapt {1000 * self.adapt_seconds:,.0f} ms"
        return (
            f"{self.num_bytes / 2**20:.2f} MiB, load {self.load_seconds:.2f} s, {adapts}, "
            f"predict one image {1000 * self.predict_seconds:,.1f} ms"
        )


def size_of(path: str | os.PathLike[str]) -> int:
    """The bytes of a file, or of all files in a folder."""
    path = pathlib.Path(path)
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def measure_saved_model(folder: str | os.PathLike[str]) -> Measured:
    """What a SavedModel costs: loaded, five classes learned, one image classified."""
    load_seconds = median_seconds(lambda: load_saved_learner(folder), repeats=1)
    learner = load_saved_learner(folder)
    images = _images(learner)
    labels = np.arange(len(images))
    learner.fit(images, labels)  # The first call of a graph prepares it.
    classifier = learner.fit(images, labels)
    classifier.predict(images[:1])
    return Measured(
        num_bytes=size_of(folder),
        load_seconds=load_seconds,
        adapt_seconds=median_seconds(lambda: learner.fit(images, labels)),
        predict_seconds=median_seconds(lambda: classifier.predict(images[:1])),
    )


def measure_keras(path: str | os.PathLike[str]) -> Measured:
    """What a `.keras` file costs: loaded, one image classified."""
    import keras

    def load():
        return keras.models.load_model(path, compile=False)

    load_seconds = median_seconds(load, repeats=1)
    model = load()
    image = np.zeros((1, *model.input_shape[1:]), np.float32)
    model(image)
    return Measured(
        num_bytes=size_of(path),
        load_seconds=load_seconds,
        adapt_seconds=None,
        predict_seconds=median_seconds(lambda: model(image).numpy()),
    )


def _images(learner: Learner) -> np.ndarray:
    """Noise, one image a class: what is learned of it costs as much as of photos."""
    number = min(_CLASSES, learner.ways or _CLASSES)
    rng = np.random.default_rng(0)
    return rng.random((number, *learner.image_shape), np.float32)


def median_seconds(call: Callable[[], object], repeats: int = _REPEATS) -> float:
    """The median of the times of several calls."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
