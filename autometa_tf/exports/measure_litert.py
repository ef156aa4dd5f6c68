"""How large a learner's LiteRT file is, and how long it takes, on this machine."""

import os
import pathlib
import warnings

import numpy as np
import tensorflow as tf

from autometa_tf.exports.litert import MODEL_FILE, read_settings
from autometa_tf.exports.measure import Measured, median_seconds, size_of
from autometa_tf.learners.scoring_config import inner_iterations_of_passes


def measure_litert(folder: str | os.PathLike[str]) -> Measured:
    """What it costs: loaded, a support set learned, one image classified.

    Every call computes on all the images that there is room for, whatever they are.

    Args:
      folder: What `export_litert` has written.
    """

    def load() -> dict[str, tf.lite.Interpreter]:
        path = str(pathlib.Path(folder, MODEL_FILE))
        with warnings.catch_warnings():
            # TensorFlow's interpreter is to become a package of its own, which we
            # would need for nothing else.
            warnings.simplefilter("ignore")
            interpreter = tf.lite.Interpreter(model_path=path, num_threads=1)
        names = interpreter.get_signature_list()
        return {name: interpreter.get_signature_runner(name) for name in names}

    load_seconds = median_seconds(load, repeats=1)
    runners = load()
    inputs = {
        name: {
            key: np.ones(details["shape"], details["dtype"])
            for key, details in runner.get_input_details().items()
        }
        for name, runner in runners.items()
    }

    settings = read_settings(folder)
    of_passes = inner_iterations_of_passes(
        settings["support_passes"], settings["support_size"], settings["batch_size"]
    )

    def learn() -> None:
        state = runners["start"](zero=np.zeros(1, np.float32))
        for _ in range(max(settings["inner_iterations"], of_passes)):
            state = runners["step"](**inputs["step"] | state)
            del state["loss"]

    learn()  # The first call prepares it.
    return Measured(
        num_bytes=size_of(folder),
        load_seconds=load_seconds,
        adapt_seconds=median_seconds(learn),
        predict_seconds=median_seconds(lambda: runners["predict"](**inputs["predict"])),
    )
