"""What kind of file system a path lies on."""

import os
import re

# A file system that is not among these may be a network's.
_LOCAL_FILE_SYSTEMS = frozenset(
    ("btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "overlay", "ramfs", "reiserfs")
    + ("tmpfs", "xfs", "zfs")
)


def is_local(path: str | os.PathLike, mounts: str = "/proc/mounts") -> bool:
    """Whether the path certainly lies on a disk, or in the memory, of this machine.

    Args:
      path: A file or folder, which need not exist.
      mounts: The kernel's table of what is mounted. Where there is none, no path
        counts as local.
    """
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.split() for line in file]
    except OSError:
        return False
    path = os.path.realpath(path)
    longest, found = -1, ""
    for _, mount_point, file_system, *_ in lines:
        # Spaces and the like are written as octal numbers.
        mount_point = re.sub(
            r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), mount_point
        ).rstrip("/")
        # The last of several at the same place counts, since it lies over the others.
        if f"{path}/".startswith(f"{mount_point}/") and len(mount_point) >= longest:
            longest, found = len(mount_point), file_system
    return found in _LOCAL_FILE_SYSTEMS
