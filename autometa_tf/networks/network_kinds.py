"""The kinds of networks, a cell's and Reptile's own, as values without TensorFlow."""

import dataclasses
import json

from autometa_tf.genomes.genome import Genome, genome_from_json, genome_to_json

_CONV4 = "conv4"


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

    Its number of filters, and how it halves the image, follow from the image size.
    """

    def __str__(self) -> str:
        return _CONV4


Network = Cell | Conv4


def network_to_json(network: Network) -> dict | str:
    """What JSON has for a network: a cell's `genome.json`, or "conv4"."""
    if isinstance(network, Conv4):
        return _CONV4
    return json.loads(genome_to_json(network.genome))


def network_from_json(content: object) -> Network:
    """Reads what `network_to_json` returns, and nothing else.

    Args:
      content: What `json.loads` returns.

    Raises:
      ValueError: It is no network; the message says what came.
    """
    if content == _CONV4:
        return Conv4()
    if not isinstance(content, dict):
        raise ValueError(
            f'A network must be "{_CONV4}" or a genome, an object with the key '
            f"'blocks'. Received: {content!r:.80}."
        )
    try:
        text = json.dumps(content)
    except RecursionError:
        raise ValueError("A network's genome is nested too deeply.") from None
    return Cell(genome_from_json(text))
