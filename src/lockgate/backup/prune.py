"""Take away what no rule keeps, in two phases: moved to ``.trash`` with a line in the journal, deleted a day on."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from lockgate.backup.chain import find_gaps
from lockgate.backup.repository import Backup, Repository, is_id, newest_change, time_of
from lockgate.backup.retention import Candidate, Kept, decide_kept, find_objection
from lockgate.backup.settings import KeepSettings
from lockgate.errors import BackupFailed, InputError, RefusedError
from lockgate.model.backup import Note, Verification
from lockgate.model.schema import Value

TRASH_AGE = timedelta(hours=24)


class Pruned(Value, frozen=True, omit_defaults=False):
    """What was (or, in a dry run, would be) kept, moved to ``.trash``, and deleted from there.

    ``kept`` and ``trashed`` are the newest first. ``waiting`` are in ``.trash`` for less than a day, ``untouched`` are
    folders that are no backups of ours. ``objection`` says why nothing was moved, empty when nothing spoke against it.
    """

    kept: tuple[Kept, ...] = ()
    trashed: tuple[str, ...] = ()
    freed_bytes: int = 0
    deleted: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    objection: str = ""


def list_candidates(repository: Repository) -> tuple[Candidate, ...]:
    """Return the published backups as retention sees them, the newest first.

    One is good when its newest verification passed (or there was none), all its parents are there and good, and, for a
    log, it begins where the one before ends.
    """
    backups = [backup for backup in repository.backups() if is_id(backup.id)]
    proven = repository.verifications()
    known = {note.backup for note in repository.notes() if note.type in ("published", "fetched")}
    bad = {backup.id for backup in backups if _is_refuted(proven.get(backup.id, ()))}
    bad |= set(find_gaps(repository))
    there = {backup.id for backup in backups}
    return tuple(
        Candidate(
            id=backup.id,
            sequence=backup.manifest.sequence,
            kind=backup.manifest.kind,
            at=time_of(backup.id),
            parents=backup.manifest.parents,
            is_good=backup.id not in bad and all(p in there - bad for p in backup.manifest.parents),
            is_verified=any(found.is_verified for found in proven.get(backup.id, ())),
            is_known=backup.id in known,
        )
        for backup in backups
    )


def prune(
    repository: Repository,
    keep: KeepSettings,
    needed: Mapping[str, str],
    now: datetime,
    *,
    is_dry_run: bool = False,
    is_most_allowed: bool = False,
) -> Pruned:
    """Move what no rule keeps to ``.trash`` and delete what is there for a day. The repository must be locked.

    ``needed`` says by id what still needs a backup. Nothing goes while something speaks against it: see ``objection``.

    Raises:
        BackupFailed: A folder cannot be moved or deleted; those before it were.
    """
    candidates = list_candidates(repository)
    decided = decide_kept(candidates, keep, pinned=repository.pinned(), needed=needed)
    objection = (
        find_unsuccess(repository.notes(), candidates)
        or find_other_writer(repository, now)
        or find_objection(candidates, decided, now, is_most_allowed=is_most_allowed)
    )
    going = [] if objection else [item.id for item in decided if not item.rules]
    expired, waiting = _sort_trash(repository, needed, now)
    backups = {backup.id: backup for backup in repository.backups()}
    if not is_dry_run:
        for backup_id in going:
            _move(repository, backups[backup_id])
        for backup_id in expired if not objection else []:
            _delete(repository, backup_id)
    return Pruned(
        kept=tuple(item for item in decided if item.rules or objection),
        trashed=tuple(going),
        freed_bytes=sum(backups[backup_id].manifest.bytes for backup_id in going),
        deleted=() if objection else expired,
        waiting=waiting + (expired if objection else ()),
        untouched=_untouched(repository, candidates),
        objection=objection,
    )


def find_unsuccess(notes: tuple[Note, ...], candidates: tuple[Candidate, ...]) -> str:
    """Say why the last run was no success; empty when it was. Backups go only after a new one has come."""
    last = last_outcome(notes)
    if last is None:
        return "the journal tells of no backup that was published here" if candidates else ""
    if last.type == "started":
        return f"the last backup, {last.backup}, did not come to its end"
    if last.type == "failed":
        return f"the last backup failed ({last.at}): {last.message}"
    newest = next((item for item in candidates if item.id == last.backup), None)
    if newest is None or not newest.is_good:
        return f"the last backup, {last.backup}, did not pass its verification or is gone"
    return ""


def last_outcome(notes: tuple[Note, ...]) -> Note | None:
    """Return how the last run ended: published, failed, or started and nothing after that; None when there was none.

    What was fetched from a store is published too, and no run.
    """
    fetched = {note.backup for note in notes if note.type == "published" and note.message.startswith("fetched from ")}
    kinds = ("started", "published", "failed")
    return next((n for n in reversed(notes) if n.type in kinds and n.backup not in fetched), None)


def find_other_writer(repository: Repository, now: datetime) -> str:
    """Say which backup another machine seems to be writing here right now; empty when none is."""
    for folder in repository.foreign_stages():
        changed = datetime.fromtimestamp(newest_change(folder), tz=now.tzinfo)
        if now - changed < timedelta(hours=1):
            return f"another machine writes {folder.name.partition('.')[0]} here, last at {changed:%H:%M:%S} UTC"
    return ""


def pin(repository: Repository, name: str, reason: str = "") -> str:
    """Keep a backup whatever the rules say; one in ``.trash`` comes back. Return its id. The repository must be locked.

    Raises:
        InputError: There is none.
    """
    trashed = repository.trash / name
    if Path(name).name == name and trashed.is_dir():
        repository.note("pinned", name, reason or "brought back from .trash")
        repository.bring_back(name)
        return name
    backup = _find_here(repository, name)
    if backup.id not in repository.pinned():
        repository.note("pinned", backup.id, reason)
    return backup.id


def unpin(repository: Repository, name: str) -> str:
    """Let the rules decide on a backup again. Return its id. The repository must be locked.

    Raises:
        InputError: There is none.
    """
    backup = _find_here(repository, name)
    if backup.id in repository.pinned():
        repository.note("unpinned", backup.id)
    return backup.id


def refuse_objection(pruned: Pruned) -> None:
    """Raise what speaks against pruning.

    Raises:
        RefusedError: Something does.
    """
    if not pruned.objection:
        return
    hint = "take a backup first: lockgate backup create"
    if "more than half" in pruned.objection:
        hint = "look at lockgate backup prune --dry-run; if that is meant, add --more-than-half"
    elif "clock" in pruned.objection:
        hint = "set the clock, then repeat the command"
    elif "another machine" in pruned.objection:
        hint = "wait for its end, then repeat the command"
    raise RefusedError("no backup was pruned", cause=pruned.objection, state="every backup is still there", hint=hint)


def _untouched(repository: Repository, candidates: tuple[Candidate, ...]) -> tuple[str, ...]:
    known = {item.id for item in candidates}
    odd = [backup.folder.name for backup in repository.backups() if backup.id not in known]
    return tuple(sorted([*odd, *(broken.folder.name for broken in repository.broken())]))


def _find_here(repository: Repository, name: str) -> Backup:
    backup = repository.find(name)
    if backup.folder.parent.resolve() != repository.published.resolve():
        raise InputError(
            f"{name} is not among the backups of this target",
            where=str(repository.root),
            cause=f"it stands in {backup.folder.parent}",
            state="nothing was touched",
            hint="lockgate backup list",
        )
    return backup


def _is_refuted(verifications: tuple[Verification, ...]) -> bool:
    """Tell whether the newest verification of the copy here, of those that told something, did not pass."""
    here = (found for found in reversed(verifications) if found.place == "local" and found.is_conclusive)
    newest = next(here, None)
    return newest is not None and not newest.is_passed


def _move(repository: Repository, backup: Backup) -> None:
    try:
        repository.move_away(backup, ".trash", "no rule keeps it")
    except OSError as error:
        raise _failed(backup.folder, error) from None


def _delete(repository: Repository, backup_id: str) -> None:
    folder = repository.trash / backup_id
    repository.note("pruned", backup_id)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise _failed(folder, error) from None


def _failed(folder: Path, error: OSError) -> BackupFailed:
    return BackupFailed(
        "a backup that no rule keeps cannot be removed",
        where=str(folder),
        cause=error.strerror or str(error),
        state="the backups that are kept are untouched",
        hint="correct the folder's rights, then: lockgate backup prune",
    )


def _sort_trash(
    repository: Repository, needed: Mapping[str, str], now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which in ``.trash`` may be deleted, and which wait: trashed less than a day ago, or needed after all."""
    since = {note.backup: datetime.fromisoformat(note.at) for note in repository.notes() if note.type == "trashed"}
    used = (
        set(needed)
        | repository.pinned()
        | {parent for backup in repository.backups() for parent in backup.manifest.parents}
    )
    expired: list[str] = []
    waiting: list[str] = []
    for name in repository.trashed():
        is_old = name in since and now - since[name] >= TRASH_AGE
        (expired if is_old and name not in used else waiting).append(name)
    return tuple(expired), tuple(waiting)
