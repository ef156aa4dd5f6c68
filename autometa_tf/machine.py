"""What this process may use of its machine, and has used: Linux and macOS differ."""

import os
import platform
import re
import resource
import sys


def usable_cores() -> int:
    """How many cores this process may use: on Linux those that it is bound to."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS binds no process to cores.
        return os.cpu_count() or 1


def peak_memory_bytes() -> int:
    """The most memory that this process has used so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux says KiB.


def cpu_model() -> str:
    """The name of the CPU's model, as well as the system knows it."""
    try:
        with open("/proc/cpuinfo") as file:
            found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor()
