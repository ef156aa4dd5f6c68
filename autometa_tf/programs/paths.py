"""Paths in flags, as the user means them, and folders that every process expects."""

import atexit
import os
import shutil
import tempfile

# The home folder of this process where its user has none.
_made_home = ""


def user_path(path: str) -> str:
    """An absolute path; "" stays "".

    `bazel run` starts programs in its own folder and names the user's in a variable.

    Raises:
      ValueError: `~` names no folder, or there is no current folder.
    """
    if not path:
        return ""
    home_or_path = os.path.expanduser(path)
    if path.startswith("~") and (
        not os.path.isabs(home_or_path)
        or (_made_home and home_or_path.startswith(_made_home))
    ):
        raise ValueError(
            "A path may begin with `~` only where that names a home folder; give the "
            f"whole path, or set HOME. Received: {path!r}."
        )
    if os.path.isabs(home_or_path):
        return os.path.abspath(home_or_path)
    try:
        folder = os.environ.get("BUILD_WORKING_DIRECTORY") or os.getcwd()
    except FileNotFoundError:
        raise ValueError(
            "A path must be absolute where the current folder has been removed; give "
            f"the whole path, or change to another folder. Received: {path!r}."
        ) from None
    return os.path.abspath(os.path.join(folder, home_or_path))


def settle_folders() -> None:
    """Sees that the packages we use find a home and a folder for temporary files.

    A container's user often has none that exists, and some packages then make a folder
    that is called `~`, and others an error. Such a home lasts as long as this process.
    """
    global _made_home
    temporary = os.environ.get("TMPDIR")
    if temporary and not _can_be_written(temporary):
        del os.environ["TMPDIR"]  # Not all packages look elsewhere, as Python does.
    home = os.path.expanduser("~")
    if not os.path.isabs(home) or not os.path.isdir(home):
        _made_home = os.environ["HOME"] = _temporary_folder()
    elif not _can_be_written(home):
        # There may be data to read in it; Matplotlib is alone in wanting to write.
        os.environ.setdefault("MPLCONFIGDIR", _temporary_folder())


def _can_be_written(folder: str) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _temporary_folder() -> str:
    folder = tempfile.mkdtemp(prefix="autometa-home-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
