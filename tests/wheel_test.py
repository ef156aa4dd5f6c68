"""Builds the wheel, installs it elsewhere and uses it there, without the repository."""

import importlib.metadata
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from absl.testing import absltest

from autometa_tf.testing.tiny_runs import TINY
from tests.source_tree import ROOT

# What an installation reads of the repository.
_READ = ("autometa_tf", "README.md", "MANIFEST.in", "pyproject.toml", "setup.py")
_READ += tuple(path.name for path in ROOT.glob("requirements*.txt"))
_KERNELS = "autometa_tf/kernels/libautometa_kernels.so"
_HAS_COMPILER = any(map(shutil.which, ("c++", "g++", "clang++")))


def _run(command, **named) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **named,
    )


def _build_wheel(folder: pathlib.Path, **variables: str) -> tuple[pathlib.Path, str]:
    """The wheel, and what was said while it was built."""
    source = folder / "source"
    source.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    for name in _READ:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source)
    build = ["wheel", "--no-deps", "--no-build-isolation", "--verbose", "-w", folder]
    done = _run(
        [sys.executable, "-m", "pip", *build, "./source"],
        env=os.environ | variables,
        cwd=folder,
    )
    if done.returncode:
        raise AssertionError(done.stdout)
    (wheel,) = folder.glob("*.whl")
    return wheel, done.stdout


class WheelTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.wheel, _ = _build_wheel(cls.folder / "build")
        cls.installed = cls.folder / "installed"
        install = ["install", "--no-deps", "--no-index", "--target", cls.installed]
        done = _run([sys.executable, "-m", "pip", *install, cls.wheel])
        if done.returncode:
            raise AssertionError(done.stdout)
        cls.elsewhere = cls.folder / "elsewhere"
        cls.elsewhere.mkdir()

    def run_python(self, *arguments: str) -> str:
        """What Python prints in another folder, with the wheel and not the source."""
        environment = os.environ | {"PYTHONPATH": str(self.installed)}
        environment.pop("BUILD_WORKING_DIRECTORY", None)
        done = _run([sys.executable, *arguments], env=environment, cwd=self.elsewhere)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def run_autometa(self, *arguments: str) -> str:
        return self.run_python(str(self.installed / "bin" / "autometa"), *arguments)

    def names(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as file:
            return set(file.namelist())

    def test_it_holds_the_library_and_nothing_else(self):
        package = [name for name in self.names() if ".dist-info/" not in name]
        self.assertEqual({name.split("/")[0] for name in package}, {"autometa_tf"})
        source = {
            str(path.relative_to(ROOT))
            for path in (ROOT / "autometa_tf").rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        # Tests, and what builds it.
        left_out = re.compile(r"_test\.py$|/testing/|/BUILD$|\.(cc|h|sh|so)$")
        expected = {path for path in source if not left_out.search(path)}
        self.assertEqual(set(package) - {_KERNELS}, expected)

    @unittest.skipUnless(_HAS_COMPILER, "there is no C++ compiler")
    def test_its_kernels_are_for_one_platform_and_any_python(self):
        self.assertIn(_KERNELS, self.names())
        self.assertRegex(self.wheel.name, r"^autometa_tf-[\d.]+-py3-none-(?!any)")
        found = self.run_python(
            "-c",
            "from autometa_tf.kernels import library\n"
            "print(library.__file__)\nprint(library.load_kernels())",
        )
        self.assertIn(f"{self.installed}/autometa_tf/", found)
        self.assertNotIn("do not load", found)
        self.assertNotIn("no C++ compiler has", found)

    def test_a_compiler_that_fails_is_one_line_and_no_failure(self):
        wheel, said = _build_wheel(self.folder / "failing", CXX="false")
        with zipfile.ZipFile(wheel) as file:
            self.assertNotIn(_KERNELS, file.namelist())
        warnings = [line for line in said.splitlines() if "kernels were not" in line]
        self.assertLen(warnings, 1)

    def test_it_needs_what_requirements_txt_says(self):
        (found,) = importlib.metadata.distributions(path=[str(self.installed)])
        self.assertIn(found.version, self.wheel.name)
        needed = {re.split(r"[<>=~; ]", line)[0] for line in found.requires}
        stated = {
            name
            for path in ROOT.glob("requirements*.txt")
            if path.name != "requirements_lock.txt"
            for name in re.findall(r"^[\w.-]+", path.read_text(), re.MULTILINE)
        }
        self.assertEqual(needed, stated)
        extras = {line for line in found.requires if "extra ==" in line}
        self.assertIn('pillow-heif; extra == "heic"', extras)
        self.assertTrue(any(line.startswith("hypothesis") for line in extras))
        self.assertFalse(any(line.startswith("tensorflow") for line in extras))

    def test_its_command_has_help(self):
        self.assertIn("\n  search    Searches a cell", self.run_autometa("--help"))
        found = self.run_autometa("search", "--help")
        self.assertIn("\n  autometa search --dataset=", found)
        self.assertIn("--beam_size: ", found)

    def test_it_comes_with_a_learner(self):
        found = self.run_python(
            "-c",
            "import autometa_tf as am\n"
            "print(am.__file__, am.load_learner('glyphs-1shot'))",
        )
        self.assertIn(f"{self.installed}/autometa_tf/", found)
        self.assertIn("Learner(ways=None, image_shape=(28, 28, 1))", found)

    def test_it_trains_in_a_folder_elsewhere(self):
        flags = [*TINY, "--run_dir=my run", "--baseline=conv4"]
        said = self.run_autometa("train", *flags)
        self.assertIn("test accuracy over 30 episodes", said)
        run_dir = self.elsewhere / "my run"
        self.assertTrue((run_dir / "saved_model" / "1" / "saved_model.pb").exists())
        config = json.loads((run_dir / "config.json").read_text())
        command = config["begun_with"]["command"]
        self.assertStartsWith(command, "autometa train --dataset=glyphs ")
        self.assertIn(" '--run_dir=my run' ", command)


if __name__ == "__main__":
    absltest.main()
