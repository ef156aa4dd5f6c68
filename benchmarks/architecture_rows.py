"""The rows of the architectures' table: networks of one size, trained by one recipe.

All have as many filters as they can without more weights than the paper's Figure 1 cell
has with its 10, 24,185 at 48x48x3.
"""

import random
from collections.abc import Callable, Iterator

from autometa_tf.genomes.expansion import possible_blocks
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_cost import network_cost
from autometa_tf.networks.network_kinds import Cell, Conv4
from benchmarks.recipe_rows import FIGURE_1, Row

_TASK = Task(image_shape=(48, 48, 3), ways=5)
_NUM_RANDOM, _NUM_BLOCKS, _SEED = 5, 5, 0
MOST_WEIGHTS = network_cost(
    FIGURE_1.genome, NetworkConfig(num_filters=10, stem_stride=2), _TASK
).num_parameters
# What the recipe's table says helps.
_RECIPE = {"class_balanced_batches": True, "flips": True}


def _random_cells() -> Iterator[Genome]:
    generator = random.Random(_SEED)
    choices = [possible_blocks(NUM_CELL_INPUTS + i) for i in range(_NUM_BLOCKS)]
    for _ in range(_NUM_RANDOM):
        yield Genome(tuple(generator.choice(each) for each in choices))


def widest(weights_with: Callable[[int], int], most: int = MOST_WEIGHTS) -> int:
    """The largest number of filters without more weights than `most`."""
    filters = 1
    while weights_with(filters + 1) <= most:
        filters += 1
    return filters


def cell_weights(genome: Genome, filters: int) -> int:
    """The weights of a cell's network."""
    config = NetworkConfig(num_filters=filters, stem_stride=2)
    return network_cost(genome, config, _TASK).num_parameters


def conv4_weights(filters: int) -> int:
    """The weights of conv4, whose maps end in 3x3 pixels."""
    convolutions = 9 * _TASK.image_shape[2] * filters + 3 * 9 * filters**2
    return convolutions + 4 * 3 * filters + (9 * filters + 1) * _TASK.ways


def _row(name: str, genome: Genome) -> Row:
    filters = widest(lambda number: cell_weights(genome, number))
    return Row(
        name=name,
        fields=_RECIPE | {"num_filters": filters},
        reference="" if name == "figure_1" else "figure_1",
        network=Cell(genome),
    )


_CONV4 = Row(
    name="conv4",
    fields=_RECIPE,
    reference="figure_1",
    network=Conv4(widest(conv4_weights)),
)
ROWS = {
    row.name: row
    for row in (
        _row("figure_1", FIGURE_1.genome),
        _CONV4,
        *(
            _row(f"random_{number}", genome)
            for number, genome in enumerate(_random_cells(), start=1)
        ),
    )
}
