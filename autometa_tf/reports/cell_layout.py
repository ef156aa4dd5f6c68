"""Where the parts of a cell go in a drawing of it: layers by depth, few crossings.

The cell's inputs are at the bottom, each block as high as it is deep, the output on
top. A value that is read further up than right above passes the ranks between in
places of their own, so that no line crosses a block (Sugiyama's method).
"""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome

# The output's number, where blocks and inputs have theirs.
OUTPUT = -1

# Widths, and the free space between neighbours, in inches.
BLOCK_WIDTH = 2.8
HALF_OFFSET = 0.67
INPUT_WIDTH = 1.1
PASSAGE_WIDTH = 0.1
PORT_DISTANCE = 0.45
_SPACE = 0.35

_NUM_SWEEPS = 12

# The value of an input or block, named by its number, at some rank: its own, where it
# is made, or a later one, which it passes.
Place = tuple[int, int]

# A place and one on the rank above it, with a line between them.
Link = tuple[Place, Place]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Edge:
    """A value on its way from where it is made to one who reads it.

    Attributes:
      source: Number of the input or block that makes it.
      target: Number of the block that reads it, or `OUTPUT`.
      operation: What the block applies to it; "" for the output.
    """

    source: int
    target: int
    operation: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CellLayout:
    """Places of all parts of a cell.

    Attributes:
      ranks: Rank of each number: 0 for inputs, a block's depth, one more for `OUTPUT`.
      centers: Horizontal center of every place.
      edges: All edges.
      ports: Where each of `edges` ends, horizontally.
    """

    ranks: Mapping[int, int]
    centers: Mapping[Place, float]
    edges: tuple[Edge, ...]
    ports: tuple[float, ...]

    def passages(self, edge: Edge) -> list[Place]:
        """The places an edge comes through, beginning with its source's own."""
        first, last = self.ranks[edge.source], self.ranks[edge.target]
        return [(edge.source, rank) for rank in range(first, last)]


def width_of(place: Place, ranks: Mapping[int, int], num_loose: int) -> float:
    """How wide the thing at a place is, for the output by how many it joins."""
    number, rank = place
    if ranks[number] != rank:
        return PASSAGE_WIDTH
    if number == OUTPUT:
        return max(INPUT_WIDTH, PORT_DISTANCE * num_loose)
    return INPUT_WIDTH if number < NUM_CELL_INPUTS else BLOCK_WIDTH


def lay_out_cell(genome: Genome) -> CellLayout:
    """Finds places for all parts of a cell; the same for the same genome."""
    ranks = _ranks(genome)
    edges = _edges(genome)
    links = _links(edges, ranks)
    rows = _order(_rows(links, ranks), links)
    widths = {
        place: width_of(place, ranks, len(genome.loose_blocks))
        for row in rows
        for place in row
    }
    centers = _centers(rows, links, widths)
    return CellLayout(
        ranks=ranks,
        centers=centers,
        edges=edges,
        ports=_ports(edges, ranks, centers),
    )


def _ranks(genome: Genome) -> dict[int, int]:
    ranks = dict.fromkeys(range(NUM_CELL_INPUTS), 0)
    for number, block in enumerate(genome.blocks, start=NUM_CELL_INPUTS):
        ranks[number] = 1 + max(ranks[block.input1], ranks[block.input2])
    ranks[OUTPUT] = 1 + max(ranks.values())
    return ranks


def _edges(genome: Genome) -> tuple[Edge, ...]:
    of_blocks = [
        Edge(source=source, target=number, operation=operation)
        for number, block in enumerate(genome.blocks, start=NUM_CELL_INPUTS)
        for source, operation in block.halves
    ]
    of_output = [Edge(source=number, target=OUTPUT) for number in genome.loose_blocks]
    return (*of_blocks, *of_output)


def _links(edges: Sequence[Edge], ranks: Mapping[int, int]) -> list[Link]:
    """The lines from rank to rank that edges are drawn as."""
    links = []
    for edge in edges:
        last = ranks[edge.target]
        passages = [(edge.source, rank) for rank in range(ranks[edge.source], last)]
        links += itertools.pairwise([*passages, (edge.target, last)])
    # Edges of one value share their way as far as they have it in common. Only the two
    # halves of a block may be two lines between the same places.
    return [
        link
        for index, link in enumerate(links)
        if link[1][0] != link[0][0] or link not in links[:index]
    ]


def _rows(links: list[Link], ranks: Mapping[int, int]) -> list[list[Place]]:
    places = set(ranks.items()).union(*links)
    return [
        sorted(place for place in places if place[1] == rank)
        for rank in range(max(ranks.values()) + 1)
    ]


