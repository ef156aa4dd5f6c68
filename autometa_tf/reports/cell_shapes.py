"""A cell's drawing as a few numbers and words, for a page that draws it when asked.

Hundreds of drawings then need a kilobyte each. Lengths are in hundredths of an inch,
from the left and from the top, as a browser counts them.
"""

from typing import Any

from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.genomes.operation import OPERATIONS, Operation
from autometa_tf.reports.cell_figure import operation_label
from autometa_tf.reports.cell_layout import (
    BLOCK_WIDTH,
    INPUT_WIDTH,
    OUTPUT,
    CellLayout,
    lay_out_cell,
    width_of,
)

_PILL_HEIGHT, _BLOCK_HEIGHT, _GAP, _MARGIN = 0.45, 1.3, 0.85, 0.25
_CONCAT_HEIGHT = 0.7
_OPERATION_Y, _SUM_Y = 0.38, 1.0
_OPERATION_HEIGHT = 0.44

# A kind, and what the page needs to draw one: see `cell_shapes`.
Shape = list[Any]


def cell_shapes(genome: Genome) -> dict[str, Any]:
    """What to draw of a cell, from its inputs at the bottom to its output on top.

    Returns:
      "size", `[width, height]`, and "shapes", in the order to draw them, each one of
      `["block", x, y, name]` (the frame's top left), `["line", source, points]` (from an
      input 0 or 1, or from a block: more; upwards from the first point, with a bend
      before each further pair), `["operation", x, y, kind, label]` (its centre; the sum
      above it belongs to its block), `["sum", x, y]`, `["input", x, y, number, is_read]`,
      `["concat", x, y, width]` and `["output", x, y]`.
    """
    return _Drawing(lay_out_cell(genome), genome).content()


class _Drawing:
    """One cell's places on the page.

    Args:
      layout: Where the parts are, in inches from the bottom.
      genome: The cell.
    """

    def __init__(self, layout: CellLayout, genome: Genome):
        self._layout = layout
        self._genome = genome
        self._num_loose = len(genome.loose_blocks)
        extents = [
            (center, width_of(place, layout.ranks, self._num_loose) / 2)
            for place, center in layout.centers.items()
        ]
        self._left = min(center - half for center, half in extents) - _MARGIN
        self._right = max(center + half for center, half in extents) + _MARGIN
        self._top_edge = self._output_bottom() + _PILL_HEIGHT + _MARGIN

    def content(self) -> dict[str, Any]:
        numbers = range(NUM_CELL_INPUTS, NUM_CELL_INPUTS + self._genome.num_blocks)
        shapes = [shape for number in numbers for shape in self._block(number)]
        shapes += self._lines()
        shapes += [self._input(number) for number in range(NUM_CELL_INPUTS)]
        size = [self._right - self._left, self._top_edge + _MARGIN]
        return {
            "size": [round(100 * length) for length in size],
            "shapes": shapes + self._operations() + self._output(),
        }

    def _at(self, x: float, y: float) -> list[int]:
        return [round(100 * (x - self._left)), round(100 * (self._top_edge - y))]

    def _bottom(self, rank: int) -> float:
        """Where a rank above the inputs begins."""
        return (rank - 1) * (_BLOCK_HEIGHT + _GAP) + _PILL_HEIGHT + _GAP

    def _top(self, rank: int) -> float:
        return self._bottom(rank) + _BLOCK_HEIGHT if rank else _PILL_HEIGHT

    def _output_bottom(self) -> float:
        concat = _CONCAT_HEIGHT if self._num_loose > 1 else 0
        return self._bottom(self._layout.ranks[OUTPUT]) + concat

    def _block(self, number: int) -> list[Shape]:
        rank = self._layout.ranks[number]
        x, bottom = self._layout.centers[number, rank], self._bottom(rank)
        corner = self._at(x - BLOCK_WIDTH / 2, bottom + _BLOCK_HEIGHT)
        name = f"block {number - NUM_CELL_INPUTS + 1}"
        return [["block", *corner, name], ["sum", *self._at(x, bottom + _SUM_Y)]]

    def _lines(self) -> list[Shape]:
        layout, lines = self._layout, []
        for edge, port in zip(layout.edges, layout.ports, strict=True):
            first, *between = layout.passages(edge)
            points = [self._at(layout.centers[first], self._top(first[1]))]
            for place in between:
                x, rank = layout.centers[place], place[1]
                points.append(self._at(x, self._bottom(rank)))
                points.append(self._at(x, self._top(rank)))
            into = self._bottom(layout.ranks[edge.target])
            points.append(self._at(port, into))
            if edge.operation:
                low = into + _OPERATION_Y - _OPERATION_HEIGHT / 2
                points.append(self._at(port, low))
            lines.append(["line", edge.source, points])
        return lines

    def _operations(self) -> list[Shape]:
        layout = self._layout
        return [
            [
                "operation",
                *self._at(port, self._bottom(layout.ranks[edge.target]) + _OPERATION_Y),
                _kind(OPERATIONS[edge.operation]),
                operation_label(OPERATIONS[edge.operation]),
            ]
            for edge, port in zip(layout.edges, layout.ports, strict=True)
            if edge.operation
        ]

    def _input(self, number: int) -> Shape:
        center = self._at(self._layout.centers[number, 0], _PILL_HEIGHT / 2)
        return ["input", *center, number, int(number in self._genome.inputs_read)]

    def _output(self) -> list[Shape]:
        rank = self._layout.ranks[OUTPUT]
        x = self._layout.centers[OUTPUT, rank]
        shapes = []
        if self._num_loose > 1:
            center = self._at(x, self._bottom(rank) + _PILL_HEIGHT / 2)
            width = max(INPUT_WIDTH, 0.45 * self._num_loose)
            shapes.append(["concat", *center, round(100 * width)])
        center = self._at(x, self._output_bottom() + _PILL_HEIGHT / 2)
        return [*shapes, ["output", *center]]


def _kind(operation: Operation) -> str:
    if operation.pool:
        return "pool"
    return "convolution" if operation.kernel_sizes else "identity"
