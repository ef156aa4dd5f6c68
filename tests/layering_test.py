"""Keeps the house in order: who imports whom, and what every file must have."""

import ast
import subprocess
import sys

from absl.testing import absltest

from tests import source_tree
from tests.layers import (
    FOR_ALL,
    LAYERS,
    ONLY_IN,
    UNTESTED,
    WITHOUT_TENSORFLOW,
)
from tests.source_tree import SourceFile

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60


class LayeringTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = source_tree.python_files()
        cls.library_files = [
            file
            for file in cls.files
            if not file.is_test and file.path.startswith(("autometa_tf/", "bin/"))
        ]
        cls.targets = source_tree.python_targets()

    def check(self, findings):
        findings = list(findings)
        if findings:
            self.fail("\n  " + "\n  ".join(findings))

    def test_rooms_import_what_the_table_of_layers_allows(self):
        self.check(
            f"{file.path} imports {module}; the room may import {LAYERS[room]} "
            "(LAYERS in tests/layers.py)"
            for file in self.library_files
            if file.path.startswith("autometa_tf/")
            for room in [_room_of(file)]
            for module in sorted(file.imports)
            if module.startswith("autometa_tf.") and not _may_import(room, module)
        )

    def test_only_bin_and_its_tests_import_bin(self):
        self.check(
            f"{file.path} imports {module}; what others need belongs in autometa_tf/"
            for file in self.files
            if not file.path.startswith(("bin/", "tests/"))
            for module in sorted(file.imports)
            if module.split(".")[0] == "bin"
        )

    def test_each_engine_is_imported_in_its_one_place(self):
        self.check(
            f"{file.path} uses {name}; only {place} may"
            for file in self.library_files
            for name, place in ONLY_IN.items()
            if _uses(file, name) and not file.path.startswith(place)
        )

    def test_files_without_tensorflow_do_not_load_it(self):
        modules = [
            file.module
            for file in self.library_files
            if file.path.startswith(WITHOUT_TENSORFLOW)
            or file.path.endswith("_config.py")
        ]
        script = (
            "import importlib, sys\n"
            "for name in sys.argv[1:]:\n"
            "    importlib.import_module(name)\n"
            "    if 'tensorflow' in sys.modules:\n"
            "        sys.exit(f'{name} loads TensorFlow')\n"
        )
        result = subprocess.run(
            [sys.executable, "-c", script, *modules],
            env={"PYTHONPATH": str(source_tree.ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_every_file_belongs_to_one_target(self):
        owners = [path for target in self.targets for path in target.sources]
        self.check(
            f"{file.path} is in {owners.count(file.path)} targets, must be in 1"
            for file in self.files
            if owners.count(file.path) != 1
        )
        existing = {file.path for file in self.files}
        self.check(
            f"{path} is in a BUILD file and does not exist"
            for path in sorted(set(owners) - existing)
        )

    def test_deps_are_exactly_what_is_imported(self):
        owner = {
            path: target.label for target in self.targets for path in target.sources
        }
        files = {file.path: file for file in self.files}
        findings = []
        for target in self.targets:
            imported = {
                owner[_path_of(module)]
                for path in target.sources
                for module in files[path].imports
                if _path_of(module) in owner
            } - {target.label}
            for label in sorted(imported - target.deps):
                findings.append(
                    f"{target.label} lacks the dep {label}, which it imports"
                )
            # Tests may run what they do not import, in processes of its own.
            # Others without a file are names for several.
            only_names = target.rule == "py_test" or not target.sources
            unused = () if only_names else target.deps - imported
            for label in sorted(unused):
                findings.append(f"{target.label} has the dep {label} for nothing")
        self.check(findings)

    def test_every_library_has_its_test_beside_it(self):
        paths = {file.path for file in self.files}
        findings = []
        for file in self.library_files:
            if not file.path.startswith("autometa_tf/") or "/testing/" in file.path:
                continue  # fakes are tested by the tests that use them
            if file.path.endswith("/__init__.py") and file.path.count("/") == 2:
                continue  # public_names_test looks at the names of all rooms
            has_test = file.path.removesuffix(".py") + "_test.py" in paths
            if not has_test and file.path not in UNTESTED:
                findings.append(f"{file.path} has no test, nor a reason in UNTESTED")
            if has_test and file.path in UNTESTED:
                findings.append(f"{file.path} has a test: remove it from UNTESTED")
        self.check(findings)

    def test_files_and_functions_fit_in_a_head(self):
        findings = []
        for file in self.files:
            lines = len(file.text.splitlines())
            if lines > MAX_FILE_LINES:
                findings.append(f"{file.path} has {lines} > {MAX_FILE_LINES} lines")
            for node in ast.walk(file.tree):
                if not isinstance(node, ast.FunctionDef):
                    continue
                lines = node.end_lineno - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    findings.append(
                        f"{file.path}: {node.name} has {lines} > "
                        f"{MAX_FUNCTION_LINES} lines"
                    )
        self.check(findings)


class RulesTest(absltest.TestCase):
    """The checks above are worth what their rules are worth."""

    def test_use_of_a_part_of_a_package_is_found(self):
        file = SourceFile(path="bin/x.py", text="tf.distribute.get_strategy()")
        self.assertTrue(_uses(file, "tf.distribute"))
        file = SourceFile(path="bin/x.py", text="from absl import flags")
        self.assertTrue(_uses(file, "absl.flags"))
        file = SourceFile(path="bin/x.py", text="from absl import logging")
        self.assertFalse(_uses(file, "absl.flags"))

    def test_a_single_file_of_a_room_can_be_allowed(self):
        self.assertTrue(_may_import("search", "autometa_tf.candidates.evaluation"))
        self.assertFalse(_may_import("search", "autometa_tf.workers.ray_evaluator"))
        self.assertTrue(_may_import("search", "autometa_tf.search.store"))
        self.assertTrue(_may_import("genomes", "autometa_tf.plain_text"))


def _room_of(file: SourceFile) -> str:
    """The room a file lies in; files beside the rooms are rooms of their own."""
    return file.path.split("/")[1].removesuffix(".py")


def _may_import(room: str, module: str) -> bool:
    """Whether the table lets a file of `room` import `autometa_tf.<room>.<file>`."""
    inner = module.removeprefix("autometa_tf.")
    allowed = [room, *FOR_ALL, *LAYERS[room]]
    return any(inner == name or inner.startswith(name + ".") for name in allowed)


def _uses(file: SourceFile, name: str) -> bool:
    """Whether `file` imports the package or part `name`, or uses it as an attribute."""
    from_imports = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    used = file.imports | from_imports | file.attributes
    return any(other == name or other.startswith(name + ".") for other in used)


def _path_of(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if path == "autometa_tf" else f"{path}.py"


if __name__ == "__main__":
    absltest.main()
