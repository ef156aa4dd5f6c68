"""The flags that `search`, `train` and `evaluate` share: those of an experiment."""

import json
import os
import re

from absl import flags

from autometa_tf.experiments.config_fields import Leaf
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import read_json
from autometa_tf.experiments.presets import DEFAULT_PRESET, PRESETS, default_text
from autometa_tf.experiments.run_data import PLACES
from autometa_tf.programs.config_flags import define_flags, given_values
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.progress_lines import tell

RUN_DIR = flags.DEFINE_string(
    "run_dir",
    "",
    "The folder that everything is written to; the same command with the same folder "
    "goes on where it was stopped. Default: a folder under runs/ in the current one.",
)
PRESET = flags.DEFINE_enum(
    "preset",
    None,
    list(PRESETS),
    "The preset that has the values of all flags that are not given. "
    f"Default: {DEFAULT_PRESET}.",
)
CONFIG = flags.DEFINE_string(
    "config",
    "",
    "A JSON file with the experiment to start from, in place of a preset: what "
    "--print_config prints, or a run's config.json. Flags that are given change it.",
)
PRINT_CONFIG = flags.DEFINE_bool(
    "print_config", False, "Whether to print the experiment as JSON, and do no more."
)

# These fields are chosen by the size of the images; their docstrings say how.
_BY_SIZE = ("train_shots", "scoring_inner_batch_size", "stem_stride", "image_size")


def _default_text(leaf: Leaf) -> str:
    if leaf.name in (*_BY_SIZE, *PLACES) or leaf.default is None:
        return ""
    return default_text(leaf.name, leaf.default)


define_flags(ExperimentConfig, _default_text)


def experiment() -> ExperimentConfig:
    """The experiment that the flags describe.

    Raises:
      ValueError: A flag's value is out of range, or --config holds no experiment.
    """
    given = given_values(ExperimentConfig)
    paths = [name for name in (*PLACES, "split_file") if name in given]
    given |= {name: user_path(given[name]) for name in paths}
    if "image_folder" in given:  # There is one dataset that it can be of.
        given.setdefault("dataset", "image_folder")
    if not CONFIG.value:
        return ExperimentConfig.from_preset(PRESET.value or DEFAULT_PRESET, **given)
    if PRESET.value:
        raise ValueError(
            "Either `config` or `preset` must be given. "
            f"Received: {CONFIG.value!r} and {PRESET.value!r}."
        )
    return read_experiment(user_path(CONFIG.value)).with_fields(**given)


def read_experiment(path: str) -> ExperimentConfig:
    """Reads what `print_config` prints, or the experiment of a run's config.json.

    Raises:
      ValueError: The file is missing, or holds no experiment.
    """
    content = read_json(path)
    if content is None:
        raise ValueError(f"`config` must be a file. Received: {path!r}.")
    if isinstance(content, dict) and "experiment" in content:
        content = content["experiment"]
    try:
        return ExperimentConfig.from_json(content)
    except ValueError as error:
        raise ValueError(f"`config` {path!r}: {error}") from None


def printed_config(config: ExperimentConfig) -> bool:
    """Prints the experiment where the flags ask for that, and says whether they do."""
    if PRINT_CONFIG.value:
        tell(json.dumps(config.to_json(), indent=1))
    return PRINT_CONFIG.value


def run_directory_path(program: str, config: ExperimentConfig) -> str:
    """The run directory, absolute; by default one for each program, data and preset."""
    of = PRESET.value or ("config" if CONFIG.value else DEFAULT_PRESET)
    # A dataset of TFDS has a colon in its name, and may have slashes.
    dataset = re.sub(r"\W+", "-", config.data.dataset)
    default = os.path.join("runs", f"{program}-{dataset}-{of}")
    return user_path(RUN_DIR.value or default)
