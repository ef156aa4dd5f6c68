"""Writes a page where one teaches a learner: draw symbols, or show photos.

  bazel run //bin:page -- --learner=glyphs-1shot --output_dir=teach
  python3 -m http.server --directory teach

The folder is for any web server. In the browser the learner adapts on the device
itself, and nothing is sent. Google's LiteRT.js, which runs it, is downloaded from npm's
registry once (12 MB) and kept in the user's cache.
"""

import os

from absl import flags

from autometa_tf.plain_text import one_line
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say, tell

_SHOTS = {True: 1, False: 5}  # Of drawings, and of photos.

LEARNER = flags.DEFINE_string(
    "learner",
    "glyphs-1shot",
    "What is taught: the run directory of a search or training, the folder of a released "
    "learner, or the name of one that comes with the library.",
)
OUTPUT_DIR = flags.DEFINE_string(
    "output_dir",
    "",
    "The folder for the page; its files of earlier times are replaced.",
)
WAYS = flags.DEFINE_integer(
    "ways",
    None,
    "The most classes to teach. Default: 10, or those that the learner was trained with "
    "where it was trained without --shared_head.",
)
SHOTS = flags.DEFINE_integer(
    "shots",
    None,
    "The most images of each class. Default: 1 for drawings, 5 for photos.",
)


def main() -> None:
    """Writes the page, and prints its path."""
    if not OUTPUT_DIR.value:
        raise ValueError("`output_dir` must be given. Received: ''.")
    from autometa_tf.tensorflow_environment import start_tensorflow

    start_tensorflow()
    from autometa_tf.experiments.load_learner import load_trained
    from autometa_tf.exports.litert_settings import LiteRTRoom
    from autometa_tf.teaching.teaching_page import write_teaching_page

    where = user_path(LEARNER.value)
    trained = load_trained(where if os.path.exists(where) else LEARNER.value)
    if trained is None:
        raise ValueError(
            "`learner` must be a run directory, or a released learner's folder or name: a "
            "SavedModel holds a graph, and not the network that it was made of. Received: "
            f"{one_line(LEARNER.value)!r}."
        )
    parts = trained.parts()
    shots = _SHOTS[parts.drawings] if SHOTS.value is None else SHOTS.value
    say("writing the page; making the learner's file takes half a minute or more")
    page = write_teaching_page(
        parts,
        one_line(os.path.basename(LEARNER.value.rstrip("/"))),
        user_path(OUTPUT_DIR.value),
        LiteRTRoom(ways=WAYS.value, shots=shots),
    )
    tell(str(page))
    say(f"to try it: python3 -m http.server --directory {page.parent}")


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main)
