"""One form for all genomes that describe the same cell."""

from collections.abc import Iterator

from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Block, Genome


def canonical_form(genome: Genome) -> Genome:
    """The genome that stands for all which describe the same cell.

    A cell stays the same when the halves of a block change places and when blocks
    do, as long as each still follows the blocks it reads. Of all genomes made that way
    this is the smallest, in the order of genomes. So two genomes have the same
    canonical form exactly when their cells are isomorphic.
    """
    readers = _readers(genome)
    blocks = []
    # The smallest genome begins with its smallest possible block, goes on with the
    # smallest that can follow, and so on. Where several blocks tie, each choice may
    # give the better continuation, so all are followed. A beginning maps the old
    # input numbers of what it has placed to their new ones.
    beginnings = [{number: number for number in range(NUM_CELL_INPUTS)}]
    for _ in genome.blocks:
        smallest = None
        tied = {}
        for index, beginning in enumerate(beginnings):
            for number, block in _next_blocks(genome, beginning):
                if smallest is None or block < smallest:
                    smallest = block
                    tied = {}
                if block == smallest:
                    # Equal blocks with the same readers are interchangeable: one of
                    # them is enough. Else ten equal blocks had 10! beginnings.
                    tied.setdefault((index, readers[number]), (beginning, number))
        blocks.append(Block(*smallest))
        beginnings = [
            beginning | {number: len(beginning)} for beginning, number in tied.values()
        ]
    return Genome(tuple(blocks))


def _readers(genome: Genome) -> dict[int, frozenset]:
    """For each block's number, which blocks read it, and with which operations.

    Two blocks cannot have the same readers twice over: a reader has two halves only,
    so a set tells as much as a list.
    """
    readers = {number: set() for number, _ in _numbered(genome)}
    for reader, block in _numbered(genome):
        for number, operation in block.halves:
            if number in readers:
                readers[number].add((reader, operation))
    return {number: frozenset(found) for number, found in readers.items()}


def _next_blocks(
    genome: Genome, beginning: dict[int, int]
) -> Iterator[tuple[int, tuple[int, str, int, str]]]:
    """Yields the blocks that may follow: old numbers, and fields in new numbers."""
    for number, block in _numbered(genome):
        if number in beginning:
            continue
        input1 = beginning.get(block.input1)
        input2 = beginning.get(block.input2)
        if input1 is None or input2 is None:
            continue
        half1 = (input1, block.operation1)
        half2 = (input2, block.operation2)
        yield number, half1 + half2 if half1 <= half2 else half2 + half1


def _numbered(genome: Genome) -> Iterator[tuple[int, Block]]:
    return enumerate(genome.blocks, start=NUM_CELL_INPUTS)
