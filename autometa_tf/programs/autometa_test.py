import os
import subprocess
import sys

from absl.testing import absltest, parameterized

import autometa_tf
from autometa_tf.programs.autometa import PROGRAMS

# Runs it as the console script does, and tells which programs were imported.
_SCRIPT = """
import sys
from autometa_tf.programs.autometa import PROGRAMS, run
sys.argv[0] = "/somewhere/bin/autometa"
try:
    run()
finally:
    modules = {name: f"autometa_tf.programs.{name}" for name in PROGRAMS}
    print("imported", *(name for name in PROGRAMS if modules[name] in sys.modules))
"""


class AutometaTest(parameterized.TestCase):
    def run_python(self, *arguments: str, **variables: str):
        return subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def run_script(self, *arguments: str, **variables: str):
        return self.run_python("-c", _SCRIPT, *arguments, **variables)

    @parameterized.parameters((), ("--help",), ("-h",))
    def test_alone_it_lists_the_programs_and_imports_none(self, *arguments):
        done = self.run_script(*arguments, PYTHONIOENCODING="ascii")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in PROGRAMS:
            self.assertRegex(done.stdout, rf"(?m)^  {name} +[A-Z].*\.$")
        self.assertEndsWith(done.stdout, "imported\n")

    @parameterized.parameters("serch", "--dataset=glyphs", "tiny_runs", "")
    def test_another_word_is_one_line_that_says_what_is_allowed(self, word):
        done = self.run_script(word)
        self.assertEqual(done.returncode, 1)
        self.assertLen(done.stderr.splitlines(), 1)
        self.assertStartsWith(
            done.stderr,
            f"error: A program must be one of {', '.join(PROGRAMS)}, and come before its "
            f"flags. Received: {word!r}.",
        )

    @parameterized.parameters(*PROGRAMS)
    def test_help_of_a_program_is_its_own(self, name):
        done = self.run_script(name, "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"\n  autometa {name} --", done.stdout)
        self.assertIn(f"\nautometa {name}:\n", done.stdout)
        own = {"adapt": "support", "export": "format", "page": "output_dir"}
        self.assertIn(f"--{own.get(name, 'run_dir')}: ", done.stdout)
        self.assertNotIn("bazel", done.stdout)
        self.assertEndsWith(done.stdout, f"imported {name}\n")

    def test_flags_and_errors_are_the_programs(self):
        done = self.run_script("report")
        self.assertEqual(done.returncode, 1)
        self.assertStartsWith(done.stderr, "error: Either `run_dir` or ")
        done = self.run_script("report", "--beam_size=1")
        self.assertIn("Unknown command line flag 'beam_size'", done.stderr)

    def test_the_package_does_the_same_under_its_own_name(self):
        done = self.run_python("-m", "autometa_tf")
        self.assertIn("  search    Searches ", done.stdout)
        self.assertStartsWith(done.stdout, "Usage: python3 -m autometa_tf PROGRAM ")
        done = self.run_python("-m", "autometa_tf", "train", "--help")
        self.assertIn("\n  python3 -m autometa_tf train --genome=", done.stdout)

    def test_it_tells_its_version(self):
        done = self.run_python("-m", "autometa_tf", "--version")
        self.assertEqual(done.stdout, f"autometa_tf {autometa_tf.__version__}\n")


if __name__ == "__main__":
    absltest.main()
