"""Free space of a folder that a server on this machine keeps its data in."""

from __future__ import annotations

import shutil

from lockgate.model.target import Target


def free_bytes_of(folder: str, target: Target) -> int | None:
    """Return the free bytes there; None for a server elsewhere, or a folder that cannot be seen from here."""
    if not folder or not (target.host.startswith(("127.", "/")) or target.host in ("", "localhost", "::1")):
        return None
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
