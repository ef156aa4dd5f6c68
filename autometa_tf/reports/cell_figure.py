"""A cell drawn as a graph, as in the paper's Figure 1."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch
from matplotlib.path import Path

from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.genomes.operation import OPERATIONS, Operation
from autometa_tf.reports.cell_layout import (
    BLOCK_WIDTH,
    HALF_OFFSET,
    INPUT_WIDTH,
    OUTPUT,
    CellLayout,
    lay_out_cell,
    width_of,
)
from autometa_tf.reports.figure_style import (
    BLUE,
    GREY,
    INK,
    VERMILLION,
)

# Heights and sizes, like the layout's in inches.
_PILL_HEIGHT = 0.45
_BLOCK_HEIGHT = 1.3
_GAP = 0.85
_RANK_HEIGHT = _BLOCK_HEIGHT + _GAP
_CONCAT_HEIGHT = 0.7
_OPERATION_SIZE = (1.24, 0.44)
_ADD_RADIUS = 0.15
_MARGIN = 0.25
_LINE_WIDTH = 1.6

# Across and up, in inches.
Point = tuple[float, float]

# Heights above a block's bottom.
_OPERATION_Y, _ADD_Y = 0.38, 1.0

_INPUT_COLORS = (VERMILLION, BLUE)
_BLOCK_FILL, _BLOCK_EDGE, _NAME_COLOR = "#f4f4f4", "#c8c8c8", "#6b6b6b"
_CONVOLUTION_FILL, _POOLING_FILL = "#cfe3f3", "#fbe3bd"


def operation_label(operation: Operation) -> str:
    """What an operation does in a word or two, such as "3×3 conv"."""
    if operation.pool:
        kind = {"average": "avg", "max": "max"}[operation.pool]
        return f"{operation.pool_size}×{operation.pool_size} {kind} pool"
    if not operation.kernel_sizes:
        return "identity"
    sizes = [f"{height}×{width}" for height, width in operation.kernel_sizes]
    if operation.depthwise:
        return f"{sizes[0]} sep conv"
    kind = "dil conv" if operation.dilation > 1 else "conv"
    return f"{', '.join(sizes)} {kind}"


def draw_cell(genome: Genome) -> Figure:
    """Draws a cell, from its inputs at the bottom to its output on top."""
    layout = lay_out_cell(genome)
    num_loose = len(genome.loose_blocks)
    figure, axes = _make_figure(layout, num_loose)
    _draw_edges(axes, layout)
    for number in range(NUM_CELL_INPUTS):
        _draw_input(axes, layout, number, is_read=number in genome.inputs_read)
    for number in range(NUM_CELL_INPUTS, NUM_CELL_INPUTS + genome.num_blocks):
        _draw_block(axes, layout, number)
    _draw_operations(axes, layout)
    _draw_output(axes, layout, num_loose)
    return figure


def _make_figure(layout: CellLayout, num_loose: int) -> tuple[Figure, Axes]:
    """A figure without frame that has room for everything."""
    extents = [
        (center, width_of(place, layout.ranks, num_loose) / 2)
        for place, center in layout.centers.items()
    ]
    left = min(center - half for center, half in extents) - _MARGIN
    right = max(center + half for center, half in extents) + _MARGIN
    bottom = -_MARGIN
    top = _output_bottom(layout, num_loose) + _PILL_HEIGHT + _MARGIN
    figure = Figure(figsize=(right - left, top - bottom), layout="none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.set_axis_off()
    return figure, axes


def _bottom(rank: int) -> float:
    """Where a rank above the inputs begins."""
    return (rank - 1) * _RANK_HEIGHT + _PILL_HEIGHT + _GAP


def _top(rank: int) -> float:
    """Where a rank ends."""
    return _bottom(rank) + _BLOCK_HEIGHT if rank else _PILL_HEIGHT


def _output_bottom(layout: CellLayout, num_loose: int) -> float:
    """Where the cell's output begins: above the concatenation, if there is one."""
    return _bottom(layout.ranks[OUTPUT]) + (_CONCAT_HEIGHT if num_loose > 1 else 0)


def _color(source: int) -> str:
    return _INPUT_COLORS[source] if source < NUM_CELL_INPUTS else INK


def _draw_edges(axes: Axes, layout: CellLayout) -> None:
    for edge, port in zip(layout.edges, layout.ports, strict=True):
        passages = layout.passages(edge)
        vertices = [(layout.centers[passages[0]], _top(passages[0][1]))]
        codes = [Path.MOVETO]
        for place in passages[1:]:
            _curve(vertices, codes, layout.centers[place], _bottom(place[1]))
            vertices.append((layout.centers[place], _top(place[1])))
            codes.append(Path.LINETO)
        target = layout.ranks[edge.target]
        into = _bottom(target)
        _curve(vertices, codes, port, into)
        if edge.operation:
            vertices.append((port, into + _OPERATION_Y - _OPERATION_SIZE[1] / 2))
            codes.append(Path.LINETO)
        axes.add_patch(
            PathPatch(
                Path(vertices, codes),
                fill=False,
                edgecolor=_color(edge.source),
                linewidth=_LINE_WIDTH,
                capstyle="round",
                zorder=3,
            )
        )


