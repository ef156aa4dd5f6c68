"""Genomes: what a cell is made of, and how it is written down."""

import dataclasses
import json
import os
import reprlib
from typing import NoReturn

from autometa_tf.genomes.operation import OPERATIONS

# A cell reads the outputs of the two cells before it: input 0 is H^(c-2) and input 1
# is H^(c-1). Inputs from here on are the cell's own blocks.
NUM_CELL_INPUTS = 2

# The paper searches up to 5 blocks. Hostile files name many more.
MAX_NUM_BLOCKS = 10
_MAX_TEXT_SIZE = 1_000_000


class InvalidGenomeError(ValueError):
    """A genome, or a text of one, that no cell can be built from."""


@dataclasses.dataclass(frozen=True, order=True, slots=True)
class Block:
    """Two operations on two inputs, whose results are added (PNAS, section 3.1).

    Attributes:
      input1: 0 or 1 for the cell's inputs H^(c-2) and H^(c-1), `i + 2` for block `i`.
      operation1: Name of the operation on `input1`, a key of `OPERATIONS`.
      input2: Like `input1`.
      operation2: Name of the operation on `input2`.
    """

    input1: int
    operation1: str
    input2: int
    operation2: str

    @property
    def halves(self) -> tuple[tuple[int, str], tuple[int, str]]:
        """The two (input, operation) pairs."""
        return (self.input1, self.operation1), (self.input2, self.operation2)


@dataclasses.dataclass(frozen=True, order=True, slots=True)
class Genome:
    """The blocks of a cell. Each may read the cell's inputs and the blocks before it.

    Raises:
      InvalidGenomeError: A block is missing, misplaced or unknown.
    """

    blocks: tuple[Block, ...]

    def __post_init__(self):
        if not isinstance(self.blocks, tuple):
            raise InvalidGenomeError(
                f"`blocks` must be a tuple of blocks. Received: {_show(self.blocks)}."
            )
        if not 1 <= len(self.blocks) <= MAX_NUM_BLOCKS:
            raise InvalidGenomeError(
                f"A genome must have 1 to {MAX_NUM_BLOCKS} blocks. "
                f"Received: {len(self.blocks)}."
            )
        for position, block in enumerate(self.blocks):
            _check_block(block, position)

    @property
    def num_blocks(self) -> int:
        """Number of blocks, 1 to `MAX_NUM_BLOCKS`."""
        return len(self.blocks)

    @property
    def depth(self) -> int:
        """Number of blocks on the longest path through the cell."""
        depths = [0] * NUM_CELL_INPUTS
        for block in self.blocks:
            depths.append(1 + max(depths[block.input1], depths[block.input2]))
        return max(depths)

    @property
    def loose_blocks(self) -> tuple[int, ...]:
        """The blocks no other block reads, as input numbers from 2 on."""
        read = self._all_inputs_read()
        numbers = range(NUM_CELL_INPUTS, NUM_CELL_INPUTS + self.num_blocks)
        return tuple(number for number in numbers if number not in read)

    @property
    def inputs_read(self) -> frozenset[int]:
        """Which of the cell's two inputs, 0 and 1, any block reads."""
        return self._all_inputs_read() & frozenset(range(NUM_CELL_INPUTS))

    def _all_inputs_read(self) -> frozenset[int]:
        return frozenset(number for block in self.blocks for number, _ in block.halves)

    def __str__(self) -> str:
        return " ".join(
            f"({block.input1} {block.operation1} + {block.input2} {block.operation2})"
            for block in self.blocks
        )


def genome_to_json(genome: Genome) -> str:
    """The genome as `{"blocks": [[input, operation, input, operation], …]}`."""
    return json.dumps(
        {"blocks": [list(dataclasses.astuple(block)) for block in genome.blocks]}
    )


def genome_from_json(text: str) -> Genome:
    """Reads what `genome_to_json` writes, and nothing else.

    Raises:
      InvalidGenomeError: It is no genome; the message says what came.
    """
    if len(text) > _MAX_TEXT_SIZE:
        raise InvalidGenomeError(
            f"A genome's text must have at most {_MAX_TEXT_SIZE} characters. "
            f"Received: {len(text)}."
        )
    try:
        content = json.loads(
            text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant
        )
    except InvalidGenomeError:
        raise
    except RecursionError:
        raise InvalidGenomeError("A genome's text is nested too deeply.") from None
    except ValueError as error:
        raise InvalidGenomeError(f"A genome's text must be JSON: {error}.") from None
    if not isinstance(content, dict) or list(content) != ["blocks"]:
        raise InvalidGenomeError(
            "A genome must be an object with the one key 'blocks'. "
            f"Received: {_show(content)}."
        )
    rows = content["blocks"]
    if not isinstance(rows, list):
        raise InvalidGenomeError(f"'blocks' must be a list. Received: {_show(rows)}.")
    return Genome(
        tuple(_read_block(row, position) for position, row in enumerate(rows))
    )


def read_genome(path: str | os.PathLike) -> Genome:
    """Reads a genome file, such as a search's `genome.json`.

    Raises:
      InvalidGenomeError: The file cannot be read or holds no genome.
    """
    try:
        with open(path, "rb") as file:
            # One byte more than allowed tells a file that is too long without
            # reading all of it.
            content = file.read(_MAX_TEXT_SIZE + 1)
        if len(content) > _MAX_TEXT_SIZE:
            raise InvalidGenomeError(
                f"A genome file must have at most {_MAX_TEXT_SIZE} bytes."
            )
        return genome_from_json(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError, InvalidGenomeError) as error:
        raise InvalidGenomeError(f"Genome file {os.fspath(path)!r}: {error}") from None


def write_genome(genome: Genome, path: str | os.PathLike) -> None:
    """Writes a genome file, which `read_genome` and `train --genome` read.

    Raises:
      OSError: It cannot be written.
    """
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{genome_to_json(genome)}\n")


def _check_block(block: Block, position: int) -> None:
    if not isinstance(block, Block):
        raise InvalidGenomeError(
            f"Block {position} must be a block. Received: {_show(block)}."
        )
    for number, operation in block.halves:
        # `type`, because a bool is an `int` to isinstance.
        if type(number) is not int or not 0 <= number < position + NUM_CELL_INPUTS:
            raise InvalidGenomeError(
                f"Block {position} must read inputs 0 to "
                f"{position + NUM_CELL_INPUTS - 1}, the cell's inputs and earlier "
                f"blocks. Received: {_show(number)}."
            )
        if not isinstance(operation, str) or operation not in OPERATIONS:
            raise InvalidGenomeError(
                f"Block {position} must use operations among "
                f"{', '.join(OPERATIONS)}. Received: {_show(operation)}."
            )


def _read_block(row: object, position: int) -> Block:
    if not isinstance(row, list) or len(row) != 4:
        raise InvalidGenomeError(
            f"Block {position} must be [input, operation, input, operation]. "
            f"Received: {_show(row)}."
        )
    return Block(*row)


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        raise InvalidGenomeError(
            f"A genome's keys must differ from one another. Received: {_show(keys)}."
        )
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidGenomeError(f"A genome must hold no such number. Received: {name}.")


def _show(value: object) -> str:
    """One short line, however large or odd the value."""
    text = reprlib.repr(value)
    return text if len(text) <= 100 else f"{text[:100]}..."
