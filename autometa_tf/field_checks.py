"""Checks that the fields of most configurations need, with one wording for all."""

import typing
from typing import Any


def check_at_least(config: Any, **least: int) -> None:
    """Sees that fields are not less than their least values; None is not checked.

    Args:
      config: A dataclass.
      **least: The least value of each field.

    Raises:
      ValueError: A field is less, or not a number.
    """
    for name, lowest in least.items():
        value = getattr(config, name)
        if value is not None and not value >= lowest:
            raise ValueError(f"`{name}` must be at least {lowest}. Received: {value}.")


def check_choices(config: Any) -> None:
    """Sees that every field whose type is a `Literal` has one of its values.

    Args:
      config: A dataclass.

    Raises:
      ValueError: A field has another value.
    """
    for name, kind in typing.get_type_hints(type(config)).items():
        allowed, value = typing.get_args(kind), getattr(config, name)
        if typing.get_origin(kind) is typing.Literal and value not in allowed:
            raise ValueError(
                f"`{name}` must be one of {', '.join(allowed)}. Received: {value!r}."
            )
