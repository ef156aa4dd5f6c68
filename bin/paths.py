"""Paths in flags, as the user means them."""

import os


def user_path(path: str) -> str:
    """An absolute path; "" stays "".

    `bazel run` starts programs in its own folder and names the user's in a variable.
    """
    if not path:
        return ""
    folder = os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd())
    return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))
