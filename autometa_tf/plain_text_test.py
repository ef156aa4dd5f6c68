from absl.testing import absltest, parameterized

from autometa_tf.plain_text import (
    counted,
    decimal,
    duration,
    hours,
    one_line,
    percent,
    printable,
    short,
)


class PlainTextTest(parameterized.TestCase):
    @parameterized.parameters(
        ((0.93449,), "93.4%"),
        ((0.93449, 0.0121), "93.4±1.2%"),
        ((0.93449, 0.00071, 2), "93.45±0.07%"),
        ((1.0,), "100.0%"),
        ((None,), "–"),
        ((None, None), "–"),
    )
    def test_percent(self, arguments, expected):
        self.assertEqual(percent(*arguments), expected)

    @parameterized.parameters((0.555, "0.56"), (-1.0, "-1.00"), (None, "–"))
    def test_decimal(self, value, expected):
        self.assertEqual(decimal(value), expected)

    @parameterized.parameters(
        (0, "0"), (0.035123, "0.0351"), (42.14, "42.1"), (1234.5, "1,234"), (None, "–")
    )
    def test_short(self, value, expected):
        self.assertEqual(short(value), expected)

    @parameterized.parameters((3600, "1 h"), (90, "0.025 h"), (3.6e6, "1,000 h"))
    def test_hours(self, seconds, expected):
        self.assertEqual(hours(seconds), expected)

    @parameterized.parameters(
        (None, "?"),
        (0.4, "0s"),
        (59.4, "59s"),
        (60, "1m 00s"),
        (3599.6, "1h 00m"),
        (7500, "2h 05m"),
        (100 * 3600, "4d 04h"),
    )
    def test_durations_have_two_units_at_most(self, seconds, text):
        self.assertEqual(duration(seconds), text)

    @parameterized.parameters((0, "0 cells"), (1, "1 cell"), (1200, "1,200 cells"))
    def test_counted(self, count, expected):
        self.assertEqual(counted(count, "cell"), expected)

    @parameterized.parameters(
        ("a\n b\t\tc ", None, "a b c"),
        ("red \x1b[31mtext", None, "red �[31mtext"),
        ("abcdef", 5, "abcd…"),
        ("abcde", 5, "abcde"),
    )
    def test_one_line(self, text, max_length, expected):
        self.assertEqual(one_line(text, max_length), expected)

    def test_what_cannot_be_printed_is_escaped(self):
        self.assertEqual(printable("a\nb\r\x1b é \udcff"), r"a\nb\r\x1b é \udcff")


if __name__ == "__main__":
    absltest.main()
