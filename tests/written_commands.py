"""The commands and scripts that a page of ours shows, and how a test may run them."""

import ast
import dataclasses
import re
import shlex

# What a page may show, by the word after the three backticks.
COMMANDS, SCRIPT = "bash", "python"
NOT_RUN_KINDS = ("text", "json", "html", "yaml")

# All that a test appends to examples and to commands: as little as can be of everything.
TINY_EXPERIMENT = {
    "max_num_blocks": 1,
    "time_budget_hours": 0.0003,
    "outer_iterations": 1,
    "inner_iterations": 2,
    "num_scoring_episodes": 2,
    "scoring_inner_iterations": 2,
    "num_finalists": 0,
    "final_outer_iterations": 2,
    "num_test_episodes": 2,
}
_TINY_FLAGS = tuple(f"--{name}={value}" for name, value in TINY_EXPERIMENT.items())
BUDGET_FLAGS = {
    "search": (*_TINY_FLAGS, "--num_workers=0"),
    "train": _TINY_FLAGS,
    "evaluate": ("--num_test_episodes=2",),
    "adapt": (),
    "report": (),
    "export": (),
    "--help": (),
}
# What a page calls what its reader has, and where a test has it.
PLACES = {
    "RUN_DIR": "runs/search-glyphs-quick",
    "FIRST,SECOND": "runs/search-glyphs-quick,runs/letters",
}

# Commands that say what they would run (`--print_config`), and do not run it: what is in
# them, and what a test has not.
PRINTED = {
    "--dataset=mini_imagenet": "60,000 images that ImageNet's terms do not let us pass on",
    "search --dataset=omniglot": "a download; letters stand in for it where a program is "
    "one process (forked_programs.prepare), and a search is two",
    "--ray_address=": "other machines; ray_evaluator_test joins a cluster",
}
# Commands that no test can run, by how they begin, and why.
NOT_RUN = {
    "pip install": "wheel_test installs, without a network",
    "tensorboard ": "runs until it is stopped",
    "./bazelw test": "is what runs this test",
    "python3 -m benchmarks": "takes minutes; benchmarks have tests of their own",
    "python3 -m http.server": "runs until it is stopped",
    "autometa page ": "downloads LiteRT.js; programs' page_test makes a page",
    "docker ": "needs Docker",
    "kubectl ": "needs a cluster; kubernetes_test checks the files",
    "ray ": "needs machines; ray_evaluator_test joins a cluster",
}

# A block, or a command of ours with flags within a text.
_PIECE = re.compile(
    r"^```(?P<kind>\w*)\n(?P<block>.*?)^```$|"
    r"(?<!`)`(?P<line>(?:autometa|\./bazelw|bazel run|python3 -m|tensorboard)[ ][^`\n]*)`",
    re.DOTALL | re.MULTILINE,
)
_PROGRAM = re.compile(
    r"^(?:autometa|(?:\./bazelw|bazel) run //bin:|python3 -m (?:bin\.|autometa_tf))\s*"
    r"(?P<name>[\w-]+)(?: --(?= ))?(?P<rest>.*)"
)


@dataclasses.dataclass(frozen=True)
class Command:
    """One command of a page.

    Attributes:
      text: The command, on one line; one of ours begins with `autometa`, as which all
        ways to begin it are the same.
      program: Which of our programs it starts; "" for none.
      arguments: What the program is given.
    """

    text: str
    program: str
    arguments: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The command as a shell takes it apart."""
        return shlex.split(self.text)

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for commands that do the same: most flags may come in any order."""
        return self.program, *sorted(self.arguments)

    @property
    def why_not_run(self) -> str:
        """Why no test runs it; "" where one does."""
        begun = (why for start, why in NOT_RUN.items() if self.text.startswith(start))
        return next(begun, "")

    @property
    def more_flags(self) -> tuple[str, ...]:
        """What a test appends."""
        if not self.program:
            return ()
        printed = any(part in self.text for part in PRINTED)
        return ("--print_config",) if printed else BUDGET_FLAGS[self.program]


@dataclasses.dataclass(frozen=True)
class Script:
    """Some lines of Python; those of a page are one script."""

    text: str


def pieces(page: str) -> list[Command | Script]:
    """All that a page shows of commands and Python, in order.

    What has an ellipsis in it is no command yet.
    """
    found = []
    for piece in _PIECE.finditer(_in_places(page)):
        if piece["kind"] == SCRIPT:
            found.append(Script(piece["block"]))
        elif piece["kind"] == COMMANDS:
            lines = piece["block"].replace("\\\n", " ").splitlines()
            found += filter(None, map(_command, lines))
        elif piece["line"] and "…" not in piece["line"] and "--" in piece["line"]:
            found.append(_command(piece["line"]))
    return found


def commands(page: str) -> list[Command]:
    """All commands of a page, in order."""
    return [piece for piece in pieces(page) if isinstance(piece, Command)]


def calls(page: str) -> list[ast.Call]:
    """Calls of our public functions and classes within a page's texts."""
    found = []
    for line in re.findall(r"(?<!`)`((?:\w+ = )?am\.\w+\([^`\n]*\))`", page):
        if "…" not in line.replace("{…}", ""):
            tree = ast.parse(line.replace("{…}", "{}"))
            found += [node for node in ast.walk(tree) if _is_public(node)]
    return found


def _is_public(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    return isinstance(node.func.value, ast.Name) and node.func.value.id == "am"


def blocks(page: str, kind: str) -> list[str]:
    """The texts of a page between three backticks, of one kind."""
    found = _PIECE.finditer(page)
    return [piece["block"] for piece in found if piece["kind"] == kind]


def kinds(page: str) -> set[str]:
    """Of which kinds they are."""
    found = _PIECE.finditer(page)
    return {piece["kind"] for piece in found if piece["kind"] is not None}


def _command(line: str) -> Command | None:
    words = shlex.split(line, comments=True)
    if not words:
        return None
    program = _PROGRAM.match(" ".join(line.split()))
    if not program:
        return Command(shlex.join(words), "", tuple(words))
    rest = shlex.split(program["rest"], comments=True)
    text = shlex.join(["autometa", program["name"], *rest])
    return Command(text, program["name"], tuple(rest))


def _in_places(text: str) -> str:
    for name, place in PLACES.items():
        text = text.replace(name, place)
    return text


def links(page: str) -> list[str]:
    """The files and folders of ours that a page links to."""
    found = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page)
    return [link for link in found if "://" not in link]
