"""Public names of a package that are imported when they are first used (PEP 562)."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(
    package: str, names: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """What a package's `__init__.py` needs to offer names of its modules.

    So `import autometa_tf` takes milliseconds, and TensorFlow is imported by whoever
    uses something of it.

    Args:
      package: The package's `__name__`.
      names: The public names, and the modules they are in, relative to the package.

    Returns:
      The package's `__getattr__`, `__dir__` and `__all__`.
    """
    public = sorted(names)

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{names[name]}")
        found = getattr(module, name)
        setattr(sys.modules[package], name, found)  # It is not asked for again.
        return found

    return get, lambda: sorted({*vars(sys.modules[package]), *public}), public
