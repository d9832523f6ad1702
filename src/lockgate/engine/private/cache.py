"""A small cache on disk, safe for many writers: each entry is a file that is put in place by one rename."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from functools import cache
from pathlib import Path


def cache_dir() -> Path:
    """Return the folder for what can be made again (``$XDG_CACHE_HOME/lockgate``, else ``~/.cache/lockgate``).

    Where that cannot be written it is a folder in the temporary one that belongs to us alone: programs and data
    directories are taken from here, so nobody else may put any there.
    """
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(base) or not os.access(_nearest_folder(base), os.W_OK):
        base = _temporary_folder()
    return Path(base) / "lockgate"


@cache
def _temporary_folder() -> str:
    path = os.path.join(tempfile.gettempdir(), f"lockgate-cache-{os.getuid()}")
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            return tempfile.mkdtemp(prefix="lockgate-cache-")
    return path


def _nearest_folder(path: str) -> str:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def entry_path(kind: str, key: str) -> Path:
    """Return where the entry of a key lives; the folder above it is made, readable by its owner only."""
    folder = cache_dir() / kind
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / hashlib.sha256(key.encode()).hexdigest()[:24]


def read_cached(kind: str, key: str) -> str | None:
    """Return a remembered text, or None."""
    try:
        return entry_path(kind, key).read_text()
    except (OSError, UnicodeDecodeError):
        return None


def write_cached(kind: str, key: str, text: str) -> None:
    """Remember a text; a cache that cannot be written costs time and nothing else."""
    try:
        path = entry_path(kind, key)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(text)
        os.replace(file.name, path)
    except OSError:
        return
