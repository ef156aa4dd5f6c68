"""The flags that `search` and `train` share, and what they stand for.

A flag that is not given takes its value from the preset, and where the preset says
nothing, from the dataset.
"""

import dataclasses
import os

from absl import flags

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.dataset import DATASET_NAMES, ClassSplits, DatasetConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig, small_images
from autometa_tf.programs.paths import user_path

# What Table A1 leaves open, and how far to go. Where the table lists two values the
# presets take N = 0, learning rate 0.01 and outer step size 1.0.
_PAPER = {
    "max_num_blocks": 5,
    "num_filters": 10,
    "beam_size": 100,
    "num_cell_repeats": 0,
    "feature_scale_rate": 1,
    "predictor_cell_size": 100,
    "predictor_num_layers": 1,
    "inner_iterations": 8,
    "inner_batch_size": 10,
    "inner_learning_rate": 0.01,
    "meta_batch_size": 5,
    "outer_step_size": 1.0,
    "outer_iterations": 1000,
    "scoring_inner_iterations": 50,
    "final_outer_iterations": 100_000,
    "num_scoring_episodes": 400,
    "num_test_episodes": 10_000,
}
PRESETS = {
    "quick": _PAPER
    | {
        "max_num_blocks": 3,
        "beam_size": 6,
        "outer_iterations": 40,
        "scoring_inner_iterations": 20,
        "final_outer_iterations": 700,
        "num_scoring_episodes": 40,
        "num_test_episodes": 200,
    },
    "omniglot": _PAPER,
    "mini_imagenet_small": _PAPER,
    "mini_imagenet_large": _PAPER | {"num_filters": 12, "feature_scale_rate": 2},
}

DATASET = flags.DEFINE_enum("dataset", "glyphs", DATASET_NAMES, "What to learn from.")
DATA_DIR = flags.DEFINE_string(
    "data_dir", "", "Where prepared data is kept; default: TFDS's own folder."
)
MANUAL_DIR = flags.DEFINE_string(
    "manual_dir", "", "Where mini-ImageNet's files lie; see the README."
)
IMAGE_FOLDER = flags.DEFINE_string(
    "image_folder", "", "For --dataset=image_folder: the class folders' folder."
)
IMAGE_SIZE = flags.DEFINE_integer(
    "image_size", 0, "Height and width in pixels; 0: the dataset's own, 28 or 84."
)
SPLIT_SEED = flags.DEFINE_integer(
    "split_seed", 0, "Divides the classes into train, validation and test."
)
OMNIGLOT_VALIDATION_CLASSES = flags.DEFINE_integer(
    "omniglot_validation_classes",
    100,
    "Of Omniglot's 1,200 characters not for test; 0: the 1,200/423 split.",
)
RUN_DIR = flags.DEFINE_string(
    "run_dir",
    "",
    "Where everything is written; the same command with the same folder goes on where "
    "it was stopped. Default: under runs/ in the current folder.",
)
PRESET = flags.DEFINE_enum(
    "preset", "quick", list(PRESETS), "Values of the flags that are not given."
)
WAYS = flags.DEFINE_integer("ways", 5, "Classes of an episode.")
SHOTS = flags.DEFINE_integer("shots", 1, "Support images of each class in scoring.")
TRAIN_SHOTS = flags.DEFINE_integer(
    "train_shots",
    None,
    "Images of each class in meta-training. Default: Reptile's, 10 at 28 pixels and 15 "
    "at 84.",
)
SEED = flags.DEFINE_integer("seed", 0, "Of everything random but the class splits.")


def _from_preset(define, name: str, text: str):
    values = ", ".join(f"{preset}: {v[name]:,}" for preset, v in PRESETS.items())
    if len({v[name] for v in PRESETS.values()}) == 1:
        values = f"{PRESETS['quick'][name]:,}"
    return define(name, None, f"{text} ({values})")


