"""Opening tar archives from outside, to be read as bytes and never extracted."""

import pathlib
import tarfile
from typing import BinaryIO

from autometa_tf.episodes.dataset import DatasetError

_BLOCK_BYTES = 512
_MAX_HEADER_BYTES = 16 << 10
_EXTENDED_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def open_safe_tar(file: BinaryIO, name: str, max_file_bytes: int) -> tarfile.TarFile:
    """Opens an uncompressed tar archive and checks all that it announces.

    Args:
      file: The archive, which the caller closes; it can seek.
      name: Its name, for messages.
      max_file_bytes: How large a file in it may be.

    Returns:
      The archive, whose members are whole, and plain files and folders only.

    Raises:
      DatasetError: The archive is damaged or cut off, or has a member that is neither
        file nor folder, leads out of the archive or is too large.
    """
    try:
        tar = tarfile.TarFile(fileobj=file, tarinfo=_TarInfo)
        members = tar.getmembers()
        # tarfile takes a damaged header for the end of the archive, which is empty.
        file.seek(tar.offset)
        if file.read(_BLOCK_BYTES) != bytes(_BLOCK_BYTES):
            raise tarfile.ReadError(f"damaged or cut off at byte {tar.offset}")
    except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
        raise DatasetError(
            f"{name} is not a whole tar archive: {error!s:.200}."
        ) from error
    for member in members:
        fault = _fault(member, max_file_bytes)
        if fault:
            raise DatasetError(
                f"{name} is refused, because its member {member.name!r:.200} {fault}."
            )
    return tar


def _fault(member: tarfile.TarInfo, max_file_bytes: int) -> str:
    """Why a member is not acceptable, or ""."""
    path = pathlib.PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        return "leads out of the archive"
    if not (member.isreg() or member.isdir()) or member.issparse():
        return "is neither a plain file nor a folder"
    if member.size > max_file_bytes:
        return f"has {member.size:,} bytes, more than {max_file_bytes:,}"
    return ""


class _TarInfo(tarfile.TarInfo):
    """Refuses what the tarfile of older Pythons takes for ever to read."""

    @classmethod
    def frombuf(cls, buf: bytes, encoding: str, errors: str) -> tarfile.TarInfo:
        info = super().frombuf(buf, encoding, errors)
        # It searches extended headers in quadratic time; real ones are short.
        if info.type in _EXTENDED_HEADERS and info.size > _MAX_HEADER_BYTES:
            raise tarfile.ReadError("extended header too long")
        return info

    def _block(self, count: int) -> int:
        # Negative sizes send it back to where it was.
        if count < 0:
            raise tarfile.ReadError("negative size")
        return super()._block(count)
