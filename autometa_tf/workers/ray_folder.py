"""A folder that suits Ray, whose sockets need short paths, wherever `TMPDIR` points."""

import os
import socket
import tempfile

# What Ray adds to the folder's path for its longest socket:
# /session_2026-01-31_12-59-59_123456_4194304/sockets/plasma_store
_LONGEST_ADDITION = 64


def make_ray_folder() -> str:
    """Makes a folder in `$RAY_TMPDIR`, `$TMPDIR` or where short paths are usual.

    Raises:
      ValueError: A socket can be made in none of them.
    """
    named = [os.environ.get("RAY_TMPDIR"), os.environ.get("TMPDIR")]
    usual = ["/tmp", "/var/tmp", os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm"]
    tried = list(dict.fromkeys(os.path.abspath(p) for p in [*named, *usual] if p))
    reasons = []
    for parent in tried:
        try:
            return _make_folder_for_sockets(parent)
        except OSError as error:
            reasons.append(f"{parent} ({error.strerror or error})")
    raise ValueError(
        "`RAY_TMPDIR` must name a folder that can be written and hold sockets, with a "
        f"path of at most 30 bytes. Received none of: {', '.join(reasons)}."
    )


def _make_folder_for_sockets(parent: str) -> str:
    folder = tempfile.mkdtemp(prefix="ray-", dir=parent)
    path = os.path.join(folder, "x" * (_LONGEST_ADDITION - 1))
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
        os.unlink(path)
    except OSError:
        os.rmdir(folder)
        raise
    return folder
