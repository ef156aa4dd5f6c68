"""All programs as one command, `autometa`, or `python3 -m autometa_tf`."""

import ast
import importlib
import importlib.util
import os
import sys

import autometa_tf
from autometa_tf.experiments.command import CONSOLE_SCRIPT, PACKAGE
from autometa_tf.programs.streams import print_to

PROGRAMS = ("search", "train", "evaluate", "report", "adapt", "export", "page")
_HELP = ("--help", "-help", "--helpshort", "-h", "help")


def run() -> None:
    """Starts the program that the first argument names; it ends the process.

    No other one is imported: their flags would collide, and a start must be quick.
    """
    by_package = os.path.basename(sys.argv[0]) == "__main__.py"
    command = PACKAGE if by_package else CONSOLE_SCRIPT
    name, *flags = sys.argv[1:] or ["--help"]
    if name in _HELP:
        print_to(sys.stdout, _overview(command))
    elif name == "--version":
        print_to(sys.stdout, f"autometa_tf {autometa_tf.__version__}")
    elif name not in PROGRAMS:
        print_to(
            sys.stderr,
            f"error: A program must be one of {', '.join(PROGRAMS)}, and come before "
            f"its flags. Received: {name!r}. ({command} --help tells what they do)",
        )
        sys.exit(1)
    else:
        # How help, errors and the run directory name the command.
        sys.argv = [f"{command} {name}", *flags]
        importlib.import_module(_module(name)).run()


def _overview(command: str) -> str:
    """Each program with the first line of its text."""
    width = max(map(len, PROGRAMS))
    lines = [f"  {name:{width}}  {_first_line(name)}" for name in PROGRAMS]
    return "\n".join(
        [
            f"Usage: {command} PROGRAM --FLAG=VALUE ...",
            "",
            *lines,
            "",
            f"{command} PROGRAM --help lists the flags of a program.",
        ]
    )


def _first_line(name: str) -> str:
    """A program's first line, read and not imported: `python -OO` drops docstrings."""
    loader = importlib.util.find_spec(_module(name)).loader
    text = ast.get_docstring(ast.parse(loader.get_source(_module(name))))
    return text.partition("\n")[0]


def _module(name: str) -> str:
    return f"autometa_tf.programs.{name}"
