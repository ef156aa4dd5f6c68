"""One program at a time in a run directory, however many are started by mistake."""

import contextlib
import fcntl
import os
from collections.abc import Iterator


@contextlib.contextmanager
def sole_use(directory: str, *, shared: bool = False) -> Iterator[None]:
    """Keeps other programs out of a run directory while the body runs.

    The folder itself is locked, so that nothing is left in it, and the system unlocks
    it when this process ends, however it ends.

    Args:
      directory: The run directory.
      shared: Whether programs that say so too may share it. Searches do, which have a
        lease to tell who is the driver.

    Raises:
      ValueError: Another program is at work there.
    """
    folder = os.open(directory, os.O_RDONLY)
    try:
        try:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(folder, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(
                "`run_dir` must be in use by one program at a time. Another is at work "
                f"in {directory!r}: wait for it, end it, or give another --run_dir."
            ) from None
        except OSError:
            pass  # Some network file systems do not lock folders.
        yield
    finally:
        os.close(folder)
