"""What each sitting of a run computed with, kept in its configuration.

A run goes on with whatever the machine has that it is resumed on. Other kernels,
another processor or another number of episodes side by side round differently, which
whoever compares results must be able to see.
"""

import dataclasses
import os
import time

from autometa_tf.experiments.run_directory import CONFIG, read_json, write_json

# What a resumed run may change, since the sittings tell of it.
MAY_DIFFER = (
    "sittings",
    *(
        f"{part}.computation.{field}"
        for part in ("candidate", "final")
        for field in ("num_parallel_episodes", "jit_compile")
    ),
)


def keep_sitting(directory: str, part: str, sitting) -> dict | None:
    """Adds a sitting to a run's configuration.

    Args:
      directory: The run directory, with its configuration.
      part: What is computed, "candidate" or "final".
      sitting: A `sitting.Sitting`.

    Returns:
      What the sitting before had in place of this one, by field, and nothing of what
      is the same; None when this is the first of its part.

    Raises:
      ValueError: the configuration holds no list of sittings.
    """
    path = os.path.join(directory, CONFIG)
    config = read_json(directory, CONFIG)
    sittings = config.setdefault("sittings", [])
    if not isinstance(sittings, list) or not all(
        isinstance(each, dict) for each in sittings
    ):
        raise ValueError(
            f"`sittings` in {path!r} must be a list of what each sitting had. "
            f"Received: {sittings!r:.80}."
        )
    now = dataclasses.asdict(sitting)
    earlier = [each for each in sittings if each.get("part") == part]
    time_of_day = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sittings.append({"part": part, "begun": time_of_day} | now)
    write_json(directory, CONFIG, config)
    if not earlier:
        return None
    return {
        name: earlier[-1].get(name)
        for name, value in now.items()
        if earlier[-1].get(name) != value
    }
