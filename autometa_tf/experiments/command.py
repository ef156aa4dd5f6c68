"""The command that began this process, for whoever begins another like it."""

import os
import shlex
import sys

# What the console script and the package itself put in place of the path of their file,
# before the program's name: see programs/autometa.py.
CONSOLE_SCRIPT, PACKAGE = "autometa", "python3 -m autometa_tf"


def command_before_flags() -> str:
    """What to write before a program's flags, as this process was begun itself."""
    started = sys.argv[0]
    if started.startswith((f"{CONSOLE_SCRIPT} ", f"{PACKAGE} ")):
        return started
    folder, name = os.path.split(os.path.splitext(started)[0])
    if os.path.basename(folder) == "bin":
        if "BUILD_WORKING_DIRECTORY" in os.environ:  # `bazel run` sets it.
            return f"bazel run //bin:{name} --"
        return f"python3 -m bin.{name}"
    return shlex.join(["python3", started]).removesuffix(" ''")


def begun_command() -> str:
    """The whole command, as a shell takes it."""
    return " ".join([command_before_flags(), shlex.join(sys.argv[1:])]).rstrip()
