import os
import subprocess
import sys

from absl.testing import absltest

PROGRAM = """
import sys
from autometa_tf.programs.streams import print_to
sys.stdin.readline()
print_to(sys.{stream}, "to nobody")
print_to(sys.{stream}, "nor this")
sys.exit(7)
"""


class StreamsTest(absltest.TestCase):
    def end(self, stream, unbuffered):
        """The exit status of a program whose reader of `stream` has gone."""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        environment["PYTHONUNBUFFERED"] = unbuffered
        program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(stream=stream)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        getattr(program, stream).close()
        program.stdin.write(b"\n")
        program.stdin.close()
        return program.wait(timeout=60)

    def test_the_exit_status_stays_the_programs_own(self):
        for stream in ("stdout", "stderr"):
            for unbuffered in ("", "1"):
                with self.subTest(stream=stream, unbuffered=unbuffered):
                    self.assertEqual(self.end(stream, unbuffered), 7)


if __name__ == "__main__":
    absltest.main()
