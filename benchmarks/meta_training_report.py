"""What `meta_training` prints: tables in Markdown, and what one must know of them."""

from collections.abc import Sequence

import numpy as np

from benchmarks import phases
from benchmarks.markdown import markdown_table
from benchmarks.measurement import (
    CHANNELS_LAST,
    KERNELS,
    PATHS,
    PLAIN_KERAS,
    Measurement,
)
from benchmarks.timing import show

_NOTHING = np.array([np.nan, np.nan])
_TIMES = (
    "network",
    "side by side",
    *(f"{path}, ms" for path in PATHS),
    "plain / kernels",
    "channels last / kernels",
    "plain / channels last",
)
_RATES = (
    "network",
    "GFLOP",
    "matrix product, GFLOP/s",
    *(f"{path}, GFLOP/s" for path in PATHS),
    *(f"{path}, of product" for path in PATHS),
)
_STARTS = ("network", *(f"{path}, s" for path in PATHS))
_BUSY = (
    "In brackets by the process's CPU time, where that changes a figure by more than "
    "a tenth: then others used the machine too."
)
_TOGETHER = (
    "Our kernels normalise and rectify in the operations that convolve, and all that "
    "counts as convolutions."
)


def report(measured: Sequence[Measurement]) -> str:
    """All tables."""
    starts = [
        [m.title, *(show(m.starts.get(path, _NOTHING), ".1f") for path in PATHS)]
        for m in measured
    ]
    parts = [
        "An outer iteration, medians, and ratios of them:",
        markdown_table(_TIMES, [_times(m) for m in measured]),
        "The rate at which the network's own operations are made:",
        markdown_table(_RATES, [_rates(m) for m in measured]),
        "Building, tracing and the first outer iteration:",
        markdown_table(_STARTS, starts),
    ]
    tables = "\n\n".join(parts)
    if "[" in tables:
        tables += f"\n\n{_BUSY}"
    return tables + _phases(measured)


def _times(m: Measurement) -> list[str]:
    seconds = {path: m.seconds.get(path, _NOTHING) for path in PATHS}
    pairs = (
        (PLAIN_KERAS, KERNELS),
        (CHANNELS_LAST, KERNELS),
        (PLAIN_KERAS, CHANNELS_LAST),
    )
    copies = dict.fromkeys(m.num_parallel_episodes.values())
    return [
        m.title,
        " and ".join(map(str, copies)),
        *(show(1000 * each) for each in seconds.values()),
        *(show(seconds[slow] / seconds[fast], ".2f") for slow, fast in pairs),
    ]


def _rates(m: Measurement) -> list[str]:
    rates = [m.operations / m.seconds.get(path, _NOTHING) for path in PATHS]
    return [
        m.title,
        f"{m.operations * 1e-9:.2f}",
        show(m.product_rate * 1e-9),
        *(show(rate * 1e-9) for rate in rates),
        *(show(rate / m.product_rate, ".0%") for rate in rates),
    ]


def _phases(measured: Sequence[Measurement]) -> str:
    rows = [
        [m.title, path, *(_share(path, *item) for item in shares.items())]
        for m in measured
        for path, shares in m.shares.items()
    ]
    if not rows:
        return "\n\nThere are no shares of phases: XLA has joined operations."
    table = markdown_table(("network", "path", *phases.PHASES), rows)
    note = f"\n\n{_TOGETHER}" if any(row[1] == KERNELS for row in rows) else ""
    return f"\n\nWhere the time of ours goes:\n\n{table}{note}"


def _share(path: str, phase: str, share: float) -> str:
    unknown = path == KERNELS and phase == phases.NORMALIZATION
    return "–" if unknown else f"{share:.1%}"
