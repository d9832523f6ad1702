"""Restore a backup on a private server to rehearse on: all rows as they were, and the restore is proven on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lockgate.backup.files import StoredFiles
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.verify import compare_facts, load_backup, read_restored_facts, schema_problem
from lockgate.engine.backup import LoadOptions
from lockgate.engine.base import Engine, Scope, ScratchOptions
from lockgate.errors import BackupDamaged, StalePlan
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.model import codec
from lockgate.model.backup import BackupKind
from lockgate.model.plan import Plan
from lockgate.model.rehearsal import CopiedTable
from lockgate.model.target import Target
from lockgate.store import runs
from lockgate.workflow.options import RecoverOptions, ignore_event, random_id, utc_now
from lockgate.workflow.recover import recover
from lockgate.workflow.rehearsal_copy import RehearsalCopy, Tell, check_fresh


class ReadsOtherwise(StalePlan):
    """A restored schema is the same and reads differently, so that a plan for the one does not fit the other."""


def find_fitting(repository: Repository, plan: Plan) -> Backup | None:
    """Return the newest full backup of the schema that the plan was made for."""
    for backup in repository.backups():
        if backup.manifest.kind is BackupKind.FULL and backup.manifest.fingerprint == plan.before:
            return backup
    return None


@contextmanager
def open_restored_copy(
    engine: Engine, target: Target, plan: Plan, files: StoredFiles, scratch_url: str, tell: Tell
) -> Iterator[RehearsalCopy]:
    """Yield a restored backup; it is gone when the block ends. Of the target only the schema is read.

    Raises:
        StalePlan: The live schema, or the backup's, is not what the plan was made for (`ReadsOtherwise`: only because
            of how the dump writes it).
        ScratchUnavailable: There is no server of our own.
        BackupDamaged: It does not restore to what it was taken of.
    """
    manifest = files.manifest
    if manifest.fingerprint != plan.before:
        raise StalePlan(
            f"the backup {manifest.id} is not of the schema the plan was made for",
            cause=f"its fingerprint is {manifest.fingerprint[:12]}, expected {plan.before[:12]}",
            state="nothing was touched, nothing was rehearsed",
            hint="lockgate rehearse --from live, or take a backup of the schema as it is",
        )
    with ExitStack() as stack:
        source = engine.connect(target, is_read_only=True)
        try:
            check_fresh(plan, engine.inspect(source, engine.identify(source), Scope()))
        finally:
            source.close()
        tell(f"restoring {manifest.id}")
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lockgate-", ignore_cleanup_errors=True))
        options = ScratchOptions(url=scratch_url, holds_rows=True)
        scratch = stack.enter_context(engine.backup().open_server(manifest, options))
        session = scratch.create_database(manifest.database)
        copied = session.target
        session.close()
        load_backup(engine, files, copied, LoadOptions(work=Path(folder)))
        yield _checked(engine, copied, files)


def _checked(engine: Engine, copied: Target, files: StoredFiles) -> RehearsalCopy:
    manifest = files.manifest
    session = engine.connect(copied, is_read_only=True)
    try:
        server = engine.identify(session)
        schema = engine.inspect(session, server, Scope())
        problem = compare_facts(manifest, read_restored_facts(engine, session, manifest))
        problem = problem or schema_problem(engine, files, session)
    finally:
        session.close()
    if not problem and codec.fingerprint(schema) != manifest.fingerprint:
        raise ReadsOtherwise(
            f"what is restored from {manifest.id} reads otherwise than the target",
            cause="the dump's format writes some of its definitions another way",
            state="nothing was touched, nothing was rehearsed",
            hint="lockgate rehearse --from live",
        )
    if problem:
        raise BackupDamaged(
            f"{manifest.id} does not restore to what it was taken of",
            cause=problem,
            state="nothing was touched, nothing was rehearsed",
            hint="lockgate backup verify, and rehearse with --from live",
        )
    _close_begun_run(engine, copied)
    tables = tuple(CopiedTable(table=fact.table, rows=fact.rows) for fact in manifest.tables)
    return RehearsalCopy(copied, schema, tables, server, engine.transfer())


def _close_begun_run(engine: Engine, copied: Target) -> None:
    """Close a run that had begun when the backup was taken for it."""
    with open_reading(
        engine, copied, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
    ) as execution:
        is_begun = any(run.state.is_unfinished for run in runs.list_runs(execution.store))
    if is_begun:
        recover(engine, copied, RecoverOptions())
