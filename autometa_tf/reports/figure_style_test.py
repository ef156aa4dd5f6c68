import os

import numpy as np
from absl.testing import absltest, parameterized
from matplotlib.figure import Figure
from PIL import Image

from autometa_tf.reports.figure_style import (
    LINE_COLORS,
    figure_style,
    limits,
    percent_axis,
    save_figure,
    stage_color,
)


class FigureStyleTest(parameterized.TestCase):
    def test_a_figure_becomes_an_image_of_its_size(self):
        directory = self.create_tempdir().full_path
        with figure_style():
            width = save_figure(Figure(figsize=(4, 2)), directory, "a.png")
        with Image.open(os.path.join(directory, "a.png")) as image:
            self.assertEqual(image.format, "PNG")
            self.assertEqual(image.size, (2 * width, width))

    def test_names_with_dollar_signs_are_no_formulas(self):
        with figure_style():
            figure = Figure()
            text = figure.text(0.5, 0.5, "run $1$")
            self.assertFalse(text.get_parse_math())

    @parameterized.parameters(
        ([0.2, 0.4], {"margin": 0.1}, (0.18, 0.42)),
        ([0.5], {"margin": 0.1, "min_span": 0.1}, (0.44, 0.56)),
        ([0.2, 0.4], {"margin": 0.1, "min_span": 0.1}, (0.18, 0.42)),
        ([0.2, 0.4], {"margin": 0.0, "min_span": 1.0}, (-0.2, 0.8)),
    )
    def test_limits(self, values, arguments, expected):
        np.testing.assert_allclose(limits(values, **arguments), expected)

    def test_percent_has_no_more_digits_than_needed(self):
        axes = Figure().add_subplot()
        axes.set_xlim(0.895, 0.925)
        percent_axis(axes.xaxis, 4)
        labels = [axes.xaxis.get_major_formatter()(x, 0) for x in (0.9, 0.925, 0.91234)]
        self.assertEqual(labels, ["90%", "92.5%", "91.234%"])

    @parameterized.parameters(1, 2, 5, 10)
    def test_colors_of_stages_are_seen_on_white_and_grow_lighter(self, num_stages):
        lightness = [
            _luminance(stage_color(number, num_stages))
            for number in range(1, num_stages + 1)
        ]
        self.assertEqual(lightness, sorted(set(lightness)))
        self.assertLess(lightness[-1], 0.65)

    def test_colors_of_lines_differ(self):
        self.assertLen(set(LINE_COLORS), len(LINE_COLORS))


def _luminance(color) -> float:
    """Relative luminance, of linear light (WCAG 2)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


if __name__ == "__main__":
    absltest.main()
