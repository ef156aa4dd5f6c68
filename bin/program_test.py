import os
import subprocess
import sys

from absl.testing import absltest, parameterized

PROGRAM = """
import warnings
from absl import flags
from bin.program import run_program
FLAG = flags.DEFINE_enum("how", "", ["", "value", "os", "interrupt", "bug", "path"], "")
def main():
    if FLAG.value == "value":
        raise ValueError("`ways` must be at most 5.\\nReceived: 6.")
    if FLAG.value == "os":
        open("/nowhere/to/be/found")
    if FLAG.value == "interrupt":
        raise KeyboardInterrupt
    if FLAG.value == "path":
        warnings.warn("of the future", PendingDeprecationWarning)
        open("/tmp/\\u00e9/none")
    if FLAG.value == "bug":
        {}["key"]
run_program(main, "Start it again.")
"""


class ProgramTest(parameterized.TestCase):
    def run_python(self, *arguments, **variables):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        environment |= variables
        return subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            capture_output=True,
            text=True,
        )

    def run_it(self, *arguments, **variables):
        return self.run_python("-c", PROGRAM, *arguments, **variables)

    @parameterized.parameters(
        ("search", "search_strategy"), ("train", "baseline"), ("evaluate", "shots")
    )
    def test_help_lists_all_flags_and_is_no_failure(self, program, flag):
        done = self.run_python("-m", f"bin.{program}", "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in (flag, "dataset", "preset", "meta_batch_size"):
            self.assertIn(f"--{name}: ", done.stdout)

    def test_it_ends_well(self):
        self.assertEqual(self.run_it().returncode, 0)

    def test_an_error_is_one_line_and_a_non_zero_exit(self):
        done = self.run_it("--how=value")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "error: `ways` must be at most 5. Received: 6.\n")

    def test_errors_of_others_come_with_their_kind(self):
        done = self.run_it("--how=os")
        self.assertEqual(done.returncode, 1)
        self.assertStartsWith(done.stderr, "error: FileNotFoundError: ")
        self.assertLen(done.stderr.splitlines(), 1)

    def test_bad_flags_and_arguments_are_one_line_too(self):
        for arguments in (["--how=never"], ["--unknown"], ["stray"]):
            done = self.run_it(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertStartsWith(done.stderr, "error: ")
            self.assertLen(done.stderr.splitlines(), 1)

    def test_an_interruption_says_how_to_continue(self):
        done = self.run_it("--how=interrupt")
        self.assertEqual(done.returncode, 130)
        self.assertIn("Interrupted. Start it again.", done.stderr)

    @parameterized.parameters(
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONIOENCODING": "ascii"},
    )
    def test_neither_locale_nor_pythons_settings_matter(self, **variables):
        done = self.run_it("--how=path", **variables)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr, r"^error: FileNotFoundError: .*'/tmp/(é|\\+xe9)/none'\n$"
        )

    def test_a_bug_is_not_hidden(self):
        self.assertIn("Traceback", self.run_it("--how=bug").stderr)


if __name__ == "__main__":
    absltest.main()
