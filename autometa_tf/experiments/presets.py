"""Presets: values of the fields that nobody gives, and the defaults by image size."""

from collections.abc import Mapping
from typing import Any

from autometa_tf.networks.network_config import small_images

# What Table A1 says, what it leaves open, and how far to go. Where the table lists two
# values the presets take N = 0, learning rate 0.01 and outer step size 1.0.
_PAPER = {
    "max_num_blocks": 5,
    "num_filters": 10,
    "beam_size": 100,
    "num_cell_repeats": 0,
    "feature_scale_rate": 1.0,
    "predictor": "lstm",
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
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick": _PAPER
    | {
        "max_num_blocks": 3,
        "beam_size": 6,
        # So few scores teach an LSTM little.
        "predictor": "features",
        # Short trainings learn more from many short episodes than from few long ones.
        "inner_iterations": 5,
        "outer_iterations": 56,
        "scoring_inner_iterations": 20,
        "final_outer_iterations": 800,
        # Few steps rank candidates as well as many, and leave time for more episodes.
        "ranking_inner_iterations": 5,
        "num_scoring_episodes": 64,
        "num_finalists": 2,
        "finalist_factor": 3,
        "num_finalist_episodes": 200,
        "num_test_episodes": 200,
    },
    "omniglot": _PAPER,
    "mini_imagenet_small": _PAPER,
    # The paper's large network has 94k to 99k parameters. With the cell of its Figure 1
    # and F = 12, Table A1's rate 2 gives 233,849, a rate of 1.5 gives 93,809.
    "mini_imagenet_large": _PAPER | {"num_filters": 12, "feature_scale_rate": 1.5},
}
DEFAULT_PRESET = "quick"


def preset_fields(name: str) -> Mapping[str, Any]:
    """The fields that a preset gives, by name.

    Raises:
      ValueError: There is no such preset.
    """
    if name not in PRESETS:
        raise ValueError(
            f"`preset` must be one of {', '.join(PRESETS)}. Received: {name!r}."
        )
    return PRESETS[name]


def train_shots_for(image_shape: tuple[int, int, int]) -> int:
    """Reptile's number: 10 images of each class on Omniglot, 15 on mini-ImageNet."""
    return 10 if small_images(image_shape) else 15


def scoring_inner_batch_size_for(
    image_shape: tuple[int, int, int], ways: int, shots: int
) -> int:
    """Reptile's size: 5; 10 above 5 ways; 15 for several shots on mini-ImageNet."""
    if shots > 1 and not small_images(image_shape):
        return 15
    return 5 if ways <= 5 else 10


def default_text(name: str, default: Any) -> str:
    """A field's value where nobody gives one, in words: "3 (other presets: 5)".

    Args:
      name: The field's name.
      default: The default of its class, for presets that do not have the field.
    """
    values = {preset: fields.get(name, default) for preset, fields in PRESETS.items()}
    first = values.pop(DEFAULT_PRESET)
    others = {preset: value for preset, value in values.items() if value != first}
    if not others:
        return _text(first)
    if len(others) == len(values) and len(set(others.values())) == 1:
        others = {"other presets": value for value in others.values()}
    named = ", ".join(f"{preset}: {_text(value)}" for preset, value in others.items())
    return f"{_text(first)} ({named})"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value) if value != "" else "none"
