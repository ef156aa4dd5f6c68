import io
import sys
from unittest import mock

from absl.testing import absltest

from autometa_tf.programs import progress_lines


class ProgressLinesTest(absltest.TestCase):
    def said(self, event):
        with mock.patch.object(sys, "stderr", io.StringIO()) as stream:
            progress_lines.say(event)
        return stream.getvalue()

    def test_each_line_of_an_event_has_the_time_of_day(self):
        self.assertRegex(
            self.said("one\ntwo"), r"^\d\d:\d\d:\d\d one\n\d\d:\d\d:\d\d two\n$"
        )

    def test_what_cannot_be_printed_is_escaped(self):
        self.assertEndsWith(
            self.said("a\r\x1b[2J é \udcff"), r" a\r\x1b[2J é \udcff" "\n"
        )


if __name__ == "__main__":
    absltest.main()
