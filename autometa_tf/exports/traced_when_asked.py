"""Functions that become graphs when they are first asked for."""

from collections.abc import Callable, Iterator, Mapping

import tensorflow as tf


class TracedWhenAsked(Mapping):
    """Concrete functions by name, as a loaded SavedModel has its signatures.

    Tracing one takes a second or more, and most users call two of them.

    Args:
      functions: By name.
      specs: What each takes, by the names of its arguments.
      aliases: Other names: that of the function by alias.
    """

    def __init__(
        self,
        functions: Mapping[str, Callable],
        specs: Mapping[str, Mapping[str, tf.TensorSpec]],
        aliases: Mapping[str, str],
    ):
        self._functions = functions
        self._specs = specs
        self._aliases = aliases
        self._traced = {}

    def __getitem__(self, name: str) -> tf.types.experimental.ConcreteFunction:
        name = self._aliases.get(name, name)
        if name not in self._traced:
            function = tf.function(self._functions[name], autograph=False)
            specs = self._specs[name]
            self._traced[name] = function.get_concrete_function(**specs)
        return self._traced[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._aliases
        yield from self._functions

    def __len__(self) -> int:
        return len(self._aliases) + len(self._functions)
