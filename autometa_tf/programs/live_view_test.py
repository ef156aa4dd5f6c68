"""A program that shows its progress, on a terminal as a person has it and elsewhere."""

import os
import pty
import re
import signal
import subprocess
import sys

from absl.testing import absltest, parameterized

_PROGRAM = """
import os, subprocess, sys, time
from autometa_tf.experiments.events import Message, TrainingProgress
from autometa_tf.programs import progress_display
from autometa_tf.programs.program import run_program

def news(phase, done, total):
    return TrainingProgress(
        phase=phase, done=done, total=total, seconds_left=9.0, value=0.5)

def main():
    with progress_display.progress_display() as report:
        report(Message("it begins"))
        report(news("training", 1, 3))
        print("of Python", file=sys.stderr)
        os.write(2, b"of C++\\nhalf ")
        subprocess.run(["sh", "-c", "echo of another process >&2"])
        os.write(2, b"\\rbar 1\\rbar 2\\n\\x1b[2J\\x1b[7Aclears\\n")
        if "wait" in os.environ.get("HOW", ""):
            time.sleep(60)
        report(news("training", 3, 3))
        report(news("scoring", 2, 2))
        if "fail" in os.environ.get("HOW", ""):
            os.write(2, b"last words")
            raise ValueError("`ways` must be less.")
        report(Message("it ends"))

run_program(main, "Start it again.")
"""
_TIME = re.compile(r"^\d\d:\d\d:\d\d ", re.MULTILINE)


class LiveViewTest(parameterized.TestCase):
    def start(self, *arguments, **variables):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        environment |= {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
            env=environment | variables,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.addCleanup(process.kill)
        return process, ours

    def read(self, terminal, until=""):
        text = b""
        while not until or until.encode() not in text:
            try:
                more = os.read(terminal, 1 << 16)
            except OSError:  # The last process that had the terminal has ended.
                break
            text += more
        return text.decode()

    def test_lines_stay_whole_and_nothing_else_is_left(self):
        process, terminal = self.start()
        text = self.read(terminal)
        self.assertEqual(process.wait(), 0)
        self.assertIn("━", text)  # There was a bar.
        self.assertNotIn("\x1b[?25l", text)  # The cursor is never hidden.
        self.assertEqual(
            [_TIME.sub("", line) for line in screen(text)],
            [
                "it begins",
                "of Python",
                "of C++",
                "half of another process",
                "bar 2",
                "clears",
                "outer iteration 3/3: loss 0.500 | left: 9s",
                "test episode 2/2: transductive 50.0% | left: 9s",
                "it ends",
            ],
        )

    def test_an_error_comes_after_what_was_written_before(self):
        process, terminal = self.start(HOW="fail")
        lines = screen(self.read(terminal))
        self.assertEqual(process.wait(), 1)
        self.assertEqual(lines[-3], "last words")
        self.assertEqual(lines[-1], "error: `ways` must be less.")

    def test_an_interruption_leaves_lines_alone(self):
        process, terminal = self.start(HOW="wait")
        text = self.read(terminal, until="clears")
        process.send_signal(signal.SIGINT)
        text += self.read(terminal)
        self.assertEqual(process.wait(), 130)
        lines = screen(text)
        self.assertEqual(lines[-1], "Interrupted. Start it again.")
        self.assertNotIn("━", "\n".join(lines))
        self.assertIn("outer iteration 1/3", "\n".join(lines))

    @parameterized.parameters(
        ({}, ["--plain"]), ({"TERM": "dumb"}, []), ({"TERM": ""}, [])
    )
    def test_lines_where_they_are_asked_for(self, variables, arguments):
        process, terminal = self.start(*arguments, **variables)
        text = self.read(terminal)
        self.assertEqual(process.wait(), 0)
        self.assertNotIn("━", text)
        self.assertIn("outer iteration 1/3: loss 0.500", text)

    def test_lines_where_there_is_no_terminal(self):
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("━", done.stderr)
        self.assertIn("outer iteration 1/3: loss 0.500", done.stderr)

    def test_programs_start_without_it(self):
        script = "import sys; from autometa_tf.programs import search, train; "
        done = subprocess.run(
            [sys.executable, "-c", script + "print('rich' in sys.modules)"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stdout.strip(), "False")


def screen(text):
    """The lines that a terminal shows in the end, the empty ones left out."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", text):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.startswith("\x1b"):
            number, kind = part[2:-1], part[-1]
            if kind == "A":
                row -= int(number or 1)
            elif kind == "K":
                lines[row] = "" if number == "2" else lines[row][:column]
            elif kind != "m":
                raise AssertionError(f"What does {part!r} do there?")
        else:
            line = lines[row].ljust(column)
            lines[row] = line[:column] + part + line[column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in lines if line.strip()]


if __name__ == "__main__":
    absltest.main()
