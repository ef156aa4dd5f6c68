import os
import signal
import subprocess
import sys
import time
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.experiments.child_process import call_in_child
from autometa_tf.experiments.command import begun_command
from autometa_tf.testing import child_functions

# A driver whose child tells its process number and then works for a minute. Nothing
# guards its lines: the child must not run them again.
DRIVER = """
from autometa_tf.experiments.child_process import call_in_child
from autometa_tf.testing.child_functions import clean_up_after_work, work
call_in_child(work)
"""

# The same as one of our programs.
PROGRAM = f"""
from autometa_tf.programs.program import run_program
{DRIVER.replace("call_in_child(work)", "run_program(lambda: call_in_child(work))")}
"""


class ChildProcessTest(parameterized.TestCase):
    def test_the_function_runs_in_another_process(self):
        self.assertNotEqual(call_in_child(os.getpid), os.getpid())

    def test_arguments_and_results_come_through(self):
        self.assertEqual(call_in_child(divmod, 17, 5), (3, 2))

    def test_its_errors_come_through(self):
        with self.assertRaisesRegex(ValueError, "as it came"):
            call_in_child(child_functions.fail, "as it came")

    def test_a_killed_child_is_one_clear_error(self):
        with self.assertRaisesRegex(RuntimeError, "process of die was killed"):
            call_in_child(child_functions.die)

    def test_an_error_that_cannot_travel_is_told_in_words(self):
        with self.assertRaisesRegex(RuntimeError, "^Unpicklable: no way$"):
            call_in_child(child_functions.fail_unpicklably)

    def test_what_it_reports_comes_through_in_order(self):
        told = []
        done = call_in_child(child_functions.count, 3, report=told.append)
        self.assertEqual((done, told), (3, [0, 1, 2]))

    def test_an_error_of_the_listener_ends_the_child(self):
        with self.assertRaises(ZeroDivisionError):
            call_in_child(child_functions.count, 3, report=lambda i: 1 / i)

    def test_the_child_starts_from_nothing(self):
        self.assertNotIn("absl", call_in_child(child_functions.modules))

    def test_the_child_names_the_parents_command_as_its_own(self):
        with mock.patch.object(sys, "argv", ["script.py", "--flag"]):
            found = call_in_child(begun_command)
        self.assertEqual(found, "python3 script.py --flag")

    def test_an_interrupted_wait_leaves_the_child_time_to_clean_up(self):
        path = os.path.join(self.create_tempdir().full_path, "file")
        call = f"call_in_child(clean_up_after_work, {path!r}, grace_seconds=30)"
        driver, child = self.start(DRIVER.replace("call_in_child(work)", call))
        driver.send_signal(signal.SIGINT)
        driver.communicate(timeout=30)
        self.assertTrue(os.path.exists(path))
        self.assertTrue(ends(child), "the child still runs")

    def test_a_child_does_not_outlive_a_killed_parent(self):
        driver, child = self.start(DRIVER)
        driver.kill()
        driver.wait()
        self.assertTrue(ends(child), "the child still runs")

    @parameterized.parameters(
        (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)
    )
    def test_a_signal_to_a_program_alone_ends_its_child_too(self, number, status):
        driver, child = self.start(PROGRAM)
        driver.send_signal(number)
        self.assertEqual(driver.communicate(timeout=30)[1], "\nInterrupted.\n")
        self.assertEqual(driver.returncode, status)
        self.assertTrue(ends(child), "the child still runs")

    def test_ctrl_c_reaches_all_and_is_told_once(self):
        driver, child = self.start(PROGRAM)
        os.killpg(driver.pid, signal.SIGINT)
        self.assertEqual(driver.communicate(timeout=30)[1], "\nInterrupted.\n")
        self.assertTrue(ends(child), "the child still runs")

    def start(self, text):
        """A driver in a process group of its own, and its child's number."""
        script = os.path.join(self.create_tempdir().full_path, "driver.py")
        with open(script, "w") as file:
            file.write(text)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        driver = subprocess.Popen(
            [sys.executable, script],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,
        )
        self.addCleanup(driver.kill)
        return driver, int(driver.stdout.readline())


def ends(pid: int) -> bool:
    for _ in range(200):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except (FileNotFoundError, ProcessLookupError):  # Before or while it is read.
            return True
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    absltest.main()
