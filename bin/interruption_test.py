import os
import signal
import subprocess
import sys
import time

from absl.testing import absltest, parameterized

PROGRAM = """
import sys, threading, time
from bin import interruption
from bin.program import run_program
interruption._GRACE_SECONDS = 2.0
def main():
    # Told from another thread, once this one is well inside what comes next.
    threading.Timer(0.3, print, ["ready"], {"flush": True}).start()
    %s
run_program(main, "Start it again.")
"""
WAITS = "time.sleep(60)"
# As what waits in C++ does, or an `except` in code that is not ours.
HEEDS_NOTHING = """
    while True:
        try:
            time.sleep(60)
        except BaseException:
            print("heeds nothing", flush=True)
"""
CLEANS_UP = """
    try:
        time.sleep(60)
    finally:
        time.sleep(0.5)
        print("clean", flush=True)
"""


class InterruptionTest(parameterized.TestCase):
    def start(self, body, ignored=()):
        def ignore():
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)

        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM % body],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=ignore,
        )
        self.addCleanup(program.kill)
        self.assertEqual(program.stdout.readline(), "ready\n")
        return program

    def check_end(self, program, status):
        output, errors = program.communicate(timeout=30)
        self.assertEqual(program.returncode, status, errors)
        self.assertEqual(errors, "\nInterrupted. Start it again.\n")
        return output

    @parameterized.parameters(
        (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)
    )
    def test_a_signal_ends_it_as_shells_expect(self, number, status):
        program = self.start(WAITS)
        program.send_signal(number)
        self.check_end(program, status)

    def test_it_may_clean_up_even_if_the_signal_comes_twice(self):
        program = self.start(CLEANS_UP)
        program.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        program.send_signal(signal.SIGTERM)
        self.assertEqual(self.check_end(program, 143), "clean\n")

    def test_what_heeds_no_signal_is_ended_in_time(self):
        program = self.start(HEEDS_NOTHING)
        program.send_signal(signal.SIGTERM)
        self.assertEqual(self.check_end(program, 143), "heeds nothing\n")

    def test_one_without_a_terminal_heeds_what_it_was_begun_with_ignored(self):
        program = self.start(WAITS, ignored=[signal.SIGINT])
        program.send_signal(signal.SIGINT)
        self.check_end(program, 130)

    def test_nohup_keeps_it_alive(self):
        program = self.start(WAITS, ignored=[signal.SIGHUP])
        program.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(program.poll())
        program.send_signal(signal.SIGTERM)
        self.check_end(program, 143)

    def test_a_terminal_that_is_gone_changes_nothing(self):
        program = self.start(WAITS)
        program.stderr.close()
        program.send_signal(signal.SIGHUP)
        self.assertEqual(program.wait(timeout=30), 129)


if __name__ == "__main__":
    absltest.main()
