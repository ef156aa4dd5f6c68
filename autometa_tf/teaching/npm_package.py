"""Files of a package of npm's registry, of one version and with one hash.

Nothing is installed and nothing of it is executed here.
"""

import base64
import contextlib
import dataclasses
import functools
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Collection

_DEFAULT_REGISTRY = "https://registry.npmjs.org/"
_MOST_BYTES = 2**26
_SECONDS = 60


@dataclasses.dataclass(frozen=True, kw_only=True)
class NpmPackage:
    """A package of one version.

    Attributes:
      name: As npm has it, `@scope/name`.
      version: The version.
      integrity: "sha512-" and the hash of its archive in base64, as in a lock file of npm.
    """

    name: str
    version: str
    integrity: str

    @property
    def archive_name(self) -> str:
        """What the registry calls its archive."""
        return f"{self.name.rpartition('/')[2]}-{self.version}.tgz"

    def fits(self, content: bytes) -> bool:
        """Whether this is its archive, byte for byte."""
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        return f"sha512-{digest}" == self.integrity


def read_files(
    package: NpmPackage, names: Collection[str], cache: str | os.PathLike[str] = ""
) -> dict[str, bytes]:
    """Reads files of a package, which is downloaded where it is not kept yet.

    Args:
      package: The package.
      names: Of its files, such as `dist/index.js`.
      cache: The folder that keeps archives; "" is `default_cache()`.

    Raises:
      ConnectionError: It cannot be had; the message says why and what to do.
      ValueError: What the registry has is another archive, or has not these files.
    """
    content = _archive(package, pathlib.Path(cache or default_cache()))
    found = {}
    # Members are looked up by their names and never unpacked into a folder.
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for name in names:
            try:
                file = archive.extractfile(f"package/{name}")
            except KeyError:
                file = None
            if file is None:
                raise ValueError(
                    f"{package.name} {package.version} must have {name}. "
                    "Received: no such file."
                )
            found[name] = file.read()
    return found


def default_cache() -> pathlib.Path:
    """Where archives are kept: in the user's folder of what can be had again."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(root, "autometa_tf", "npm")


def _archive(package: NpmPackage, cache: pathlib.Path) -> bytes:
    kept = cache / package.archive_name
    if kept.is_file():
        content = kept.read_bytes()
        if package.fits(content):
            return content
    content = _download(package)
    if not package.fits(content):
        raise ValueError(
            f"{package.archive_name} must have the hash {package.integrity}. "
            f"Received: {len(content):,} bytes with another."
        )
    with contextlib.suppress(OSError):  # The next time it is downloaded again.
        _keep(content, kept)
    return content


def _keep(content: bytes, path: pathlib.Path) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _download(package: NpmPackage) -> bytes:
    url = f"{registry()}{package.name}/-/{package.archive_name}"
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response:
            content = response.read(_MOST_BYTES + 1)
    except (OSError, urllib.error.URLError) as error:
        raise ConnectionError(
            f"{package.name} {package.version} could not be had from {url} ({error}). "
            "Where there is no network, copy the file into "
            f"{default_cache()} ({package.archive_name}), or let `npm config set "
            "registry` name a registry that can be reached"
        ) from error
    return content[:_MOST_BYTES]


@functools.cache
def registry() -> str:
    """The registry that npm is configured for here, else npm's own; ends in "/".

    Raises:
      ValueError: It is not one of https.
    """
    found = os.environ.get("npm_config_registry", "")
    if not found and (npm := shutil.which("npm")):
        done = subprocess.run(
            [npm, "config", "get", "registry"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        found = done.stdout.strip() if done.returncode == 0 else ""
    if found in ("", "undefined"):
        found = _DEFAULT_REGISTRY
    if not found.startswith("https://"):
        raise ValueError(f"npm's registry must be one of https. Received: {found!r}.")
    return found.rstrip("/") + "/"