# Table A1, from its first row to its last.
for _define, _name, _text in (
    (flags.DEFINE_integer, "max_num_blocks", "B: blocks of the largest cells."),
    (flags.DEFINE_integer, "num_filters", "F: filters of the first layer."),
    (flags.DEFINE_integer, "beam_size", "K: cells each stage trains after the first."),
    (flags.DEFINE_integer, "num_cell_repeats", "N: normal cells before a reduction."),
    (flags.DEFINE_integer, "feature_scale_rate", "Growth of filters by reductions."),
    (flags.DEFINE_integer, "predictor_cell_size", "Units of the predictor's LSTM."),
    (flags.DEFINE_integer, "predictor_num_layers", "Layers of the predictor's LSTM."),
    (flags.DEFINE_integer, "inner_iterations", "Inner iterations on an episode."),
    (flags.DEFINE_integer, "inner_batch_size", "Images of an inner iteration."),
    (flags.DEFINE_float, "inner_learning_rate", "Of the inner Adam."),
    (flags.DEFINE_integer, "meta_batch_size", "Episodes of an outer iteration."),
    (flags.DEFINE_float, "outer_step_size", "Decays linearly to 0."),
    (flags.DEFINE_integer, "outer_iterations", "Outer iterations of a candidate."),
    (flags.DEFINE_integer, "final_outer_iterations", "Outer iterations in full."),
    (flags.DEFINE_integer, "num_scoring_episodes", "Episodes that score a candidate."),
    (flags.DEFINE_integer, "num_test_episodes", "Episodes that score the result."),
):
    _from_preset(_define, _name, _text)

INNER_BETA1 = flags.DEFINE_float("inner_beta1", 0.0, "Of the inner Adam; Reptile's: 0.")
CARRY_MOMENTS = flags.DEFINE_bool(
    "carry_moments", True, "Adam's moments run on from episode to episode."
)
STEM_STRIDE = flags.DEFINE_integer(
    "stem_stride", 0, "Of the first convolution; 0: 1 up to 48 pixels, 2 above."
)
_from_preset(
    flags.DEFINE_integer,
    "scoring_inner_iterations",
    "Inner iterations on a scoring episode.",
)
SCORING_INNER_BATCH_SIZE = flags.DEFINE_integer(
    "scoring_inner_batch_size",
    None,
    "Images of such an iteration. Default: Reptile's, 5; 10 above 5 ways; 15 for more "
    "than one shot at 84 pixels.",
)
NUM_PARALLEL_EPISODES = flags.DEFINE_integer(
    "num_parallel_episodes",
    None,
    "Episodes computed side by side. Default: where that is faster, the meta-batch "
    "shared out among threads and replicas; else 1, as on a GPU, without oneDNN, and "
    "where the first feature map of an episode's batch exceeds 1.5 MiB.",
)
JIT_COMPILE = flags.DEFINE_enum(
    "jit_compile", "auto", ["auto", "on", "off"], "XLA; auto: on a GPU, not on a CPU."
)
STRATEGY = flags.DEFINE_enum(
    "strategy",
    "default",
    ["default", "mirrored"],
    "Full training on one device, or on all GPUs of this machine (with none: on "
    "--num_logical_cpus).",
)
NUM_LOGICAL_CPUS = flags.DEFINE_integer(
    "num_logical_cpus", 1, "Logical CPUs, to try --strategy=mirrored without GPUs."
)


def run_directory(kind: str) -> str:
    """The run directory, absolute; by default one for each kind, dataset and preset."""
    default = os.path.join("runs", f"{kind}-{DATASET.value}-{PRESET.value}")
    return user_path(RUN_DIR.value or default)


def strategy_and_cpus() -> tuple[str, int]:
    """The strategy of full training, and how many logical CPUs it finds."""
    if NUM_LOGICAL_CPUS.value < 1:
        raise ValueError(
            "`num_logical_cpus` must be at least 1. "
            f"Received: {NUM_LOGICAL_CPUS.value}."
        )
    return STRATEGY.value, NUM_LOGICAL_CPUS.value


def value(name: str):
    """A flag's value: as given, else the preset's."""
    given = flags.FLAGS[name].value
    return PRESETS[PRESET.value].get(name) if given is None else given


