"""The rows of the recipe's table: what each changes, and what it is compared with."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.genomes.genome import read_genome
from autometa_tf.networks.network_kinds import Cell, Network

# Learning rates that every learner is offered for scoring, and the batch for each number
# of shots: Reptile's.
TEST_LEARNING_RATES = (0.01, 0.003, 0.001)
TEST_BATCH_SIZES = {5: 15, 1: 5}

# The cell of the paper's Figure 1, small setting.
FIGURE_1 = Cell(
    read_genome(
        str(
            pathlib.Path(__file__).parents[1]
            / "testdata"
            / "genomes"
            / "auto_meta_small.json"
        )
    )
)

_DECAY = {"final_inner_learning_rate": 0.001}
_BALANCED = {"class_balanced_batches": True}
_SHARED_HEAD = {"shared_head": True}
_PRETRAINED = _DECAY | {
    "pretraining_epochs": 10,
    "inner_learning_rate": 0.005,
    "outer_step_size": 0.5,
}

# mini-ImageNet's images at 48 pixels, for which the rest is as for its own 84.
_BASE = {
    "dataset": "image_folder",
    "image_size": 48,
    "stem_stride": 2,
    "shots": 5,
    "train_shots": 15,
    "queries_per_class": 5,
    "scoring_inner_iterations": 20,
    "scoring_inner_batch_size": TEST_BATCH_SIZES[5],
    "scoring_inner_learning_rate": TEST_LEARNING_RATES[1],
    "final_split": "validation",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One recipe.

    Attributes:
      name: Of the row, and of its runs' folders.
      fields: What is not as in the base experiment, by the names of fields.
      reference: The row that it is compared with; "" for the first.
      network: What is trained.
    """

    name: str
    fields: Mapping[str, Any]
    reference: str = "decay"
    network: Network = FIGURE_1


ROWS = {
    row.name: row
    for row in (
        Row(name="base", fields={}, reference=""),
        Row(name="decay", fields=_DECAY, reference="base"),
        Row(name="balanced", fields=_DECAY | _BALANCED),
        Row(name="shared_head", fields=_DECAY | _SHARED_HEAD),
        Row(name="flips", fields=_DECAY | {"flips": True}),
        # The start of such trainings is known to want a smaller learning rate and step.
        Row(name="pretrained", fields=_PRETRAINED),
        # In about the time of 1,500 iterations of random weights.
        Row(
            name="pretrained_equal_time",
            fields=_PRETRAINED | {"final_outer_iterations": 600},
        ),
    )
}


def experiment_of(row: Row, seed: int, **fields: Any) -> ExperimentConfig:
    """What a row's learner is trained with.

    Its own protocol is 5-shot at the middle learning rate.

    Args:
      row: The row.
      seed: Of its weights, training episodes and scoring episodes. Rows with one seed
        are scored on the same episodes.
      **fields: What the command line says, such as where the images lie. What the row
        says goes before it.
    """
    return ExperimentConfig.from_preset(
        "mini_imagenet_small", **_BASE | fields | row.fields, seed=seed
    )


def test_protocol(shots: int, rate: float, num_episodes: int) -> dict[str, Any]:
    """One way in which every learner is scored; see `protocols`."""
    return {
        "shots": shots,
        "scoring_inner_batch_size": TEST_BATCH_SIZES[shots],
        "scoring_inner_learning_rate": rate,
        "num_test_episodes": num_episodes,
    }
