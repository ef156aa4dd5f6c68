import os
import signal
import subprocess
import sys
import time

from absl.testing import absltest, parameterized

from autometa_tf.programs.child_process import call_in_child

# A driver whose child tells its process number and then works for a minute.
DRIVER = """
import os, time
from autometa_tf.programs.child_process import call_in_child
def work():
    print(os.getpid(), flush=True)
    time.sleep(60)
if __name__ == "__main__":
    call_in_child(work)
"""


# The same as one of our programs.
PROGRAM = f"""
from autometa_tf.programs.program import run_program
{DRIVER.replace("call_in_child(work)", "run_program(lambda: call_in_child(work))")}
"""


def fail(text):
    raise ValueError(text)


class Unpicklable(Exception):
    def __init__(self, text, _):
        super().__init__(text)


def fail_unpicklably():
    raise Unpicklable("no way", 1)


def fail_at_first():
    raise ValueError("at first")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class ChildProcessTest(parameterized.TestCase):
    def test_the_function_runs_in_another_process(self):
        self.assertNotEqual(call_in_child(os.getpid), os.getpid())

    def test_arguments_and_results_come_through(self):
        self.assertEqual(call_in_child(divmod, 17, 5), (3, 2))

    def test_its_errors_come_through(self):
        with self.assertRaisesRegex(ValueError, "as it came"):
            call_in_child(fail, "as it came")

    def test_a_killed_child_is_one_clear_error(self):
        with self.assertRaisesRegex(RuntimeError, "process of die was killed"):
            call_in_child(die)

    def test_an_error_that_cannot_travel_is_told_in_words(self):
        with self.assertRaisesRegex(RuntimeError, "^Unpicklable: no way$"):
            call_in_child(fail_unpicklably)

    def test_something_can_come_before_the_functions_module(self):
        with self.assertRaisesRegex(ValueError, "at first"):
            call_in_child(os.getpid, first=fail_at_first)

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
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    absltest.main()
