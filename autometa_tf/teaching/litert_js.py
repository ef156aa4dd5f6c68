"""LiteRT for browsers, of Google's, under the licence Apache 2.0: its files for a page."""

import os

from autometa_tf.teaching.npm_package import NpmPackage, read_files

CORE = NpmPackage(
    name="@litertjs/core",
    version="2.5.3",
    integrity="sha512-PlGmbMOq9WitX7FO0jhbdJw9GthatsyuCQXjTt/wJZo0FLaw48q4tz8IwqgqCIk"
    "viYGr9OFDL1kCnN4nzWoyJQ==",
)
WASM_UTILS = NpmPackage(
    name="@litertjs/wasm-utils",
    version="2.5.3",
    integrity="sha512-4fJiw6tBQnIs+0jH/OQ16nYOiSl8/+zZnn5h2ul8aTKHi05sVqZW580Tmk78pC2"
    "kT39A9OYBVdFawteZ/sI1kQ==",
)
# A browser loads the first two or, where it is older, the others.
_WASM = (
    "litert_wasm_internal.js",
    "litert_wasm_internal.wasm",
    "litert_wasm_compat_internal.js",
    "litert_wasm_compat_internal.wasm",
)
_INDEX = "dist/index.js"


def litert_js_files(cache: str | os.PathLike[str] = "") -> dict[str, bytes]:
    """LiteRT's files by their names in a folder of their own; a page imports `core.js`.

    Args:
      cache: See `read_files`.

    Raises:
      ConnectionError: They cannot be had.
    """
    core = read_files(CORE, [_INDEX, *(f"wasm/{name}" for name in _WASM)], cache)
    utils = read_files(WASM_UTILS, [_INDEX], cache)
    files = {name: core[f"wasm/{name}"] for name in _WASM}
    # A browser finds a module by its path; npm's tools find it by its name.
    by_name, by_path = (
        f'from "{where}"'.encode() for where in (WASM_UTILS.name, "./wasm-utils.js")
    )
    if by_name not in core[_INDEX]:
        raise ValueError(
            f"{CORE.name} must import {WASM_UTILS.name}. Received: {CORE.version}, "
            "which does not."
        )
    files["core.js"] = core[_INDEX].replace(by_name, by_path)
    files["wasm-utils.js"] = utils[_INDEX]
    return files
