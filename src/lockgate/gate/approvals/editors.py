"""Who wrote a file, as far as can be told: its author and last editor by git, its owner while it is not committed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from lockgate.outside.git import ask_git
from lockgate.outside.shell import build_environment


def editors_of(files: Sequence[Path], author: str = "") -> Mapping[str, tuple[str, ...]]:
    """Return the identities (names and addresses) of ``author`` and ``last_editor`` of some files.

    ``author`` is what a file itself says. A file with changes that are not committed was last edited by its owner.
    """
    authors, last = ([author] if author else []), []
    for path in files:
        first, newest = _first_and_last(path)
        owner = [] if newest and not _is_changed(path) else _owner(path)
        authors += first or ([] if author else owner)
        last += newest + owner
    return {"author": tuple(dict.fromkeys(authors)), "last_editor": tuple(dict.fromkeys(last))}


def uncommitted_owner(path: Path) -> str:
    """Return the owner of a file that is not committed as it is; empty when it is."""
    if _first_and_last(path)[1] and not _is_changed(path):
        return ""
    return next(iter(_owner(path)), "")


def _first_and_last(path: Path) -> tuple[list[str], list[str]]:
    """Return name and address of the first and of the last commit of a file; empty when git knows none."""
    text = _git(path, "log", "--follow", "--format=%an%x00%ae", "--", path.name)
    lines = [line.split("\0") for line in text.splitlines() if line]
    return (lines[-1], lines[0]) if lines else ([], [])


def _is_changed(path: Path) -> bool:
    return bool(_git(path, "status", "--porcelain=v1", "--", path.name).strip())


def _git(path: Path, *arguments: str) -> str:
    done = ask_git(path.parent, *arguments, environment=build_environment(os.environ), timeout_s=30.0)
    return done.text if done.is_ok else ""


def _owner(path: Path) -> list[str]:
    try:
        return [path.owner()]
    except (OSError, KeyError, NotImplementedError):
        return []


def digest_of_files(folder: Path, files: Sequence[str]) -> str:
    """Return what a review of files binds to: their paths and contents.

    Raises:
        OSError: One cannot be read.
    """
    whole = hashlib.sha256()
    for name in sorted(set(files)):
        inner = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        whole.update(f"{inner}  {Path(name).as_posix()}\n".encode())
    return whole.hexdigest()
