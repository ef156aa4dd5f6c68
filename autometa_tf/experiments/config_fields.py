"""The fields of nested configurations: listed, read from JSON, and explained to people.

A configuration is a dataclass whose fields are plain values or further configurations.
Flags, JSON, reports and the check of a resumed run are all made from what is here, so
that a new field needs one line in one class.
"""

import dataclasses
import functools
import inspect
import json
import re
import types
import typing
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leaf:
    """One plain field of a nested configuration.

    Attributes:
      name: Its name, which no other field has, and which is its flag's.
      section: The name of the configuration it is a field of; "" at the top.
      kind: Its type: `int`, `float`, `bool`, `str`, a `Literal`, or one of these or
        None.
      default: Its value where nobody gives one; `dataclasses.MISSING` where somebody
        must.
      text: What its class's docstring says of it, in one line.
    """

    name: str
    section: str
    kind: Any
    default: Any
    text: str

    @property
    def path(self) -> str:
        """Where JSON has it: "section.name"."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def plain_kind(self) -> Any:
        """Its type where it is not None."""
        kinds = [kind for kind in typing.get_args(self.kind) if kind is not type(None)]
        return kinds[0] if self.is_optional else self.kind

    @property
    def is_optional(self) -> bool:
        """Whether it may be None."""
        return typing.get_origin(self.kind) is types.UnionType

    @property
    def choices(self) -> tuple[str, ...]:
        """All values it may have, where its type lists them."""
        return typing.get_args(self.kind) if _is_literal(self.kind) else ()


@functools.cache
def leaves(config_class: type) -> dict[str, Leaf]:
    """The plain fields of a configuration's class and of those in it, by name.

    Raises:
      TypeError: Two have the same name, or one has no entry in its class's docstring.
    """
    found: dict[str, Leaf] = {}
    for leaf in _leaves(config_class, ""):
        if leaf.name in found:
            raise TypeError(
                f"Fields of configurations must have different names. Received: "
                f"{found[leaf.name].path} and {leaf.path}."
            )
        found[leaf.name] = leaf
    return found


def sections(config_class: type) -> dict[str, type]:
    """The configurations that are fields of a configuration, by the fields' names."""
    kinds = typing.get_type_hints(config_class)
    return {
        field.name: kinds[field.name]
        for field in dataclasses.fields(config_class)
        if dataclasses.is_dataclass(kinds[field.name])
    }


def from_json(kind: Any, content: Any, name: str = "content") -> Any:
    """Makes a value of a type from its JSON; dataclasses are as `asdict` has them.

    Raises:
      ValueError: Fields are missing, unknown, of another type or out of range.
    """
    if dataclasses.is_dataclass(kind):
        return _record_from_json(kind, content)
    if typing.get_origin(kind) is tuple:
        kinds = typing.get_args(kind)
        if isinstance(content, list) and len(content) == len(kinds):
            return tuple(map(from_json, kinds, content, [name] * len(kinds)))
    elif _is_literal(kind):
        if isinstance(content, str) and content in typing.get_args(kind):
            return content
        kind = f"one of {', '.join(typing.get_args(kind))}"
    elif typing.get_origin(kind) is types.UnionType:  # A simple type, or None.
        kinds = typing.get_args(kind)
        if content is None or type(content) in kinds:
            return content
        if float in kinds and type(content) is int:
            return content
    elif type(content) is kind or (kind is float and type(content) is int):
        return content
    kind = getattr(kind, "__name__", kind)
    raise ValueError(f"`{name}` must be {kind}. Received: {content!r:.200}.")


def with_defaults(config_class: type, content: Any) -> Any:
    """A configuration's JSON, with the defaults of the plain fields that it lacks.

    An earlier version lacks the fields that came later. So the default of a new field
    must mean what was done without it.

    Args:
      config_class: The configuration's class.
      content: Its JSON. What is no object, and sections that are missing, stay so.
    """
    if not isinstance(content, dict):
        return content
    inner = sections(config_class)
    filled = {
        name: with_defaults(inner[name], value) if name in inner else value
        for name, value in content.items()
    }
    for field in dataclasses.fields(config_class):
        if field.default is not dataclasses.MISSING:
            filled.setdefault(field.name, json.loads(json.dumps(field.default)))
    return filled


def _record_from_json(kind: type, content: Any) -> Any:
    names = {field.name for field in dataclasses.fields(kind)}
    if not isinstance(content, dict) or set(content) != names:
        given = content
        if isinstance(content, dict):
            missing, unknown = (
                sorted(names - set(content)),
                sorted(set(content) - names),
            )
            given = f"without {', '.join(missing)}" if missing else ""
            if unknown:
                given += f"{' and ' if given else ''}with {', '.join(unknown)}"
        raise ValueError(
            f"{kind.__name__} must have the fields {', '.join(sorted(names))}. "
            f"Received: {given!s:.200}."
        )
    kinds = typing.get_type_hints(kind)
    return kind(**{name: from_json(kinds[name], content[name], name) for name in names})


def _is_literal(kind: Any) -> bool:
    return typing.get_origin(kind) is typing.Literal


def _leaves(config_class: type, section: str) -> typing.Iterator[Leaf]:
    kinds, inner = typing.get_type_hints(config_class), sections(config_class)
    texts = field_texts(config_class)
    for field in dataclasses.fields(config_class):
        if field.name in inner:
            yield from _leaves(inner[field.name], field.name)
            continue
        if field.name not in texts and config_class.__doc__:  # None under -OO.
            raise TypeError(f"{config_class.__name__} must document `{field.name}`.")
        yield Leaf(
            name=field.name,
            section=section,
            kind=kinds[field.name],
            default=field.default,
            text=texts.get(field.name, ""),
        )


def field_texts(config_class: type) -> dict[str, str]:
    """What the "Attributes" sections of a class's docstring say, by attribute.

    Sections of the classes that it inherits from count too.
    """
    texts: dict[str, str] = {}
    for each in reversed(config_class.__mro__):
        doc = inspect.cleandoc(each.__dict__.get("__doc__") or "")
        _, _, attributes = doc.partition("Attributes:\n")
        attributes = re.split(r"\n\S", attributes)[0]
        indent = re.match(r"\s*", attributes)[0]
        entry = re.compile(
            rf"^{indent}(\w+): (.*?)(?=^{indent}\w+: |\Z)", re.MULTILINE | re.DOTALL
        )
        for name, text in entry.findall(attributes):
            texts[name] = " ".join(text.split())
    return texts
