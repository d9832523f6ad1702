"""What the commands for backups share: the repository, the keys, how backups are shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lockgate.backup.repository import Backup, Repository, repository_name
from lockgate.cli.approval import current_actor
from lockgate.cli.face import Face
from lockgate.config import TargetSettings
from lockgate.errors import KeyMissing
from lockgate.model.backup import Verification

if TYPE_CHECKING:
    from lockgate.backup.prune import Pruned

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
identity_option = click.option("--identity", metavar="FILE", help="The file with the age key; needed when encrypted.")


def open_repository(face: Face) -> Repository:
    """Return the target's repository: ``[backup] folder``, else ``backups`` in the state folder."""
    return repository_of(face.target, face.settings.state_dir)


def repository_of(target: TargetSettings, state_dir: Path) -> Repository:
    """Return a target's repository."""
    folder = Path(target.backup.folder) if target.backup.folder else state_dir / "backups"
    return Repository(folder / repository_name(target.name), operator=current_actor())


def read_identities(face: Face, option: str | None) -> Sequence[Any]:
    """Read the age keys of ``--identity`` or ``[backup] identity``; none when neither is given.

    Raises:
        KeyMissing: The file cannot be read or holds no key.
    """
    name = option or face.target.backup.identity
    if not name:
        return ()
    from lockgate.backup.age import load_identities

    path = Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyMissing(
            "the key file cannot be read",
            where=str(path),
            cause=str(getattr(error, "strerror", "") or "it is no text"),
            state="nothing was touched",
            hint="correct --identity or [backup] identity",
        ) from None
    return load_identities(text, str(path))


def size_text(count: int) -> str:
    """Write a number of bytes for people."""
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{count} B" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def proven_text(found: Sequence[Verification]) -> str:
    """Say what was proven of a backup, in a few words."""
    if not found:
        return "never verified"
    newest = found[-1]
    if newest.problem or newest.level is None:
        return f"FAILED on {newest.at[:16]}"
    best = max(found, key=lambda item: item.level.rank if item.level else 0)
    level = best.level.value if best.level else "nothing"
    return f"verified {best.at[:16]}" if best.is_verified else f"{level} {best.at[:16]}"


def line_of(backup: Backup, found: Sequence[Verification]) -> str:
    """Return the line of a list for one backup."""
    manifest = backup.manifest
    return (
        f"{manifest.id}  {manifest.snapshot_at[:16]}  {size_text(manifest.bytes):>10}  {proven_text(found):<28}"
        f"  {manifest.reason}"
    )


def pruned_text(pruned: Pruned) -> str:
    """Say in a line what was pruned after a backup."""
    if pruned.objection:
        return f"pruned: nothing: {pruned.objection}"
    moved = f"{len(pruned.trashed)} moved to .trash ({size_text(pruned.freed_bytes)})" if pruned.trashed else "nothing"
    gone = f", {len(pruned.deleted)} deleted for good" if pruned.deleted else ""
    return f"pruned: {moved}{gone}; {len(pruned.kept)} kept"


def byte_teller(say: Callable[[str], None], every_s: float = 5.0) -> Callable[[int], None]:
    """Return a function that is told of bytes and says, now and then, how many and how fast."""
    began = last = time.monotonic()
    total = 0

    def tell(count: int) -> None:
        nonlocal last, total
        total += count
        now = time.monotonic()
        if now - last >= every_s:
            last = now
            say(f"{size_text(total)} so far, {size_text(int(total / (now - began)))} a second")

    return tell