def _curve(vertices: list[Point], codes: list[int], x: float, y: float) -> None:
    """Continues a path to a point above it; it leaves and arrives upwards."""
    from_x, from_y = vertices[-1]
    middle = (from_y + y) / 2
    vertices += [(from_x, middle), (x, middle), (x, y)]
    codes += [Path.CURVE4] * 3


def _draw_box(
    axes: Axes,
    center: Point,
    size: Point,
    *,
    fill: str,
    edge: str = INK,
    is_pill: bool = False,
    **style: Any,
) -> None:
    (x, y), (width, height) = center, size
    rounding = height / 2 if is_pill else 0.1
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle=f"round,pad=0,rounding_size={rounding}",
            facecolor=fill,
            edgecolor=edge,
            **style,
        )
    )


def _write(axes: Axes, position: Point, text: str, **style: Any) -> None:
    style = {"ha": "center", "va": "center", "zorder": 6} | style
    axes.text(*position, text, **style)


def _draw_pill(
    axes: Axes, center: Point, text: str, *, fill: str, color: str, **style: Any
) -> None:
    """One of the feature maps that come in or go out."""
    size = (INPUT_WIDTH, _PILL_HEIGHT)
    _draw_box(axes, center, size, fill=fill, is_pill=True, zorder=4, **style)
    _write(axes, center, text, color=color, fontsize=13, parse_math=True)


def _draw_input(axes: Axes, layout: CellLayout, number: int, *, is_read: bool) -> None:
    center = (layout.centers[number, 0], _PILL_HEIGHT / 2)
    text = f"$H^{{c-{NUM_CELL_INPUTS - number}}}$"
    if is_read:
        color = _color(number)
        _draw_pill(axes, center, text, fill=color, edge=color, color="white")
    else:
        style = {"edge": GREY, "linestyle": "--"}
        _draw_pill(axes, center, text, fill="white", color=GREY, **style)


def _draw_block(axes: Axes, layout: CellLayout, number: int) -> None:
    """A block's frame and its sum; the operations are drawn with the edges' ends."""
    rank = layout.ranks[number]
    x, bottom = layout.centers[number, rank], _bottom(rank)
    center, size = (x, bottom + _BLOCK_HEIGHT / 2), (BLOCK_WIDTH, _BLOCK_HEIGHT)
    _draw_box(axes, center, size, fill=_BLOCK_FILL, edge=_BLOCK_EDGE, zorder=2)
    corner = (x - BLOCK_WIDTH / 2 + 0.12, bottom + _BLOCK_HEIGHT - 0.17)
    name = f"block {number - NUM_CELL_INPUTS + 1}"
    _write(axes, corner, name, ha="left", color=_NAME_COLOR, fontsize=9)
    add_y = bottom + _ADD_Y
    operations_top = bottom + _OPERATION_Y + _OPERATION_SIZE[1] / 2
    for side in (-1, 1):
        _draw_line(axes, (x + side * HALF_OFFSET, operations_top), (x, add_y))
    _draw_line(axes, (x, add_y), (x, bottom + _BLOCK_HEIGHT))
    axes.add_patch(
        Circle((x, add_y), _ADD_RADIUS, facecolor="white", edgecolor=INK, zorder=5)
    )
    _write(axes, (x, add_y), "+", fontsize=13)


def _draw_operations(axes: Axes, layout: CellLayout) -> None:
    for edge, port in zip(layout.edges, layout.ports, strict=True):
        if not edge.operation:
            continue
        operation = OPERATIONS[edge.operation]
        center = (port, _bottom(layout.ranks[edge.target]) + _OPERATION_Y)
        _draw_box(axes, center, _OPERATION_SIZE, fill=_fill(operation), zorder=4)
        _write(axes, center, operation_label(operation), fontsize=9.5)


def _fill(operation: Operation) -> str:
    if operation.pool:
        return _POOLING_FILL
    return _CONVOLUTION_FILL if operation.kernel_sizes else "white"


def _draw_output(axes: Axes, layout: CellLayout, num_loose: int) -> None:
    """The concatenation, if there is anything to concatenate, and the cell's output."""
    rank = layout.ranks[OUTPUT]
    x, bottom = layout.centers[OUTPUT, rank], _bottom(rank)
    if num_loose > 1:
        center = (x, bottom + _PILL_HEIGHT / 2)
        size = (width_of((OUTPUT, rank), layout.ranks, num_loose), _PILL_HEIGHT)
        _draw_line(axes, center, (x, bottom + _CONCAT_HEIGHT))
        _draw_box(axes, center, size, fill="white", zorder=4)
        _write(axes, center, "concat", fontsize=10.5)
    center = (x, _output_bottom(layout, num_loose) + _PILL_HEIGHT / 2)
    _draw_pill(axes, center, "$H^{c}$", fill=INK, color="white")


def _draw_line(axes: Axes, start: Point, end: Point) -> None:
    xs, ys = zip(start, end, strict=True)
    axes.plot(xs, ys, color=INK, linewidth=_LINE_WIDTH, zorder=3, snap=False)
