"""What trials have measured on this machine, so that a run repeated here is the same.

A JSON file in the user's cache folder: `$XDG_CACHE_HOME`, else `~/.cache`. It may be
deleted at any time, and one that cannot be read or written counts as none.
"""

import hashlib
import json
import math
import os
import platform
import re

from autometa_tf.evaluators.versions import software_versions


def trial_key(description) -> str:
    """Names a trial on this machine: by what was tried, the software and the CPU.

    Args:
      description: All the trial depends on besides, as JSON knows it.
    """
    content = [description, software_versions(), platform.machine(), _cpu_model()]
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def remembered_trial(key: str) -> dict[int, float] | None:
    """Seconds by number of episodes side by side, or None."""
    seconds = _read().get(key)
    if not isinstance(seconds, dict) or not seconds:
        return None
    for copies, value in seconds.items():
        if not re.fullmatch("[1-9][0-9]{0,3}", copies) or not _is_time(value):
            return None
    return {int(copies): value for copies, value in seconds.items()}


def remember_trial(key: str, seconds: dict[int, float]) -> None:
    """Adds a trial, if the file can be written."""
    content = _read() | {key: seconds}
    path = _path()
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        unfinished = f"{path}.{os.getpid()}"  # Several processes may do this at once.
        with open(unfinished, "w") as file:
            json.dump(content, file, indent=1)
        os.replace(unfinished, path)
    except OSError:
        pass


def _path() -> str:
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(folder, "autometa_tf", "parallel_episodes.json")


def _read() -> dict:
    try:
        with open(_path()) as file:
            content = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _is_time(value) -> bool:
    return isinstance(value, float) and math.isfinite(value) and value > 0


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor()
