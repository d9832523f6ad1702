"""The check ``backup``: the newest backup of this very database is young, proven, not shrunk, and all is healthy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lockgate.backup.repository import SAFETY, Backup
from lockgate.backup.status_facts import State
from lockgate.errors import LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.backup import BackupKind, Manifest, Verification
from lockgate.model.checks import BackupCheck
from lockgate.model.duration import parse_duration
from lockgate.model.outcome import FailureClass
from lockgate.model.target import Target
from lockgate.runbook.checks.answers import judge, unknown
from lockgate.runbook.target import TargetTools
from lockgate.workflow.backup_status import Surroundings, read_backup_status

_CLASS = FailureClass.PROCESS
_WHOLE = (BackupKind.FULL, BackupKind.LOG)


def evaluate(tools: TargetTools, check: BackupCheck, context: CheckContext) -> Answer:
    """Look into the repository; without any backup the answer is fail, not unknown."""
    expected = words_of(check)
    if check.since and check.since not in context.started:
        return unknown(expected, f"the beginning of {check.since!r} is not known", _CLASS)
    try:
        repository = tools.open_repository()
        backups = [b for b in repository.backups() if b.manifest.reason != SAFETY and b.manifest.kind in _WHOLE]
        own = [b for b in backups if is_of(b.manifest, tools.target)]
        proven = repository.verifications()
        problems = find_problems(check, own, proven, context) + _status_problems(tools, check)
    except LockgateError as error:
        return unknown(expected, str(error), _CLASS)
    if not own:
        others = {b.manifest.database for b in backups}
        found = f"none of this database; there are of {', '.join(sorted(others))}" if others else "there is none"
        return judge(False, expected, found, _CLASS)
    words = describe(own[0], proven.get(own[0].id, ()), context.now())
    found = f"{words}: {'; '.join(problems)}" if problems else words
    return judge(not problems, expected, found, _CLASS, tuple(problems))


def words_of(check: BackupCheck) -> str:
    """Return what is asked for."""
    parts = ["a backup"]
    parts += [f"no older than {check.max_age}"] if check.max_age else []
    parts += [f"taken since the start of the {check.since}"] if check.since else []
    parts += ["verified by a test restore"] if check.verified else []
    parts += ["healthy"] if check.healthy else []
    return ", ".join(parts)


def is_of(manifest: Manifest, target: Target) -> bool:
    """Tell whether a backup was taken of this database; the repository's name alone says only whose folder it is."""
    own = target.database or target.path.replace("\\", "/").rsplit("/", 1)[-1]
    return manifest.engine == target.engine and manifest.database == own


def find_problems(
    check: BackupCheck, own: Sequence[Backup], proven: dict[str, tuple[Verification, ...]], context: CheckContext
) -> list[str]:
    """Return what is wrong with the newest backup, in sentences; a shrunk one is compared with the one before it."""
    if not own:
        return ["there is none"]
    newest, problems = own[0], []
    taken = datetime.fromisoformat(newest.manifest.snapshot_at)
    age = (context.now() - taken).total_seconds()
    if check.max_age and age > parse_duration(check.max_age, "max_age"):
        problems.append(f"it is {age:.0f} s old")
    if check.since and taken < context.started[check.since].astimezone(UTC).replace(microsecond=0):
        problems.append(f"it was taken before the {check.since} began")
    if check.verified:
        found = proven.get(newest.id, ())
        if not found:
            problems.append("not verified: it was never restored")
        elif not found[-1].is_verified:
            problems.append(f"not verified: {found[-1].problem or f'only {found[-1].asked.value} was asked for'}")
    same = [b for b in own[1:] if b.manifest.kind is newest.manifest.kind]
    if same and newest.manifest.bytes_plain * 2 < same[0].manifest.bytes_plain:
        problems.append(f"it holds {newest.manifest.bytes_plain} bytes, the one before {same[0].manifest.bytes_plain}")
    return problems


def _status_problems(tools: TargetTools, check: BackupCheck) -> list[str]:
    if not check.healthy and not check.store:
        return []
    around = tools.backup_around() if tools.backup_around else Surroundings(read_identities=tools.read_identities)
    status = read_backup_status(tools.open_repository(), tools.backup, tools.name, around)
    wanted = [c for c in status.checks if c.matters and (check.healthy or "store" in c.id)]
    found = [f"{c.id}: {c.message}" for c in wanted if c.state is not State.OK]
    if check.store and not any("store" in c.id and c.state is State.OK for c in status.checks):
        found.append("no store holds it")
    return found


def describe(backup: Backup, proven: Sequence[Verification], now: datetime) -> str:
    """Return a backup's id, age, size and what was proven of it."""
    manifest = backup.manifest
    age = (now - datetime.fromisoformat(manifest.snapshot_at)).total_seconds()
    words = "verified" if proven and proven[-1].is_verified else "not verified"
    return f"{backup.id} ({manifest.kind.value}), {age:.0f} s old, {manifest.bytes} bytes, {words}"
