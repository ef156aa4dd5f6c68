"""The kinds of networks, a cell's and Reptile's own, as values without TensorFlow."""

import dataclasses
import json
import re

from autometa_tf.genomes.genome import Genome, genome_from_json, genome_to_json

_CONV4 = "conv4"
_NAMED = re.compile(rf"{_CONV4}(?:-([1-9][0-9]{{0,3}}))?")


@dataclasses.dataclass(frozen=True)
class Cell:
    """The network that repeats one cell.

    Attributes:
      genome: What the cell is made of.
    """

    genome: Genome

    def __str__(self) -> str:
        return str(self.genome)


@dataclasses.dataclass(frozen=True)
class Conv4:
    """Reptile's own network of four convolutions, the human-designed baseline.

    How it halves the image follows from the image size.

    Attributes:
      num_filters: The number of filters of each convolution. None: Reptile's, which
        follows from the image size.

    Raises:
      ValueError: The number is not 1 to 1024.
    """

    num_filters: int | None = None

    def __post_init__(self):
        if self.num_filters is not None and not 1 <= self.num_filters <= 1024:
            raise ValueError(
                "`num_filters` of conv4 must be 1 to 1024, or not be given. "
                f"Received: {self.num_filters}."
            )

    def __str__(self) -> str:
        return _CONV4 if self.num_filters is None else f"{_CONV4}-{self.num_filters}"


Network = Cell | Conv4


def network_to_json(network: Network) -> dict | str:
    """What JSON has: a cell's `genome.json`, or "conv4", or "conv4-24" of 24 filters."""
    if isinstance(network, Conv4):
        return str(network)
    return json.loads(genome_to_json(network.genome))


def network_from_json(content: object) -> Network:
    """Reads what `network_to_json` returns, and nothing else.

    Args:
      content: What `json.loads` returns.

    Raises:
      ValueError: It is no network; the message says what came.
    """
    if isinstance(content, str) and (found := _NAMED.fullmatch(content)):
        return Conv4(int(found[1]) if found[1] else None)
    if not isinstance(content, dict):
        raise ValueError(
            f'A network must be "{_CONV4}", "{_CONV4}-24" of 24 filters, or a genome, '
            f"an object with the key 'blocks'. Received: {content!r:.80}."
        )
    try:
        text = json.dumps(content)
    except RecursionError:
        raise ValueError("A network's genome is nested too deeply.") from None
    return Cell(genome_from_json(text))