def at_least(name: str, least: int) -> int:
    """A flag's value, which must not be less."""
    if value(name) < least:
        raise ValueError(f"`{name}` must be at least {least}. Received: {value(name)}.")
    return value(name)


def dataset_config() -> DatasetConfig:
    """Which dataset, as the flags say."""
    return DatasetConfig(
        dataset=DATASET.value,
        data_dir=user_path(DATA_DIR.value),
        manual_dir=user_path(MANUAL_DIR.value),
        image_folder=user_path(IMAGE_FOLDER.value),
        image_size=IMAGE_SIZE.value,
        split_seed=SPLIT_SEED.value,
        omniglot_validation_classes=OMNIGLOT_VALIDATION_CLASSES.value,
    )


def candidate_config(image_shape) -> CandidateConfig:
    """A candidate as the flags say."""
    ways, shots = WAYS.value, SHOTS.value
    small = small_images(image_shape)
    train_shots = TRAIN_SHOTS.value
    if train_shots is None:
        train_shots = 10 if small else 15
    batch_size = SCORING_INNER_BATCH_SIZE.value
    if batch_size is None:
        batch_size = 15 if shots > 1 and not small else 5 if ways <= 5 else 10
    return CandidateConfig(
        image_shape=image_shape,
        network=NetworkConfig(
            num_filters=value("num_filters"),
            num_cell_repeats=value("num_cell_repeats"),
            feature_scale_rate=value("feature_scale_rate"),
            stem_stride=STEM_STRIDE.value,
        ),
        episodes=EpisodeConfig(ways=ways, shots=shots, train_shots=train_shots),
        reptile=reptile_config(value("outer_iterations")),
        scoring=ScoringConfig(
            scoring_inner_iterations=value("scoring_inner_iterations"),
            scoring_inner_batch_size=batch_size,
            num_scoring_episodes=value("num_scoring_episodes"),
        ),
        seed=SEED.value,
        computation=ComputationConfig(
            num_parallel_episodes=NUM_PARALLEL_EPISODES.value,
            jit_compile={"auto": None, "on": True, "off": False}[JIT_COMPILE.value],
        ),
    )


def reptile_config(outer_iterations: int) -> ReptileConfig:
    """Meta-training as the flags say."""
    return ReptileConfig(
        inner_iterations=value("inner_iterations"),
        inner_batch_size=value("inner_batch_size"),
        inner_learning_rate=value("inner_learning_rate"),
        inner_beta1=INNER_BETA1.value,
        carry_moments=CARRY_MOMENTS.value,
        meta_batch_size=value("meta_batch_size"),
        outer_step_size=value("outer_step_size"),
        outer_iterations=outer_iterations,
    )


def full_training_config(candidate: CandidateConfig) -> CandidateConfig:
    """The full training of a network that was, or would be, such a candidate."""
    scoring = dataclasses.replace(
        candidate.scoring, num_scoring_episodes=at_least("num_test_episodes", 2)
    )
    reptile = reptile_config(at_least("final_outer_iterations", 1))
    return dataclasses.replace(candidate, reptile=reptile, scoring=scoring)


def check_episodes(config: CandidateConfig, splits: ClassSplits, *names: str) -> None:
    """Raises ValueError where a split cannot supply its episodes.

    Args:
      config: Ways and shots.
      splits: The class splits.
      *names: Splits that score, besides the test split.
    """
    episodes = config.episodes
    train = splits.train
    train.check_episode(episodes.ways, episodes.train_shots, "train", "train_shots")
    if "validation" in names and not splits.validation.num_classes:
        raise ValueError(
            "There are no validation classes to score candidates with. Give "
            "--omniglot_validation_classes=100, or --scoring_split=test."
        )
    for name in sorted({"test", *names}):
        classes = getattr(splits, name)
        classes.check_episode(episodes.ways, episodes.shots + 1, name, "shots")


def describe_splits(splits: ClassSplits) -> str:
    """How many classes and images each split has."""
    return ", ".join(
        f"{getattr(splits, name).num_classes:,} {name} classes "
        f"({len(getattr(splits, name).images):,} images)"
        for name in ("train", "validation", "test")
    )
