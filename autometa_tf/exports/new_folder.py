"""Folders that are written into only where nothing can be lost."""

import os


def check_new_folder(folder: str | os.PathLike[str], name: str = "folder") -> None:
    """Checks that a folder is empty or not there yet.

    Args:
      folder: The folder.
      name: What the error calls it.

    Raises:
      ValueError: It is not empty, or there is a file of that name.
    """
    folder = os.fspath(folder)
    if os.path.exists(folder) and not (
        os.path.isdir(folder) and not os.listdir(folder)
    ):
        raise ValueError(
            f"`{name}` must be a folder that is empty or not there yet. "
            f"Received: {folder!r}."
        )
