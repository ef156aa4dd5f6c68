"""What config.json has when a run goes on: with the same, or a search with more."""

from collections.abc import Mapping
from typing import Any

from autometa_tf.experiments.may_change import (
    MAY_DIFFER,
    MAY_GROW,
    ONLY_SEARCHED_WITH,
)
from autometa_tf.search.config_differences import (
    config_differences,
    differences_text,
    flat_fields,
)

# What a training that is no part of a search keeps as it is given now.
_KEPT_BY_TRAININGS = ("data", "computation", "distribution")


def gone_on_with(
    kept: Mapping[str, Any], given: Mapping[str, Any], begun_with: Any, summary: Any
) -> dict[str, Any]:
    """What config.json has from now on.

    Where a search goes on with a larger beam, more blocks and the like, `grown_from`
    has a record more: the `fields` that differ as they were before, `begun_with` for
    the command that changed them, and the `summary` that the run had come to.

    Args:
      kept: What config.json has.
      given: The "experiment" and the "network" to go on with.
      begun_with: How this process was begun.
      summary: What summary.json has; None where there is none.

    Raises:
      ValueError: Fields differ that must not; the message names them.
    """
    is_search = given["network"] is None
    free = [*MAY_DIFFER, *(MAY_GROW if is_search else ONLY_SEARCHED_WITH)]
    stored = {name: kept.get(name) for name in given}
    if found := config_differences(
        stored, given, [f"experiment.{path}" for path in free]
    ):
        raise ValueError(
            "A run must go on with the configuration it was begun with. Received: "
            f"{differences_text(found)}. Give the flags it was begun with "
            "(config.json has its command), or another --run_dir."
        )
    if not is_search:  # What it does not depend on stays as it was.
        changed = {name: given["experiment"][name] for name in _KEPT_BY_TRAININGS}
        return {**kept, "experiment": kept["experiment"] | changed}
    now = {**kept, "experiment": given["experiment"]}
    before, after = (dict(flat_fields(each["experiment"])) for each in (stored, given))
    grown = {path: before[path] for path in MAY_GROW if before[path] != after[path]}
    if grown:
        record = {"fields": grown, "begun_with": begun_with, "summary": summary}
        now["grown_from"] = [*kept.get("grown_from", []), record]
    return now
