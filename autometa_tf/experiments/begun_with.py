"""How this process was begun: its command, its time and its software."""

import time

from autometa_tf.experiments.command import begun_command
from autometa_tf.workers.versions import software_versions

# This process's begin, by the clock that people set and by the one that nobody can.
STARTED, _STARTED_MONOTONIC = time.time(), time.monotonic()


def begun_with() -> dict:
    """This process's command, begin and software, for whoever repeats it."""
    packages = {
        name: version
        for name, version in software_versions().items()
        if not name.endswith(".py")
    }
    return {
        "command": begun_command(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(STARTED)),
        "versions": packages,
    }


def seconds_running() -> float:
    """Since this process was begun."""
    return time.monotonic() - _STARTED_MONOTONIC
