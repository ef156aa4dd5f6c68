"""Reading pickles from outside that hold uint8 arrays and plain containers.

A pickle is a program for a small machine that may call anything. The machine here knows
only the instructions that such data needs, and the only calls it knows are the four by
which numpy's pickles describe an array; it works them out itself. So nothing that a
pickle says is ever imported or called.
"""

import dataclasses
import mmap
import pathlib
import pickletools
from collections.abc import Callable

import numpy as np

from autometa_tf.episodes.dataset import DatasetError

# One array takes up to four calls. Each may repeat all bytes of the pickle.
_MAX_CALLS = 8
_NDARRAY = ("numpy", "ndarray")
_DTYPE = ("numpy", "dtype")
_ENCODE = ("_codecs", "encode")
# numpy 2 renamed the module.
_RECONSTRUCT = tuple(
    (f"numpy.{c}.multiarray", "_reconstruct") for c in ("core", "_core")
)
_FROMBUFFER = tuple((f"numpy.{c}.numeric", "_frombuffer") for c in ("core", "_core"))


def load_safe_pickle(path: pathlib.Path) -> dict[str, object]:
    """Reads a pickled dict of uint8 arrays and of dicts, lists, strings and integers.

    It reads protocols 2 to 5, also from Python 2, whose byte strings become strings.

    Raises:
      DatasetError: It holds, calls or claims anything else, or is damaged.
    """
    try:
        # Mapped, so that a length which the pickle merely claims allocates nothing.
        with (
            open(path, "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            result = _Machine().run(content)
        if type(result) is not dict:
            raise ValueError(f"it holds a {type(result).__name__}, not a dict")
        return {
            key: value.pixels if isinstance(value, _Array) else value
            for key, value in result.items()
        }
    except Exception as error:  # Damage shows in errors of many kinds.
        reason = str(error) or type(error).__name__
        raise DatasetError(
            f"{path.name} is refused, because it is not a pickle of plain arrays and "
            f"lists: {reason:.200}."
        ) from error


@dataclasses.dataclass(frozen=True)
class _Name:
    """Something the pickle names, by module and name; never looked up."""

    path: tuple[str, str]


class _Array:
    """An array that is announced first and described later, as numpy does it."""

    pixels: np.ndarray | None = None


class _Machine:
    """Runs the instructions that data needs; see the standard library's pickletools."""

    def __init__(self):
        self._stack: list = []
        self._marks: list[int] = []
        self._memo: dict[int, object] = {}
        self._num_calls = 0
        self._steps = self._make_steps()

    def run(self, content: mmap.mmap) -> object:
        """Runs a whole pickle and returns what it describes.

        Raises:
          Exception: The pickle is damaged or needs anything else; the error is of any
            kind.
        """
        for opcode, argument, position in pickletools.genops(content):
            if opcode.name in _LITERALS:
                self._stack.append(argument)
            elif opcode.name in self._steps:
                self._steps[opcode.name](argument)
            elif opcode.name not in ("PROTO", "FRAME", "STOP"):
                raise ValueError(f"instruction {opcode.name} at byte {position}")
        (result,) = self._stack
        return result

    def _make_steps(self) -> dict[str, Callable[[object], None]]:
        push, pop = self._stack.append, self._stack.pop
        return {
            "NONE": lambda _: push(None),
            "NEWTRUE": lambda _: push(True),
            "NEWFALSE": lambda _: push(False),
            "EMPTY_DICT": lambda _: push({}),
            "EMPTY_LIST": lambda _: push([]),
            "EMPTY_TUPLE": lambda _: push(()),
            "MARK": lambda _: self._marks.append(len(self._stack)),
            "TUPLE": lambda _: push(tuple(self._pop_to_mark())),
            "TUPLE1": lambda _: push((pop(),)),
            "TUPLE2": lambda _: push((pop(), pop())[::-1]),
            "TUPLE3": lambda _: push((pop(), pop(), pop())[::-1]),
            "APPEND": lambda _: self._append([pop()]),
            "APPENDS": lambda _: self._append(self._pop_to_mark()),
            "SETITEM": lambda _: self._set_items([pop(), pop()][::-1]),
            "SETITEMS": lambda _: self._set_items(self._pop_to_mark()),
            "BINPUT": self._remember,
            "LONG_BINPUT": self._remember,
            "MEMOIZE": lambda _: self._remember(len(self._memo)),
            "BINGET": lambda index: push(self._memo[index]),
            "LONG_BINGET": lambda index: push(self._memo[index]),
            "GLOBAL": lambda path: push(_Name(tuple(path.split(" ", 1)))),
            "STACK_GLOBAL": lambda _: push(_Name((pop(), pop())[::-1])),
            "REDUCE": lambda _: push(self._call(arguments=pop(), name=pop())),
            "BUILD": lambda _: _describe(state=pop(), target=self._stack[-1]),
        }

    def _call(self, name: object, arguments: object) -> object:
        self._num_calls += 1
        if self._num_calls > _MAX_CALLS:
            raise ValueError(f"more than the {_MAX_CALLS} calls that one array takes")
        return _call(name, arguments)

    def _remember(self, index: int) -> None:
        self._memo[index] = self._stack[-1]

    def _pop_to_mark(self) -> list:
        start = self._marks.pop()
        items = self._stack[start:]
        del self._stack[start:]
        return items

    def _append(self, items: list) -> None:
        if type(self._stack[-1]) is not list:
            raise ValueError("something is appended to what is not a list")
        self._stack[-1].extend(items)

    def _set_items(self, items: list) -> None:
        keys, values = items[::2], items[1::2]
        # Also because hashing a deeply nested key would overflow the stack.
        if type(self._stack[-1]) is not dict or any(type(k) is not str for k in keys):
            raise ValueError("a key that is not a string, or not of a dict")
        self._stack[-1].update(zip(keys, values, strict=True))


_LITERALS = frozenset(
    ("BININT", "BININT1", "BININT2", "LONG1")
    + ("SHORT_BINSTRING", "BINSTRING")
    + ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8")
    + ("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8")
)


def _call(name: object, arguments: object) -> object:
    """What one of numpy's calls comes to."""
    path = name.path if isinstance(name, _Name) else None
    if path == _DTYPE and arguments[0] in ("u1", "|u1"):
        return np.dtype(np.uint8)
    if path == _ENCODE and arguments[1] == "latin1":
        return arguments[0].encode("latin1")
    if path in _RECONSTRUCT and arguments[0] == _Name(_NDARRAY):
        return _Array()
    if path in _FROMBUFFER:
        array = _Array()
        content, dtype, shape, order = arguments
        array.pixels = _pixels(content, dtype, shape, order)
        return array
    raise ValueError(f"it calls {'.'.join(path) if path else 'what it made itself'}")


def _describe(target: object, state: object) -> None:
    """Completes an announced array; a dtype of single bytes needs no completion."""
    if isinstance(target, _Array):
        _, shape, dtype, is_fortran, content = state
        if isinstance(content, str):  # A byte string of Python 2.
            content = content.encode("latin1")
        target.pixels = _pixels(content, dtype, shape, "F" if is_fortran else "C")
    elif not isinstance(target, np.dtype):
        raise ValueError(f"it changes a {type(target).__name__}")


def _pixels(content: bytes, dtype: object, shape: tuple, order: str) -> np.ndarray:
    if dtype != np.dtype(np.uint8):
        raise ValueError("an array that is not of uint8")
    return np.frombuffer(content, np.uint8).reshape(shape, order=order)
