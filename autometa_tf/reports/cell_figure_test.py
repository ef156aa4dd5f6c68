import pathlib

from absl.testing import absltest, parameterized
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyBboxPatch, PathPatch

from autometa_tf.genomes.genome import Block, Genome, read_genome
from autometa_tf.genomes.operation import OPERATIONS, Operation
from autometa_tf.reports.cell_figure import draw_cell, operation_label
from autometa_tf.reports.figure_style import figure_style

_GENOMES = pathlib.Path(__file__).parents[2] / "testdata" / "genomes"


class OperationLabelTest(parameterized.TestCase):
    @parameterized.parameters(
        ("conv3x3", "3×3 conv"),
        ("conv1x5_5x1", "1×5, 5×1 conv"),
        ("identity", "identity"),
        ("avg_pool3x3", "3×3 avg pool"),
        ("max_pool3x3", "3×3 max pool"),
        ("sep_conv5x5", "5×5 sep conv"),
        ("dil_conv3x3", "3×3 dil conv"),
        ("conv1x1", "1×1 conv"),
    )
    def test_operations(self, name, expected):
        self.assertEqual(operation_label(OPERATIONS[name]), expected)

    def test_a_new_operation_has_its_label_by_its_description(self):
        operation = Operation(name="new", pool="max", pool_size=5)
        self.assertEqual(operation_label(operation), "5×5 max pool")


class CellFigureTest(parameterized.TestCase):
    def draw(self, genome):
        with figure_style():
            figure = draw_cell(genome)
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
        (axes,) = figure.axes
        return figure, axes, canvas.get_renderer()

    def test_the_cell_of_the_paper_s_figure_1(self):
        _, axes, _ = self.draw(read_genome(_GENOMES / "auto_meta_small.json"))
        texts = [text.get_text() for text in axes.texts]
        self.assertCountEqual(
            texts,
            ["$H^{c-2}$", "$H^{c-1}$", "$H^{c}$", "concat"]
            + [f"block {number}" for number in range(1, 6)]
            + ["+"] * 5
            + ["3×3 conv"] * 5
            + ["1×5, 5×1 conv"] * 3
            + ["3×3 max pool"] * 2,
        )
        edges = [p for p in axes.patches if isinstance(p, PathPatch)]
        self.assertLen(edges, 2 * 5 + 3)

    @parameterized.named_parameters(
        ("one_loose_block", [(0, 1), (0, 2)], False),
        ("two_loose_blocks", [(0, 1), (0, 1)], True),
    )
    def test_only_several_loose_blocks_are_concatenated(self, inputs, expected):
        blocks = [Block(a, "identity", b, "identity") for a, b in inputs]
        _, axes, _ = self.draw(Genome(tuple(blocks)))
        texts = {text.get_text() for text in axes.texts}
        self.assertEqual("concat" in texts, expected)

    def test_an_input_nobody_reads_is_drawn_with_a_dashed_line(self):
        _, axes, _ = self.draw(Genome((Block(1, "identity", 1, "identity"),)))
        self.assertLen([p for p in axes.patches if p.get_linestyle() == "--"], 1)
        _, axes, _ = self.draw(Genome((Block(0, "identity", 1, "identity"),)))
        self.assertEmpty([p for p in axes.patches if p.get_linestyle() == "--"])

    @parameterized.parameters(1, 3, 10)
    def test_texts_fit_into_their_boxes_and_all_into_the_figure(self, num_blocks):
        names = list(OPERATIONS)
        blocks = [
            Block(i, names[i % 9], i + 1, names[(i + 1) % 9]) for i in range(num_blocks)
        ]
        figure, axes, renderer = self.draw(Genome(tuple(blocks)))
        boxes = [
            patch.get_window_extent(renderer)
            for patch in axes.patches
            if isinstance(patch, FancyBboxPatch)
        ]
        for box in boxes:
            self.assertTrue(figure.bbox.containsx(box.x0))
            self.assertTrue(figure.bbox.containsx(box.x1))
            self.assertTrue(figure.bbox.containsy(box.y0))
            self.assertTrue(figure.bbox.containsy(box.y1))
        for text in axes.texts:
            extent = text.get_window_extent(renderer)
            fits = any(
                box.x0 < extent.x0
                and extent.x1 < box.x1
                and box.y0 < extent.y0
                and extent.y1 < box.y1
                for box in boxes
            )
            self.assertTrue(fits, text.get_text())

    def test_a_drawing_is_as_large_as_its_cell(self):
        small, _, _ = self.draw(Genome((Block(0, "identity", 1, "identity"),)))
        blocks = [Block(0, "identity", 1, "identity")] * 10
        wide, _, _ = self.draw(Genome(tuple(blocks)))
        self.assertLess(small.get_figwidth(), 5)
        self.assertGreater(wide.get_figwidth(), 10 * 2.8)
        # Room for the concatenation.
        self.assertAlmostEqual(wide.get_figheight() - small.get_figheight(), 0.7)


if __name__ == "__main__":
    absltest.main()
