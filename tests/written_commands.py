"""The commands and scripts that a page of ours shows, and how a test may run them."""

import dataclasses
import re
import shlex

# What a page may show, by the word after the three backticks.
COMMANDS, SCRIPT = "bash", "python"
NOT_RUN_KINDS = ("text", "json", "html", "yaml", "")

# All that a test appends to examples: as little as can be of everything.
TINY_EXPERIMENT = {
    "max_num_blocks": 1,
    "time_budget_hours": 0.001,
    "outer_iterations": 1,
    "inner_iterations": 2,
    "num_scoring_episodes": 2,
    "scoring_inner_iterations": 2,
    "num_finalists": 0,
    "final_outer_iterations": 10,
    "num_test_episodes": 10,
}
# And to commands.
BUDGET_FLAGS = {
    # They say what they would run: search_test and train_test run them to their end.
    "search": ("--print_config",),
    "train": ("--print_config",),
    "evaluate": ("--num_test_episodes=10",),
    "adapt": ("--noestimate",),
    "report": (),
    "export": (),
}
# What a page calls what its reader has, and where a test has it.
PLACES = {"RUN_DIR": "runs/search-glyphs-quick"}

# Commands that no test can run, by how they begin, and why.
NOT_RUN = {
    "git clone": "downloads",
    "cd ": "has no effect on other commands of a test",
    "pip install": "wheel_test installs, without a network",
    "tensorboard ": "runs until it is stopped",
    "saved_model_cli ": "saved_model_test calls the same signatures",
    "./bazelw test": "is what runs this test",
    "bazel test": "is what runs this test",
    "bazel run //benchmarks": "takes minutes; benchmarks have tests of their own",
    "docker ": "needs Docker",
    "kubectl ": "needs a cluster; kubernetes_test checks the files",
    "ray ": "needs machines; ray_evaluator_test joins a cluster",
    "tfds build": "downloads",
}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROGRAM = re.compile(
    r"^(?:autometa|(?:\./bazelw|bazel) run //bin:|python3 -m bin\.)\s*(\w+)(?: --(?= ))?"
)


@dataclasses.dataclass(frozen=True)
class Command:
    """One command of a page.

    Attributes:
      text: The command, on one line.
      program: Which of our programs it starts; "" for none.
      arguments: What the program is given.
    """

    text: str
    program: str
    arguments: tuple[str, ...]

    @property
    def why_not_run(self) -> str:
        """Why no test runs it; "" where one does."""
        begun = (why for start, why in NOT_RUN.items() if self.text.startswith(start))
        return next(begun, "")


def blocks(page: str, kind: str) -> list[str]:
    """The texts of a page between three backticks, of one kind."""
    return [text for found, text in _FENCE.findall(page) if found == kind]


def kinds(page: str) -> set[str]:
    """Of which kinds they are."""
    return {kind for kind, _ in _FENCE.findall(page)}


def commands(page: str) -> list[Command]:
    """All commands of a page, in order."""
    lines = _in_places("".join(blocks(page, COMMANDS)).replace("\\\n", " "))
    found = []
    for line in lines.splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        text = " ".join(line.split())
        program = _PROGRAM.match(text)
        rest = shlex.split(text[program.end() :], comments=True) if program else []
        found.append(Command(text, program[1] if program else "", tuple(rest)))
    return found


def script(page: str) -> str:
    """The Python of a page as one script."""
    return _in_places("\n".join(blocks(page, SCRIPT)))


def _in_places(text: str) -> str:
    for name, place in PLACES.items():
        text = text.replace(name, place)
    return text


def links(page: str) -> list[str]:
    """The files and folders of ours that a page links to."""
    found = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page)
    return [link for link in found if "://" not in link]
