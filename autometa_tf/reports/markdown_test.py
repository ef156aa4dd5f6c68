from absl.testing import absltest

from autometa_tf.reports.markdown import escape, image, table


class MarkdownTest(absltest.TestCase):
    def test_text_from_outside_can_neither_end_a_cell_nor_become_html(self):
        self.assertEqual(
            escape("a|b <script>\n# `x_y`"), r"a\|b \<script\> \# \`x\_y\`"
        )

    def test_table(self):
        self.assertEqual(
            table(["Stage", "Score"], [["1", "50%"], ["2", "60%"]], "lr"),
            "| Stage | Score |\n| :-- | --: |\n| 1 | 50% |\n| 2 | 60% |",
        )

    def test_image(self):
        self.assertEqual(
            image("A cell", "cell.png", 500),
            '<img src="cell.png" alt="A cell" width="500">',
        )


if __name__ == "__main__":
    absltest.main()
