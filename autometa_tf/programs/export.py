"""Writes a learner in another form: for TensorFlow (Serving), Keras, phones, browsers.

  bazel run //bin:export -- --learner=RUN_DIR --format=keras --output=letters.keras

A SavedModel adapts itself and needs TensorFlow alone; its card (what images it takes,
how it was made, what it reaches, under which terms) lies in assets.extra. A .keras file
needs Keras alone; it is the network with its meta-trained weights, and whoever loads it
must adapt it. Its card lies beside it. A LiteRT file adapts itself on phones and in
browsers; it has room for a number of classes and images that is chosen here.
"""

import os

from absl import flags

from autometa_tf.plain_text import one_line
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say, tell

FORMATS = ("saved_model", "keras", "litert")

LEARNER = flags.DEFINE_string(
    "learner",
    "",
    "What is exported: the run directory of a search or training, the folder of a "
    "SavedModel or of a released learner, or the name of one that comes with the library.",
)
FORMAT = flags.DEFINE_enum(
    "format",
    "saved_model",
    FORMATS,
    "The form: `saved_model`, a folder for TensorFlow and TensorFlow Serving, which "
    "adapts itself; `keras`, a .keras file that Keras alone loads, which does not; "
    "`litert`, a folder for phones and browsers, which adapts itself.",
)
OUTPUT = flags.DEFINE_string(
    "output",
    "",
    "The new folder of a LiteRT file, or of a SavedModel (for TensorFlow Serving end it with a number, "
    "letters/1), or the new file, which ends with .keras.",
)
WAYS = flags.DEFINE_integer(
    "ways",
    None,
    "For `litert`: the most classes to learn. Default: 10, or those that the learner was "
    "trained with where it was trained without --shared_head.",
)
SHOTS = flags.DEFINE_integer("shots", 1, "For `litert`: the most images of each class.")
MEASURE = flags.DEFINE_bool(
    "measure",
    False,
    "Whether to tell its size, and the time to load it, to adapt and to predict with "
    "it on one thread of this machine.",
)


def main() -> None:
    """Exports, and measures where that is asked for."""
    _check_flags()
    from autometa_tf.tensorflow_environment import start_tensorflow

    start_tensorflow()
    from autometa_tf.experiments.export_job import export
    from autometa_tf.exports.litert_settings import LiteRTRoom

    where, output = user_path(LEARNER.value), user_path(OUTPUT.value)
    costs = export(
        where if os.path.exists(where) else LEARNER.value,
        FORMAT.value,
        output,
        measure=MEASURE.value,
        room=LiteRTRoom(ways=WAYS.value, shots=SHOTS.value),
    )
    tell(output)
    if costs:
        say(f"{FORMAT.value} {costs}")


def _check_flags() -> None:
    for flag in (LEARNER, OUTPUT):
        if not flag.value:
            raise ValueError(f"`{flag.name}` must be given. Received: ''.")
    output = user_path(OUTPUT.value)
    is_file = FORMAT.value == "keras"
    if not is_file:
        from autometa_tf.exports.new_folder import check_new_folder

        check_new_folder(output, "output")
    if is_file and not output.endswith(".keras"):
        raise ValueError(
            "`output` must end with .keras for `format` keras. "
            f"Received: {one_line(OUTPUT.value)!r}."
        )
    if is_file and os.path.exists(output):
        raise ValueError(
            "`output` must not be there yet, so that nothing is lost. "
            f"Received: {one_line(OUTPUT.value)!r}."
        )


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main)