def _order(rows: list[list[Place]], links: list[Link]) -> list[list[Place]]:
    """Orders each row so that few lines cross, then so that they are short."""
    best = rows
    for sweep in range(_NUM_SWEEPS):
        rows = _sorted_by_neighbours(rows, links, upwards=sweep % 2 == 0)
        best = min(best, rows, key=lambda found: _cost(found, links))
    return _swapped_while_better(best, links)


def _sorted_by_neighbours(
    rows: list[list[Place]], links: list[Link], upwards: bool
) -> list[list[Place]]:
    """Sorts the rows one after the other by where each place's neighbours are."""
    rows = list(rows)
    indices = range(1, len(rows)) if upwards else range(len(rows) - 2, -1, -1)
    for index in indices:
        before = _positions(rows)

        def mean_position(place, before=before):
            near = [
                before[low if upwards else high]
                for low, high in links
                if place == (high if upwards else low)
            ]
            return sum(near) / len(near) if near else before[place]

        rows[index] = sorted(rows[index], key=mean_position)
    return rows


def _swapped_while_better(
    rows: list[list[Place]], links: list[Link]
) -> list[list[Place]]:
    cost = _cost(rows, links)
    improved = True
    while improved:
        improved = False
        for index, row in enumerate(rows):
            for i in range(len(row) - 1):
                swapped = [*row[:i], row[i + 1], row[i], *row[i + 2 :]]
                others = [*rows[:index], swapped, *rows[index + 1 :]]
                if (new_cost := _cost(others, links)) < cost:
                    rows, row, cost, improved = others, swapped, new_cost, True
    return rows


def _cost(rows: list[list[Place]], links: list[Link]) -> tuple[int, float]:
    """How often lines cross, and how long they are."""
    positions = _positions(rows)
    # Lines leave and reach a row at relative positions, 0 to 1.
    ends = [(low[1], positions[low], positions[high]) for low, high in links]
    crossings = sum(
        rank1 == rank2 and (low1 - low2) * (high1 - high2) < 0
        for (rank1, low1, high1), (rank2, low2, high2) in itertools.combinations(
            ends, 2
        )
    )
    return crossings, sum(abs(low - high) for _, low, high in ends)


def _positions(rows: list[list[Place]]) -> dict[Place, float]:
    return {
        place: (index + 0.5) / len(row)
        for row in rows
        for index, place in enumerate(row)
    }


def _centers(
    rows: list[list[Place]], links: list[Link], widths: Mapping[Place, float]
) -> dict[Place, float]:
    """Moves every row to where its lines are straightest, without overlaps."""
    centers = {place: float(i) for row in rows for i, place in enumerate(row)}
    for sweep in range(2 * _NUM_SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            wanted = []
            for place in row:
                near = [
                    centers[high if place == low else low]
                    for low, high in links
                    if place in (low, high)
                ]
                wanted.append(sum(near) / len(near) if near else centers[place])
            spaces = [
                (widths[a] + widths[b]) / 2 + _SPACE for a, b in itertools.pairwise(row)
            ]
            centers.update(zip(row, closest_with_spaces(wanted, spaces), strict=True))
    return centers


def closest_with_spaces(wanted: list[float], spaces: list[float]) -> list[float]:
    """The positions closest to those wanted, by squares, with such spaces at least.

    Args:
      wanted: `n` positions.
      spaces: `n - 1` distances from each position to the next.
    """
    # Less the spaces before it, every position need only be no less than the one
    # before: isotonic regression, by pooling neighbours out of order.
    before = [0.0, *itertools.accumulate(spaces)]
    pools = []  # (sum, count)
    for position, space in zip(wanted, before, strict=True):
        pools.append((position - space, 1))
        while len(pools) > 1 and _mean(pools[-2]) >= _mean(pools[-1]):
            (sum1, count1), (sum2, count2) = pools[-2:]
            pools[-2:] = [(sum1 + sum2, count1 + count2)]
    means = [_mean(pool) for pool in pools for _ in range(pool[1])]
    return [mean + space for mean, space in zip(means, before, strict=True)]


def _mean(pool: tuple[float, int]) -> float:
    return pool[0] / pool[1]


def _ports(
    edges: Sequence[Edge], ranks: Mapping[int, int], centers: Mapping[Place, float]
) -> tuple[float, ...]:
    """Where edges end: those of one target side by side, in the order they come in."""
    ports = {}
    for target in ranks:
        ending = [index for index, edge in enumerate(edges) if edge.target == target]
        ending.sort(key=lambda i: centers[edges[i].source, ranks[edges[i].target] - 1])
        distance = PORT_DISTANCE if target == OUTPUT else 2 * HALF_OFFSET
        for position, index in enumerate(ending):
            offset = (position - (len(ending) - 1) / 2) * distance
            ports[index] = centers[target, ranks[target]] + offset
    return tuple(ports[index] for index in range(len(edges)))
