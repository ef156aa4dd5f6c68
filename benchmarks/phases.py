"""Divides the time of compiled code among its phases, by TensorFlow's own profiler."""

import collections
import glob
import os
import re
import tempfile
from collections.abc import Callable, Iterable

import tensorflow as tf

CONVOLUTIONS = "convolutions, dense"
NORMALIZATION = "normalisation"
OTHER_LAYERS = "ReLU, pooling, sums, loss"
SAMPLING = "sampling, gather"
ADAM = "Adam"
COPIES = "copying, combining"
DISPATCH = "between operations"
PHASES = (
    CONVOLUTIONS,
    NORMALIZATION,
    OTHER_LAYERS,
    ADAM,
    COPIES,
    SAMPLING,
    DISPATCH,
)

# The first that is found in an operation's name. The names are those of the layers and
# of the product's name scopes; gradients have those of what they are gradients of.
_NAMES = tuple(
    (re.compile(pattern), phase)
    for pattern, phase in (
        (r"\badam/", ADAM),
        (r"\bsampling/", SAMPLING),
        (r"normalization", NORMALIZATION),
        (r"conv|dense", CONVOLUTIONS),
        (r"re_lu|pooling|average|concatenate", OTHER_LAYERS),
        (r"/add(_\d+)*/|AddN|SparseSoftmax", OTHER_LAYERS),
    )
)


def phase_of(operation: str) -> str:
    """The phase of an operation, `name:type` as the profiler calls it.

    Our kernels normalise within the operation that convolves, and rectify within the
    one that reads: of batch-last networks all that is `CONVOLUTIONS`.
    """
    name, _, kind = operation.rpartition(":")
    if "Conv2D" in kind or kind.startswith("AutometaConvolve"):
        return CONVOLUTIONS
    for pattern, phase in _NAMES:
        if pattern.search(name):
            return phase
    return COPIES


def self_times(events: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Time within each operation but not within another that it calls.

    Args:
      events: `(name, start, duration)` of one thread; those of operations are named
        `name:type`, and the others do not count.
    """
    totals = collections.Counter()
    open_events = []  # (name, end), each within the one before.
    operations = [event for event in events if _is_operation(event[0])]
    for name, start, duration in sorted(operations, key=lambda e: (e[1], -e[2])):
        while open_events and open_events[-1][1] <= start:
            open_events.pop()
        if open_events:
            totals[open_events[-1][0]] -= duration
        totals[name] += duration
        open_events.append((name, start + duration))
    return dict(totals)


def _is_operation(name: str) -> bool:
    return ":" in name and "::" not in name and ": " not in name


def measure_phases(run: Callable[[], object]) -> dict[str, float]:
    """Runs once under the profiler and returns each phase's share of the time.

    With one thread, what is not within any operation is the time between them. With
    more, operations overlap, and shares are those of the sum of their times.
    """
    options = tf.profiler.experimental.ProfilerOptions(
        host_tracer_level=2, python_tracer_level=0
    )
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder, options):
            run()
        totals, seconds = _read_operations(folder)
    shares = dict.fromkeys(PHASES, 0.0)
    for operation, time in totals.items():
        shares[phase_of(operation)] += time
    if not totals:
        raise ValueError(f"The profiler saw no operation of TensorFlow's in {run}.")
    whole = max(seconds, sum(totals.values()))
    shares[DISPATCH] += whole - sum(totals.values())
    return {phase: time / whole for phase, time in shares.items()}


def _read_operations(folder: str) -> tuple[dict[str, float], float]:
    """Seconds by operation, and from the first's begin to the last's end."""
    # Imported here: it is no public name of TensorFlow's, and no other file needs it.
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    pattern = os.path.join(folder, "**", "*.xplane.pb")
    (path,) = glob.glob(pattern, recursive=True)
    space = xplane_pb2.XSpace()
    with open(path, "rb") as file:
        space.ParseFromString(file.read())
    totals, begins, ends = collections.Counter(), [], []
    for plane in space.planes:
        names = {key: data.name for key, data in plane.event_metadata.items()}
        for line in plane.lines:
            start = line.timestamp_ns * 1000
            events = [
                (names[e.metadata_id], start + e.offset_ps, e.duration_ps)
                for e in line.events
            ]
            totals.update(self_times(events))
            spans = [(b, b + d) for name, b, d in events if _is_operation(name)]
            begins += [b for b, _ in spans]
            ends += [e for _, e in spans]
    seconds = {name: time * 1e-12 for name, time in totals.items()}
    return seconds, (max(ends, default=0) - min(begins, default=0)) * 1e-12
