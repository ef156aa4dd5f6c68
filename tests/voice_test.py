"""Keeps one voice in the library: types everywhere, and docstrings of one form."""

import ast
import re
from collections.abc import Iterator

from absl.testing import absltest

from tests import source_tree
from tests.source_tree import SourceFile

SECTIONS = ("Args:", "Attributes:", "Returns:", "Yields:", "Raises:")
# Sections whose entries have names; the others are sentences.
NAMED = ("Args:", "Attributes:")

# What these two return is always None, as everybody knows.
_WITHOUT_RETURN_TYPE = ("__init__", "__post_init__")
# The name of an entry, such as `**fields: ` or `ValueError: `.
_NAME = re.compile(r"\*{0,2}[\w.]+: ")
# Names of types in code, which have no capital.
_DTYPE = re.compile(r"(u?int\d+|float\d*|bool)\b")


class VoiceTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = [
            file
            for file in source_tree.python_files()
            if not file.is_test and file.path.startswith(("autometa_tf/", "bin/"))
        ]

    def check(self, find):
        findings = [
            f"{file.path}:{line}: {text}"
            for file in self.files
            for line, text in find(file)
        ]
        if findings:
            self.fail("\n  " + "\n  ".join(findings))

    def test_all_functions_have_types(self):
        self.check(missing_types)

    def test_docstrings_have_one_form(self):
        self.check(odd_docstrings)


class RulesTest(absltest.TestCase):
    """The checks above are worth what their rules are worth."""

    def test_a_missing_type_is_found(self):
        for text, missing in (
            ("def f(a, *b: int, c: int) -> None: pass", ["`f` lacks types of a"]),
            ("def f(a: int, **b): pass", ["`f` lacks types of b, what it returns"]),
            (
                "class A:\n  def __init__(self, a): pass",
                ["`__init__` lacks types of a"],
            ),
            ("class A:\n  @classmethod\n  def f(cls) -> int: pass", []),
            ("def f() -> None:\n  def g(a): pass", []),  # Nested.
            ("if True:\n  def f(a) -> int: pass", ["`f` lacks types of a"]),
        ):
            with self.subTest(text):
                file = SourceFile(path="bin/x.py", text=text)
                self.assertEqual([text for _, text in missing_types(file)], missing)

    def test_an_odd_docstring_is_found(self):
        for lines, finding in (
            (["Args:", "  a: The first.", "    More of it.", "  b: More."], None),
            (["Args:", "  a: float32 `[n]`."], None),
            (["Args:", "    a: The first."], "Args: 4 spaces deep, must be 2"),
            (["Args:", "  a: the first."], "Args: 'the' must have a capital"),
            (["Raises:", "  ValueError: it"], "Raises: 'it' must have a capital"),
            (["Raises:", "  ValueError: It"], "Raises: 'It' must end in a full stop"),
            (["Returns:", "  A pair", "  of them."], None),
            (["Returns:", "  a pair."], "Returns: 'a' must have a capital"),
            (["Attributes:", "  Nothing."], "Attributes: 'Nothing.' must have a name"),
        ):
            text = "\n".join(
                ['def f():\n  """X.\n', *(f"  {e}" for e in lines), '  """']
            )
            with self.subTest(text):
                file = SourceFile(path="bin/x.py", text=text)
                found = [text for _, text in odd_docstrings(file)]
                self.assertEqual(found, [finding] if finding else [])

    def test_a_docstring_of_a_constructor_is_found(self):
        text = 'class A:\n  def __init__(self):\n    """Makes it."""'
        ((line, finding),) = odd_docstrings(SourceFile(path="bin/x.py", text=text))
        self.assertEqual(line, 2)
        self.assertIn("belongs to the class", finding)


def missing_types(file: SourceFile) -> Iterator[tuple[int, str]]:
    """The functions, nested ones apart, of which an argument or result has no type."""
    for function, is_method in _functions(file.tree, is_method=False):
        given = function.args
        arguments = [*given.posonlyargs, *given.args, given.vararg]
        arguments += [*given.kwonlyargs, given.kwarg]
        untyped = [each.arg for each in arguments if each and not each.annotation]
        if is_method and untyped and untyped[0] in ("self", "cls"):
            del untyped[0]
        if not function.returns and function.name not in _WITHOUT_RETURN_TYPE:
            untyped.append("what it returns")
        if untyped:
            text = f"`{function.name}` lacks types of {', '.join(untyped)}"
            yield function.lineno, text


def _functions(
    node: ast.AST, *, is_method: bool
) -> Iterator[tuple[ast.FunctionDef, bool]]:
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef):
            yield inner, is_method
        else:
            in_class = is_method or isinstance(inner, ast.ClassDef)
            yield from _functions(inner, is_method=in_class)


def odd_docstrings(file: SourceFile) -> Iterator[tuple[int, str]]:
    """What in docstrings is not as it is in all others."""
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        if getattr(node, "name", "") == "__init__" and ast.get_docstring(node):
            yield node.lineno, "`__init__` has a docstring, which belongs to the class"
        lines = (ast.get_docstring(node) or "").split("\n")
        for number, line in enumerate(lines):
            if line in SECTIONS:
                first = node.body[0].lineno + number
                for text in _odd_entries(line, _section(lines[number + 1 :])):
                    yield first, f"{line} {text}"


def _section(lines: list[str]) -> list[str]:
    """The lines of a section, of which these are what comes after its heading."""
    end = next((i for i, line in enumerate(lines) if line[:1] != " "), len(lines))
    return lines[:end]


def _odd_entries(heading: str, lines: list[str]) -> Iterator[str]:
    depth = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    if depth != 2:
        yield f"{depth} spaces deep, must be 2"
        return
    is_one_text = heading in ("Returns:", "Yields:")
    entries: list[str] = []
    for line in lines:
        if entries and (is_one_text or line.startswith("   ")):
            entries[-1] += f" {line.strip()}"
        else:
            entries.append(line.strip())
    for entry in entries:
        name = "" if is_one_text else _name(entry)
        text = entry.removeprefix(name)
        word = repr(text.partition(" ")[0])
        if heading in NAMED and not name:
            yield f"{word} must have a name"
        elif text[:1].islower() and not _DTYPE.match(text):
            yield f"{word} must have a capital"
        elif not text.endswith("."):
            yield f"{word} must end in a full stop"


def _name(entry: str) -> str:
    found = _NAME.match(entry)
    return found[0] if found else ""


if __name__ == "__main__":
    absltest.main()
