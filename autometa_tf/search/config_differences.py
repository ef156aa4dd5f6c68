"""How two configurations of a run differ, for people."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

# More or less everything differs between two kinds of run.
_MAX_NAMED = 8


def config_differences(
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
    may_differ: Collection[str] = (),
) -> list[str]:
    """One phrase for each field that differs, in the order of their names.

    A field of a field is named "a.b", and a field that is missing counts as None.

    Args:
      stored: The configuration a run was begun with.
      given: The one it is to go on with.
      may_differ: Names of fields to leave out, with all the fields inside them.
    """
    stored, given = dict(flat_fields(stored)), dict(flat_fields(given))
    return [
        f"{name}: {stored.get(name, 'nothing')} stored, "
        f"{given.get(name, 'nothing')} given"
        for name in sorted(stored.keys() | given.keys())
        if stored.get(name) != given.get(name)
        and not any(f"{name}.".startswith(f"{free}.") for free in may_differ)
    ]


def differences_text(differences: list[str]) -> str:
    """The first of them on one line, and how many more there are."""
    more = len(differences) - _MAX_NAMED
    named = "; ".join(differences[:_MAX_NAMED])
    return f"{named}; and {more} more" if more > 0 else named


def flat_fields(
    config: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Every plain field of nested configurations, named "a.b", and its value."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from flat_fields(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
