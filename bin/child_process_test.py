import os
import signal
import subprocess
import sys
import time

from absl.testing import absltest

from bin.child_process import call_in_child

# A driver whose child tells its process number and then works for a minute.
DRIVER = """
import os, time
from bin.child_process import call_in_child
def work():
    print(os.getpid(), flush=True)
    time.sleep(60)
if __name__ == "__main__":
    call_in_child(work)
"""


def fail(text):
    raise ValueError(text)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class ChildProcessTest(absltest.TestCase):
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

    def test_a_child_does_not_outlive_a_killed_parent(self):
        script = os.path.join(self.create_tempdir().full_path, "driver.py")
        with open(script, "w") as file:
            file.write(DRIVER)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            [sys.executable, script], stdout=subprocess.PIPE, env=environment
        ) as driver:
            child = int(driver.stdout.readline())
            driver.kill()
        self.assertTrue(ends(child), "the child still runs")


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
