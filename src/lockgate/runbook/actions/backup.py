"""The task ``backup``: take one, prove it as far as asked, copy it to the stores."""

from __future__ import annotations

from lockgate.backup.create import stop_when
from lockgate.backup.repository import Backup as Taken
from lockgate.backup.repository import Repository
from lockgate.errors import ConfigError
from lockgate.model.actions import Backup
from lockgate.model.backup import BackupKind, Level
from lockgate.model.outcome import FailureClass
from lockgate.runbook.actions.common import done, failed, keep_json, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools
from lockgate.workflow.back_up import Made, back_up, look_ahead
from lockgate.workflow.choose_backup import choose_backup
from lockgate.workflow.store_backup import Copy, store_backup

_OFF = ("", "off", "none")


def perform(tools: TargetTools, action: Backup, context: TaskContext) -> Done:
    """Take a backup. What is published and not proven is a failure, and said to be there."""
    kind = _kind_of(action.type)
    level = level_of(action.verify)
    if context.is_dry_run:
        found = look_ahead(tools.engine, tools.target, tools.backup)
        if found.problems:
            return failed(f"a backup could not be taken: {'; '.join(found.problems)}; nothing was written")
        return would(f"take a {action.type} backup of {tools.name}, about {found.bytes} bytes")
    repository = tools.open_repository()
    wanted = choose_backup(tools.engine, tools.target, repository, kind)
    before = _newest(repository, wanted.kind)
    made = back_up(
        tools.engine,
        tools.target,
        tools.name,
        repository,
        tools.backup,
        kind=wanted.kind,
        tables=wanted.tables,
        parent=wanted.parent,
        or_full=kind is None,
        reason=f"runbook {context.run} {context.task.id}",
        level=level,
        identities=tools.read_identities(),
        run=context.run,
        tell=context.tell,
        on_bytes=stop_when(context.is_stopped),
    )
    context.effect(Effect("backup", made.backup.id, facts_of(made)))
    copies = _store(tools, action.store, repository, made.backup, context)
    return _judge(made, before, copies, context)


def _kind_of(text: str) -> BackupKind | None:
    kinds = {kind.value: kind for kind in BackupKind}
    if text not in ("auto", *kinds):
        raise ConfigError(
            f"there is no backup of type {text!r}",
            cause=f"allowed are auto, {', '.join(kinds)}",
            state="nothing was taken",
        )
    return kinds.get(text)


def level_of(text: str) -> Level | None:
    """Return how far to prove a backup: ``restore`` is all of it; None: not at all.

    Raises:
        ConfigError: There is no such level.
    """
    if text in _OFF:
        return None
    if text == "restore":
        return Level.SCHEMA
    try:
        return Level(text)
    except ValueError:
        names = ", ".join(level.value for level in Level)
        raise ConfigError(
            f"a backup cannot be proven up to {text!r}",
            cause=f"allowed are restore, {names}, off",
            state="nothing was taken",
        ) from None


def _newest(repository: Repository, kind: BackupKind) -> Taken | None:
    return next((item for item in repository.backups() if item.manifest.kind is kind), None)


def facts_of(made: Made) -> dict[str, object]:
    """Return what the journal keeps of a backup; its kind is named truthfully."""
    manifest = made.backup.manifest
    proven = made.verification
    return {
        "backup_kind": manifest.kind.value,
        "folder": str(made.backup.folder),
        "bytes": manifest.bytes,
        "bytes_plain": manifest.bytes_plain,
        "snapshot_at": manifest.snapshot_at,
        "is_verified": proven is not None and proven.is_passed and proven.is_verified,
        "level": proven.level.value if proven is not None and proven.level is not None else "",
    }


def _store(
    tools: TargetTools, wanted: str, repository: Repository, backup: Taken, context: TaskContext
) -> tuple[Copy, ...]:
    urls = (tools.resolve(wanted),) if wanted else tools.backup.stores
    if not urls:
        return ()
    copies = store_backup(repository, backup, urls, tools.place, context.tell, tools.on_secret)
    for copy in copies:
        if copy.error is None:
            context.effect(Effect("backup_copy", backup.id, {"copy": copy.line}))
    return copies


def _judge(made: Made, before: Taken | None, copies: tuple[Copy, ...], context: TaskContext) -> Done:
    manifest, proven = made.backup.manifest, made.verification
    kept = keep_json(context, f"{manifest.id}.manifest.json", manifest)
    text = f"backup {manifest.id} ({manifest.kind.value}, {manifest.bytes} bytes, {len(manifest.tables)} tables)"
    if proven is not None and not proven.is_passed:
        return failed(
            f"{text} was taken and does NOT hold: {proven.problem}; it was moved to quarantine",
            FailureClass.PROCESS,
            kept,
        )
    missing = [copy.line for copy in copies if copy.error is not None]
    if missing:
        return failed(f"{text} is published here, but not everywhere: {'; '.join(missing)}", FailureClass.PROCESS, kept)
    if before is not None and manifest.bytes_plain * 2 < before.manifest.bytes_plain:
        shrunk = (
            f"it is {manifest.bytes_plain} bytes, the one before it ({before.id}) was {before.manifest.bytes_plain}"
        )
        return failed(f"{text} was taken, but {shrunk}: less than half", FailureClass.PROCESS, kept)
    words = f"proven: {proven.asked.value}" if proven is not None else "not proven"
    return done(f"{text}, {words}", kept)
