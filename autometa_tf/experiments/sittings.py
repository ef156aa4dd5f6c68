"""What each sitting of a run, from begin or resumption to end, computed with."""

import dataclasses
import time
from typing import Any

from autometa_tf.candidates.sitting import Sitting
from autometa_tf.experiments.begun_with import TIME_FORMAT


def with_sitting(
    sittings: list[dict[str, Any]], part: str, sitting: Sitting
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Adds a sitting to those that config.json has.

    A run goes on with whatever the machine has that it is resumed on. Other kernels,
    another processor or another number of episodes side by side round differently,
    which whoever compares results must be able to see.

    Args:
      sittings: The list of the sittings before.
      part: What is computed, "candidate" or "final".
      sitting: The new one.

    Returns:
      All sittings, and what the one before had in the fields that differ, by name, or
      None when this is the first of its part.
    """
    now = dataclasses.asdict(sitting)
    begun = time.strftime(TIME_FORMAT, time.gmtime())
    added = [*sittings, {"part": part, "begun": begun} | now]
    earlier = [each for each in sittings if each.get("part") == part]
    if not earlier:
        return added, None
    before = earlier[-1]
    differing = {k: before.get(k) for k, v in now.items() if before.get(k) != v}
    return added, differing
