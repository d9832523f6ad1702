"""The advisory lock of a database file: a side-car file, locked by the operating system and so freed by any death.

SQLite has no advisory locks. ``<database>.lockgate-lease`` is locked with ``flock`` (POSIX) or ``msvcrt.locking``
(Windows, its first byte). The file itself stays: removing it would let two runners lock two different files.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lockgate.errors import ConnectError


@dataclass
class Lease:
    """A lock that is held; ``free`` gives it up."""

    descriptor: int

    def free(self) -> None:
        """Give the lock up; the end of the process does the same."""
        os.close(self.descriptor)


def lease_path(database: str, name: str) -> Path:
    """Return the side-car file of a database: one a lease name, the usual name unadorned."""
    suffix = "" if name in ("", "lockgate") else "-" + sha256(name.encode()).hexdigest()[:8]
    return Path(os.path.realpath(database) + ".lockgate-lease" + suffix)


def take(database: str, name: str) -> Lease | None:
    """Lock the side-car file without waiting; None when another holds it.

    Raises:
        ConnectError: The directory is read-only for this user.
    """
    path = lease_path(database, name)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ConnectError(
            "the lease file beside the database cannot be written",
            where=str(path),
            cause=error.strerror or str(error),
            state="nothing was touched",
        ) from None
    if _lock(descriptor):
        return Lease(descriptor)
    os.close(descriptor)
    return None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
