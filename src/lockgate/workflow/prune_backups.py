"""Prune the backups of a target: by its rules, never one that a checkpoint or a run that is not closed still needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from lockgate.backup.prune import Pruned, prune
from lockgate.backup.repository import Repository
from lockgate.backup.settings import KeepSettings
from lockgate.engine.base import Engine
from lockgate.errors import LeaseHeld, LockgateError
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.model.backup import Manifest
from lockgate.model.run import Checkpoint, Run, RunState
from lockgate.model.target import Target
from lockgate.store import checkpoints, parked, runs
from lockgate.workflow.options import RETENTION, ignore_event, random_id, utc_now

_CLOSED = (RunState.FINALIZED, RunState.ROLLED_BACK)


def prune_backups(
    repository: Repository,
    keep: KeepSettings,
    needed: Mapping[str, str],
    *,
    is_dry_run: bool = False,
    is_most_allowed: bool = False,
    now: datetime | None = None,
) -> Pruned:
    """Prune under the repository's lock; a dry run takes no lock and changes nothing. ``needed`` as `read_needed` says.

    Raises:
        LeaseHeld: A backup is being taken, verified or restored.
        BackupFailed: A folder cannot be moved or deleted.
    """
    moment = now or utc_now()
    if is_dry_run:
        return prune(repository, keep, needed, moment, is_dry_run=True, is_most_allowed=is_most_allowed)
    with repository.lock("prune"), repository.without_readers() as is_quiet:
        if not is_quiet:
            raise LeaseHeld(
                f"backups in {repository.root} are being read",
                holder="a verification or a restore",
                hint="wait for its end, then repeat the command",
            )
        return prune(repository, keep, needed, moment, is_most_allowed=is_most_allowed)


def prune_after_success(
    repository: Repository, keep: KeepSettings, needed: Mapping[str, str], now: datetime | None = None
) -> Pruned:
    """Prune right after a backup was published and, where that was asked for, proven.

    What goes wrong here does not make the backup a failure: it is in ``objection``.
    """
    try:
        return prune_backups(repository, keep, needed, now=now)
    except LockgateError as error:
        return Pruned(objection=str(error))


def read_needed(
    engine: Engine, target: Target, manifests: Sequence[Manifest], retention: timedelta = RETENTION
) -> dict[str, str]:
    """Return by id which of some backups checkpoints and runs need, and why, over a read-only session.

    Where the target cannot be asked, every backup that was taken for a checkpoint or a run is needed.
    """
    taken = [manifest for manifest in manifests if manifest.run or manifest.checkpoint]
    if not taken:
        return {}
    try:
        with open_reading(
            engine, target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
        ) as execution:
            known = runs.list_runs(execution.store)
            points = checkpoints.list_checkpoints(execution.store)
            parking = frozenset(entry.run for entry in parked.list_parked(execution.store))
    except LockgateError as error:
        why = f"needed, for all that can be told: the target cannot be asked ({error.what})"
        return {manifest.id: why for manifest in taken}
    return find_needed(taken, known, points, parking, utc_now() - retention)


def find_needed(
    manifests: Sequence[Manifest],
    known: Sequence[Run],
    points: Sequence[Checkpoint],
    parking: frozenset[str],
    before: datetime,
) -> dict[str, str]:
    """Return by id which of some backups checkpoints and runs need, and why.

    A run needs its backups until it is finalized or was rolled back; one that was applied and parked nothing (it is not
    in ``parking``), and so is never finalized, until it ended ``before`` a moment. A checkpoint needs its backup while
    its run does, and until that moment in any case.
    """
    open_runs = {run.id: run for run in known if _is_open(run, parking, before)}
    open_points = {p.id for p in points if p.run in open_runs or datetime.fromisoformat(p.created_at) >= before}
    found: dict[str, str] = {}
    for manifest in manifests:
        if manifest.run in open_runs:
            found[manifest.id] = f"run {manifest.run} ({open_runs[manifest.run].state.value})"
        elif manifest.checkpoint in open_points:
            found[manifest.id] = f"checkpoint {manifest.checkpoint}"
    return found


def _is_open(run: Run, parking: frozenset[str], before: datetime) -> bool:
    if run.state is RunState.APPLIED and run.id not in parking:
        return datetime.fromisoformat(run.changed_at) >= before
    return run.state not in _CLOSED
