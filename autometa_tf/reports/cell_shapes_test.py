import json

from absl.testing import absltest

from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.reports.cell_shapes import cell_shapes

_TWO = Genome(
    (Block(0, "conv3x3", 1, "identity"), Block(0, "max_pool3x3", 2, "avg_pool3x3"))
)


def _of_kind(drawing, kind):
    return [shape for shape in drawing["shapes"] if shape[0] == kind]


class CellShapesTest(absltest.TestCase):
    def test_every_part_of_the_cell_is_drawn_once(self):
        drawing = cell_shapes(_TWO)
        self.assertEqual(
            [s[3] for s in _of_kind(drawing, "block")], ["block 1", "block 2"]
        )
        self.assertLen(_of_kind(drawing, "sum"), 2)
        self.assertEqual(
            sorted((shape[3], shape[4]) for shape in _of_kind(drawing, "operation")),
            [
                ("convolution", "3×3 conv"),
                ("identity", "identity"),
                ("pool", "3×3 avg pool"),
                ("pool", "3×3 max pool"),
            ],
        )
        self.assertEqual(
            sorted(s[1] for s in _of_kind(drawing, "line")), [0, 0, 1, 2, 3]
        )
        self.assertEqual([s[3:] for s in _of_kind(drawing, "input")], [[0, 1], [1, 1]])
        self.assertLen(_of_kind(drawing, "output"), 1)
        self.assertEmpty(_of_kind(drawing, "concat"))

    def test_loose_blocks_are_concatenated_and_what_is_not_read_says_so(self):
        block = Block(1, "conv3x3", 1, "conv3x3")
        drawing = cell_shapes(Genome((block, block)))
        self.assertLen(_of_kind(drawing, "concat"), 1)
        self.assertEqual([s[3:] for s in _of_kind(drawing, "input")], [[0, 0], [1, 1]])

    def test_everything_lies_within_the_drawing_and_lines_rise(self):
        drawing = cell_shapes(_TWO)
        width, height = drawing["size"]
        for shape in drawing["shapes"]:
            points = shape[2] if shape[0] == "line" else [shape[1:3]]
            for x, y in points:
                self.assertBetween(x, 0, width)
                self.assertBetween(y, 0, height)
            heights = [y for _, y in points]
            self.assertEqual(heights, sorted(heights, reverse=True))
        # A line ends where its operation is.
        ends = {tuple(s[2][-1])[0] for s in _of_kind(drawing, "line")}
        self.assertTrue({s[1] for s in _of_kind(drawing, "operation")} <= ends)

    def test_a_drawing_is_small(self):
        blocks = [Block(0, "conv1x5_5x1", number, "conv3x3") for number in range(1, 6)]
        text = json.dumps(cell_shapes(Genome(tuple(blocks))), separators=(",", ":"))
        self.assertLess(len(text), 2000)


if __name__ == "__main__":
    absltest.main()
