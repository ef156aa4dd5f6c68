import os
import subprocess
import sys

from absl.testing import absltest, parameterized

PROGRAM = """
import os, warnings
from absl import flags
from autometa_tf.programs.program import run_program
FLAG = flags.DEFINE_string("how", "", "")
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
    if FLAG.value == "streams":
        from autometa_tf.programs.progress_lines import say
        say("progress")
        print("result")
        os.write(2, b"C++")
        with open(os.environ["FILE"], "w") as file:
            print(file.fileno(), file=file)
    if FLAG.value == "tell":
        from autometa_tf.programs.progress_lines import tell
        tell("x" * 1_000_000)
    if FLAG.value == "full":
        raise OSError(28, "No space left on device", "/x")
    if FLAG.value == "memory":
        raise MemoryError
    if FLAG.value in ("ResourceExhaustedError", "InvalidArgumentError"):
        from autometa_tf.tensorflow_environment import start_tensorflow
        start_tensorflow()
        from tensorflow import errors
        raise getattr(errors, FLAG.value)(None, None, "/x; No space left on device")
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
        ("search", "num_workers"), ("train", "baseline"), ("evaluate", "shots")
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
        for arguments in (["--nohow"], ["--unknown"], ["stray"]):
            done = self.run_it(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertStartsWith(done.stderr, "error: ")
            self.assertLen(done.stderr.splitlines(), 1)

    @parameterized.parameters("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-")
    def test_closed_streams_mix_nothing_up(self, closing):
        path = os.path.join(self.create_tempdir().full_path, "file")
        environment = {"PYTHONPATH": os.pathsep.join(sys.path), "FILE": path}
        command = ["sh", "-c", f'"$0" -c "$1" --how=streams {closing}']
        done = subprocess.run(
            [*command, sys.executable, PROGRAM],
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "" if "1>" in closing else "result\n")
        self.assertEqual("C++" in done.stderr, "2>" not in closing)
        with open(path) as file:
            self.assertGreater(int(file.read()), 2)

    def test_who_reads_no_further_is_no_error(self):
        pipe = '"$0" -c "$1" --how=tell | head -c 1; echo ${PIPESTATUS[0]}'
        environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            ["bash", "-c", pipe, sys.executable, PROGRAM],
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        self.assertEqual((done.stdout, done.stderr), ("x0\n", ""))

    @parameterized.parameters("num_test_episodes=1", "num_test_episodes=-5", "shots=0")
    def test_evaluate_names_the_flag_that_is_too_small(self, flag):
        done = self.run_python("-m", "bin.evaluate", "--run_dir=none", f"--{flag}")
        name, value = flag.split("=")
        self.assertRegex(
            done.stderr, rf"^error: `{name}` must be at least \d. Received: {value}.\n$"
        )

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

    @parameterized.parameters(
        ("full", "The disk is full: make room where --run_dir"),
        ("ResourceExhaustedError", "The disk is full: make room where --run_dir"),
        ("memory", "Memory is exhausted"),
    )
    def test_what_a_machine_lacks_is_one_line_with_a_way_out(self, how, advice):
        done = self.run_it(f"--how={how}", TF_CPP_MIN_LOG_LEVEL="3")
        self.assertEqual(done.returncode, 1)
        self.assertIn(advice, done.stderr)
        self.assertEndsWith(done.stderr, " Start it again.\n")
        self.assertLen(done.stderr.splitlines(), 1)

    @parameterized.parameters("bug", "InvalidArgumentError")
    def test_a_bug_is_not_hidden(self, how):
        self.assertIn("Traceback", self.run_it(f"--how={how}").stderr)


if __name__ == "__main__":
    absltest.main()
