"""The source tree as data: files, what they import, and the targets that own them."""

import ast
import dataclasses
import functools
import pathlib

# The workspace itself, not the runfiles: a file that no target names is a finding.
ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("autometa_tf", "bin", "benchmarks", "tests")


@dataclasses.dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One Python file.

    `path` is relative to the workspace (`autometa_tf/genomes/genome.py`).
    """

    path: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        """The dotted name it is imported by (`autometa_tf.genomes.genome`)."""
        path = self.path.removesuffix("/__init__.py")
        return path.removesuffix(".py").replace("/", ".")

    @property
    def is_test(self) -> bool:
        return self.path.endswith("_test.py") or self.path.startswith("tests/")

    @property
    def imports(self) -> set[str]:
        """Dotted names of all modules it imports, at the top or within functions.

        `from package import module` gives `package.module` when that is a file of ours.
        """
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    is_module = (ROOT / (inner.replace(".", "/") + ".py")).exists()
                    found.add(inner if is_module else str(node.module))
        return found

    @property
    def attributes(self) -> set[str]:
        """Every `name.attribute` in the file, such as `tf.distribute`."""
        return {
            f"{node.value.id}.{node.attr}"
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """One `py_library`, `py_binary` or `py_test`; `sources` are paths like a file's."""

    label: str
    rule: str
    sources: tuple[str, ...]
    deps: frozenset[str]


def python_files() -> list[SourceFile]:
    """All Python files but the empty `__init__.py`, sorted by path."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    files = [
        SourceFile(path=str(path.relative_to(ROOT)), text=path.read_text("utf-8"))
        for path in paths
    ]
    return [file for file in files if file.text or "__init__" not in file.path]


def python_targets() -> list[Target]:
    """All Python targets of all BUILD files of `FOLDERS`."""
    return [
        target
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("BUILD"))
        for target in parse_build(
            path.read_text("utf-8"), str(path.parent.relative_to(ROOT))
        )
    ]


def parse_build(text: str, package: str) -> list[Target]:
    """The Python targets of one BUILD file, whose syntax is Python's."""
    targets = []
    for node in ast.parse(text).body:
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if call.func.id in _RULES:
            targets.append(_target(_RULES[call.func.id], given, package))
        elif call.func.id == "py_module":
            targets += _library_and_test(given, package)
    return targets


# The rules of single targets, by what a BUILD file calls them.
_RULES = {
    "py_library": "py_library",
    "py_binary": "py_binary",
    "py_test": "py_test",
    "small_test": "py_test",  # //tools:small_tests.bzl: several in one process.
    "py_test_on_cpus": "py_test",  # //tools:cpu_tests.bzl: several of one file.
}


def _target(rule: str, given: dict[str, ast.expr], package: str) -> Target:
    deps = ast.literal_eval(given["deps"]) if "deps" in given else []
    return Target(
        label=f"//{package}:{ast.literal_eval(given['name'])}",
        rule=rule,
        sources=tuple(
            f"{package}/{source}"
            for source in (ast.literal_eval(given["srcs"]) if "srcs" in given else ())
        ),
        deps=frozenset(_absolute(label, package) for label in deps),
    )


def _library_and_test(given: dict[str, ast.expr], package: str) -> list[Target]:
    """What //tools:py_module.bzl makes of its arguments."""
    name = ast.literal_eval(given["name"])
    deps, test_deps = (
        ast.literal_eval(given[argument]) if argument in given else []
        for argument in ("deps", "test_deps")
    )
    library = Target(
        label=f"//{package}:{name}",
        rule="py_library",
        sources=(f"{package}/{name}.py",),
        deps=frozenset(_absolute(label, package) for label in deps),
    )
    if "test" not in given:
        return [library]
    more = (_absolute(label, package) for label in test_deps)
    test = Target(
        label=f"{library.label}_test",
        rule="py_test",
        sources=(f"{package}/{name}_test.py",),
        deps=library.deps | {library.label, *more},
    )
    return [library, test]


def _absolute(label: str, package: str) -> str:
    """The full label of `:name` or `//package:name` as written in `package`."""
    return f"//{package}{label}" if label.startswith(":") else label
