"""Flags made from the fields of a configuration's class.

A flag has its field's name, type and docstring. One that is not given is None, so that
a preset or a saved experiment can say what it is.
"""

from collections.abc import Callable
from typing import Any

from absl import flags

from autometa_tf.experiments.config_fields import Leaf, leaves

# How a flag says what a field of type `bool | None` may be.
_SWITCH = {"auto": None, "on": True, "off": False}


def define_flags(
    config_class: type,
    default_text: Callable[[Leaf], str],
    flag_values: flags.FlagValues = flags.FLAGS,
) -> None:
    """Defines a flag for each field of a configuration and of those in it.

    Args:
      config_class: The configuration's class.
      default_text: A function from a field to its value where its flag is not given, in
        words; "" where the field's docstring says it.
      flag_values: Where to define the flags.
    """
    for leaf in leaves(config_class).values():
        default = default_text(leaf)
        text = f"{leaf.text} Default: {default}." if default else leaf.text
        _define(leaf, text, flag_values)


def given_values(
    config_class: type, flag_values: flags.FlagValues = flags.FLAGS
) -> dict[str, Any]:
    """The fields whose flags were given, with their values."""
    values = {}
    for leaf in leaves(config_class).values():
        value = flag_values[leaf.name].value
        if value is None:
            continue
        switch = leaf.is_optional and leaf.plain_kind is bool
        values[leaf.name] = _SWITCH[value] if switch else value
    return values


def _define(leaf: Leaf, text: str, flag_values: flags.FlagValues) -> None:
    kind, more = leaf.plain_kind, {"flag_values": flag_values}
    if leaf.choices:
        flags.DEFINE_enum(leaf.name, None, list(leaf.choices), text, **more)
    elif kind is bool and leaf.is_optional:
        flags.DEFINE_enum(leaf.name, None, list(_SWITCH), text, **more)
    elif kind is bool:
        flags.DEFINE_bool(leaf.name, None, text, **more)
    elif kind is int:
        flags.DEFINE_integer(leaf.name, None, text, **more)
    elif kind is float:
        flags.DEFINE_float(leaf.name, None, text, **more)
    else:
        flags.DEFINE_string(leaf.name, None, text, **more)
