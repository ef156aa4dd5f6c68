"""How this process was begun: its command, its time and its software."""

import calendar
import time
from typing import Any

from autometa_tf.experiments.command import begun_command
from autometa_tf.workers.versions import software_versions

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

# When this process was begun, by the clock that people set and one that nobody can.
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
        "time": time.strftime(TIME_FORMAT, time.gmtime(STARTED)),
        "versions": packages,
    }


def seconds_running() -> float:
    """The seconds since this process was begun."""
    return time.monotonic() - _STARTED_MONOTONIC


def time_begun(begun: Any) -> float:
    """The time in what `begun_with` made, in seconds since the epoch.

    Raises:
      ValueError: It has no time.
    """
    try:
        return calendar.timegm(time.strptime(begun["time"], TIME_FORMAT))
    except (TypeError, KeyError, ValueError):
        raise ValueError(
            "`begun_with` in config.json must have a `time`, such as "
            f"2026-01-31T23:59:59Z. Received: {begun!r:.80}."
        ) from None


def command_of(begun: Any) -> str:
    """The command in what `begun_with` returned; "" where it does not say."""
    return str(begun.get("command", "")) if isinstance(begun, dict) else ""


def versions_of(begun: Any) -> dict[str, str]:
    """The versions in what `begun_with` returned; none where it does not say."""
    versions = begun.get("versions") if isinstance(begun, dict) else None
    if not isinstance(versions, dict):
        return {}
    return {str(name): str(version) for name, version in versions.items()}
