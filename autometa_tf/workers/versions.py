"""The software that a process runs, to tell whether two would compute the same."""

import functools
import hashlib
import importlib.metadata
import pathlib
import sys

import autometa_tf
from autometa_tf.kernels.library import kernel_path

# What an evaluation's result depends on.
_PACKAGES = ("keras", "numpy", "ray", "tensorflow")
_KERNELS = "kernels"
_ROOMS = ("genomes", "kernels", "networks", "episodes", "learners")
_ROOMS += ("candidates", "workers")


class VersionMismatchError(RuntimeError):
    """A worker runs other software than the process that it works for."""


@functools.cache
def software_versions() -> dict[str, str]:
    """Versions of Python and of packages, and digests of the files that evaluate.

    Nothing is imported for it: TensorFlow alone would take seconds.
    """
    versions = {"python": "{}.{}".format(*sys.version_info)}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "none"
    root = pathlib.Path(autometa_tf.__file__).parent
    for room in _ROOMS:
        for path in sorted((root / room).glob("*.py")):
            if not path.name.endswith("_test.py"):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                versions[str(path.relative_to(root.parent))] = digest[:12]
    return versions


def with_kernels(versions: dict[str, str], path: str) -> dict[str, str]:
    """Versions to check, and the kernels that all workers of a search must have."""
    return versions | {_KERNELS: path}


def check_versions(expected: dict[str, str]) -> None:
    """Checks this worker against the `software_versions` of its search.

    Files that only one of the two has do not count: Bazel gives a program just those
    that it needs.

    Raises:
      VersionMismatchError: A version, a file's digest or the kernels differ; the
        message names each.
    """
    own = software_versions()
    if _KERNELS in expected:  # Only then, since a look at them may load them.
        own = with_kernels(own, kernel_path())
    differing = [
        f"{name} ({expected[name]} in the search, {own[name]} in the worker)"
        for name in sorted(own.keys() & expected.keys())
        if own[name] != expected[name]
    ]
    if differing:
        raise VersionMismatchError(
            "A worker must run the same software as the search that it works for. "
            f"Differing: {', '.join(differing)}."
        )
