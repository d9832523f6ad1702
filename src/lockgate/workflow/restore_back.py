"""The ways out of a restore: go on after a crash, give it up, swap the old database in again, drop it for good."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import replace

from lockgate.backup.repository import Backup, Repository
from lockgate.backup.restores import RestoreLog
from lockgate.engine.base import Engine
from lockgate.errors import BackupFailed, InDoubtError, LockgateError, RefusedError
from lockgate.execute.execution import Execution
from lockgate.execute.interrupt import Interrupts, catch_signals
from lockgate.execute.opening import open_execution
from lockgate.model.restore import Phase, Restore, RestoreResult, Where
from lockgate.model.target import Target
from lockgate.store.restored import mark_under_way, read_marks, write_note
from lockgate.workflow.admission import check_no_restore
from lockgate.workflow.options import NewId, Now, ignore_event, random_id, utc_now
from lockgate.workflow.restore import carry_out, end, failed, finish, give_up, refused, result_of, swap_in
from lockgate.workflow.restore_plan import RestoreOptions
from lockgate.workflow.restore_swap import put_old_back, swap_back
from lockgate.workflow.restore_work import Tell, Work, folder_of, release, side_exists

_BEFORE_SWAP = (Phase.BEGUN, Phase.STOPPING, Phase.LOADING, Phase.CHECKING)


def resume(
    engine: Engine,
    target: Target,
    repository: Repository,
    options: RestoreOptions,
    tell: Tell = lambda text: None,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RestoreResult:
    """Go on with the unfinished restore to its end.

    Raises:
        RefusedError: None is unfinished, or it is on its way back.
        As `lockgate.workflow.restore.restore`.
    """
    work = _unfinished(engine, target, repository, options, tell)
    if work.item.phase is Phase.SWAPPING_BACK:
        return abort(engine, target, repository, options, tell, now=now, new_id=new_id)
    backup = repository.find(str(folder_of(work.item)))
    if work.item.phase in _BEFORE_SWAP:
        work.drop_side()
        return carry_out(work, backup, now=now, new_id=new_id)
    return _resume_swap(work, backup, now=now, new_id=new_id)


def _resume_swap(work: Work, backup: Backup, *, now: Now, new_id: NewId) -> RestoreResult:
    began = time.monotonic()
    where = Where.NEW if work.item.phase is Phase.STARTING else work.where()
    if where is Where.OLD and not side_exists(work):
        return carry_out(work, backup, now=now, new_id=new_id)
    with catch_signals(Interrupts()), _opened(work, now, new_id) as execution:
        first = execution.session
        try:
            if where is Where.OLD:
                _swap_or_lead_back(work, execution, backup)
            elif work.item.phase is not Phase.STARTING:
                _complete(work, execution, backup, where)
            end(work, execution)
        finally:
            release(execution, first)
    return finish(work, began=began)


def _swap_or_lead_back(work: Work, execution: Execution, backup: Backup) -> None:
    try:
        swap_in(work, execution, backup.manifest)
    except InDoubtError:
        raise
    except LockgateError as error:
        raise failed(work, execution, error) from error
    except OSError as error:
        raise failed(work, execution, refused(error)) from error


def _complete(work: Work, execution: Execution, backup: Backup, where: Where) -> None:
    """Come to the end with the restored database in place; others may have written to it since, so it stays.

    Raises:
        InDoubtError: It is not what was backed up, and a person must say which one stays.
    """
    if where is Where.BETWEEN:
        work.swap(execution, lambda session: None)
    if work.item.phase is Phase.SWAPPING and work.item.is_checked and work.options.is_checked:
        wrong = work.find_wrong(execution.session, backup.manifest)
        if wrong:
            raise InDoubtError(
                "the restored database is in place, and is not (or not any more) what was backed up",
                where=work.item.database,
                cause=wrong,
                state=f"others may have written to it since; the old one is kept as {work.item.kept}",
                hint="lockgate restore --resume --no-verify keeps it, lockgate restore --abort swaps the old one in",
            )
    work.enter(Phase.CONFIRMING, f"{work.item.database} is the restored one")
    write_note(execution.store, work.item.id, "swapped in; gone on with", execution.timestamp())


def abort(
    engine: Engine,
    target: Target,
    repository: Repository,
    options: RestoreOptions,
    tell: Tell = lambda text: None,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RestoreResult:
    """Give the unfinished restore up: the old database is in place afterwards.

    Raises:
        RefusedError: None is unfinished.
        InDoubtError: The old one could not be put back.
    """
    if options.is_forced and RestoreLog(repository.root).unfinished(target.display) is None:
        return _forget(engine, target, options, now=now, new_id=new_id)
    work = _unfinished(engine, target, repository, options, tell)
    began = time.monotonic()
    with catch_signals(Interrupts()), _opened(work, now, new_id) as execution:
        first = execution.session
        try:
            was_swapped = work.item.phase not in _BEFORE_SWAP and bool(work.item.kept) and put_old_back(work, execution)
            if not was_swapped and not give_up(work, execution, "given up on request", Phase.ABORTED):
                raise BackupFailed(
                    "what the restore left could not be removed",
                    where=work.item.side,
                    cause="; ".join(work.notes),
                    state="the old database is in place",
                    hint="remove the cause, then: lockgate restore --abort",
                )
            if was_swapped:
                mark_under_way(execution.store, "")
                write_note(execution.store, work.item.id, "given up; swapped back", execution.timestamp())
        finally:
            release(execution, first)
    message = "the old database is in place"
    if was_swapped:
        work.start_application()
        work.close(Phase.UNDONE)
    if work.item.phase is Phase.UNDONE:
        message += f"; what was restored is in {work.item.side}"
    return result_of(work, duration_s=time.monotonic() - began, message=message)


def _forget(engine: Engine, target: Target, options: RestoreOptions, *, now: Now, new_id: NewId) -> RestoreResult:
    """Clear the mark of a restore whose record is lost (it was begun from another folder of backups)."""
    with open_execution(
        engine, target, patience=options.patience, observer=ignore_event, now=now, new_id=new_id
    ) as execution:
        restore = read_marks(execution.store)[1]
        if not restore:
            raise _none_unfinished(target.display)
        mark_under_way(execution.store, "")
        text = f"its record is lost; forgotten by {options.operator or 'somebody'}, by force"
        write_note(execution.store, restore, text, execution.timestamp())
    return RestoreResult(
        restore=restore,
        state="aborted",
        backup="",
        target=target.display,
        database=target.name,
        message="its mark is cleared; a database of its own may be left beside",
        next_commands=("lockgate status",),
    )


def _none_unfinished(where: str) -> RefusedError:
    return RefusedError(
        "no restore is unfinished", where=where, state="nothing was touched", hint="lockgate restore --list"
    )


def undo(
    engine: Engine,
    target: Target,
    repository: Repository,
    restore: str,
    options: RestoreOptions,
    tell: Tell = lambda text: None,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RestoreResult:
    """Swap the kept database in again; what was restored is kept beside it in turn.

    Raises:
        InputError, RefusedError: There is none, it is dropped, or something else is unfinished.
    """
    log = RestoreLog(repository.root)
    other = log.unfinished(target.display)
    if other is not None:
        raise RefusedError(
            f"restore {other.id} is unfinished",
            state="nothing was touched",
            hint="lockgate restore --resume or --abort",
        )
    item = log.find(target.display, restore)
    work = Work(engine, target, repository, options, tell, item)
    if item.phase is not Phase.DONE or not engine.swap().exists(work.places.kept):
        raise RefusedError(
            f"the old database of restore {item.id} is not kept any more ({item.phase.value})",
            where=item.kept,
            state="nothing was touched",
            hint="restore a backup that was taken before it: lockgate backup list",
        )
    began = time.monotonic()
    with catch_signals(Interrupts()), _opened(work, now, new_id) as execution:
        first = execution.session
        try:
            check_no_restore(execution)
            if work.read_marker() != item.id:
                raise RefusedError(
                    f"the live database is not the one that restore {item.id} put in place",
                    state="nothing was touched",
                    hint="lockgate restore --list; undo a later restore first",
                )
            mark_under_way(execution.store, item.id)
            work.stop_application()
            swap_back(work, execution)
            mark_under_way(execution.store, "")
            write_note(execution.store, item.id, f"undone by {options.operator or 'somebody'}", execution.timestamp())
        except LockgateError as error:
            if work.item.phase is Phase.SWAPPING_BACK:
                error.state = "the undo was begun; nothing is lost, both databases are whole"
                error.hint = "remove the cause, then: lockgate restore --resume"
            raise
        finally:
            release(execution, first)
    work.start_application()
    work.close(Phase.UNDONE)
    repository.note("restored", item.backup, f"restore {item.id} was undone")
    message = f"the old database is in place again; what was restored is in {work.item.side}"
    return result_of(work, duration_s=time.monotonic() - began, message=message)


def drop_kept(engine: Engine, target: Target, repository: Repository, restore: str) -> Restore:
    """Drop the database that a restore kept, for good.

    Raises:
        InputError: There is no such restore. RefusedError: It is unfinished, or replaced nothing.
    """
    log = RestoreLog(repository.root)
    item = log.find(target.display, restore)
    if item.phase not in (Phase.DONE, Phase.UNDONE) or not item.kept:
        raise RefusedError(
            f"restore {item.id} keeps nothing that may be dropped ({item.phase.value})", state="nothing was touched"
        )
    dialect = engine.swap()
    name = item.kept if item.phase is Phase.DONE else item.side
    dialect.drop(dialect.place(target, name))
    if item.phase is Phase.DONE:
        dialect.drop(dialect.place(target, item.side))  # empty; it stayed when the right to drop it was lost
    repository.note("restored", item.backup, f"what restore {item.id} kept as {name} was dropped")
    return log.save(item, Phase.DROPPED)


def _unfinished(engine: Engine, target: Target, repository: Repository, options: RestoreOptions, tell: Tell) -> Work:
    item = RestoreLog(repository.root).unfinished(target.display)
    if item is None:
        raise _none_unfinished(str(repository.root))
    return Work(engine, target, repository, _as_begun(options, item), tell, item)


def _as_begun(options: RestoreOptions, item: Restore) -> RestoreOptions:
    """Return the options as the restore was begun with; a comparison may be left out later."""
    is_checked = item.is_checked and options.is_checked
    return replace(options, is_checked=is_checked, into="" if item.kept else item.side)


def _opened(work: Work, now: Now, new_id: NewId) -> AbstractContextManager[Execution]:
    return open_execution(
        work.engine, work.target, patience=work.options.patience, observer=ignore_event, now=now, new_id=new_id
    )
