"""Restore a backup beside the live database, compare it, and swap: whatever happens, the old one or the new one."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec.structs import replace

from lockgate.backup.files import StoredFiles
from lockgate.backup.repository import SAFETY, Backup, Repository
from lockgate.engine.base import Engine, Session
from lockgate.errors import BackupDamaged, BackupFailed, InDoubtError, Interrupted, LockgateError, ScratchUnavailable
from lockgate.execute.execution import Execution
from lockgate.execute.interrupt import Interrupts, catch_signals
from lockgate.execute.opening import open_execution
from lockgate.model.backup import Level, Manifest
from lockgate.model.restore import Phase, Restore, RestorePlan, RestoreResult
from lockgate.model.target import Target
from lockgate.store.restored import mark_under_way, write_note
from lockgate.workflow.admission import check_restorable
from lockgate.workflow.back_up import back_up, prove
from lockgate.workflow.options import NewId, Now, ignore_event, random_id, utc_now
from lockgate.workflow.restore_plan import RestoreOptions, check_no_other, is_proven
from lockgate.workflow.restore_swap import lead_back
from lockgate.workflow.restore_work import Tell, Work, release


def restore(
    engine: Engine,
    target: Target,
    repository: Repository,
    backup: Backup,
    plan: RestorePlan,
    options: RestoreOptions,
    tell: Tell = lambda text: None,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RestoreResult:
    """Carry out a restore that `plan_restore` described.

    Raises:
        BackupDamaged: The backup does not hold; nothing was stopped and nothing touched.
        LeaseHeld, RefusedError: A runner or another restore is at work, or unfinished.
        BackupFailed, FailedError: It did not come to its end; the old database is in place.
        InDoubtError: Which database is in place must be looked up: ``lockgate restore --resume`` or ``--abort``.
        Interrupted: A stop was asked for before the swap; the old database is in place.
    """
    check_no_other(repository, target)
    verify_first(engine, repository, backup, options, tell)
    safety = _take_safety(engine, target, repository, options, tell) if options.is_swapped else ""
    stamp = now().isoformat(timespec="milliseconds")
    item = Restore(
        id=plan.id,
        backup=backup.id,
        folder=str(backup.folder),
        target=target.display,
        database=plan.database,
        side=plan.side,
        kept=plan.kept,
        phase=Phase.BEGUN,
        started_at=stamp,
        changed_at=stamp,
        operator=options.operator,
        is_forced=options.is_forced,
        is_checked=options.is_checked,
        safety=safety,
        tables=tuple(key.path for key in options.tables),
    )
    work = Work(engine, target, repository, options, tell, item)
    return carry_out(work, backup, now=now, new_id=new_id)


def verify_first(engine: Engine, repository: Repository, backup: Backup, options: RestoreOptions, tell: Tell) -> None:
    """Prove the backup before anything is stopped: the bytes always, all of it unless that was done before.

    Raises:
        BackupDamaged: It does not hold.
        KeyMissing: It is encrypted and no key that fits was given.
    """
    files = StoredFiles(backup, options.identities)
    level = Level.CHECKSUM if is_proven(repository, backup) else Level.SCHEMA
    if level is Level.CHECKSUM:
        tell(f"comparing the checksums of {backup.id}, which was verified before")
        files.check_stored()
        return
    try:
        proven = prove(
            engine, repository, backup, options.settings,
            level=level, identities=options.identities, scratch_url=options.scratch.url, tell=tell,
        )  # fmt: skip
    except ScratchUnavailable as error:
        tell(f"no test restore on a server of its own ({error.what}); it is compared beside the live database instead")
        files.check_stored()
        files.check_readable()
        return
    if not proven.is_passed:
        raise BackupDamaged(
            f"the backup {backup.id} does not hold",
            where=str(backup.folder),
            cause=proven.problem,
            state="nothing was stopped and nothing touched",
            hint="use another backup: lockgate backup list",
        )


def _take_safety(engine: Engine, target: Target, repository: Repository, options: RestoreOptions, tell: Tell) -> str:
    """Take a backup of what is there now where the swap is not one atomic act; return its id."""
    if engine.swap().is_atomic:
        return ""
    tell("the swap is not one atomic act here, so a safety backup of what is there now comes first")
    made = back_up(
        engine, target, target.name, repository, options.settings,
        reason=SAFETY, level=Level.CHECKSUM, identities=options.identities, tell=tell,
    )  # fmt: skip
    repository.note("pinned", made.backup.id, "safety backup of a restore")
    return made.backup.id


def carry_out(work: Work, backup: Backup, *, now: Now, new_id: NewId) -> RestoreResult:
    """Go from the first phase to the last; also what ``--resume`` does before the swap."""
    began = time.monotonic()
    with open_execution(
        work.engine, work.target, patience=work.options.patience, observer=ignore_event, now=now, new_id=new_id
    ) as execution:
        first = execution.session
        check_restorable(execution, work.item.id)
        work.item = work.log.save(work.item, Phase.BEGUN)
        try:
            seconds = _carry_out(work, execution, backup)
            if work.options.is_swapped:
                end(work, execution)
        finally:
            release(execution, first)
    return finish(work, began=began, load_s=seconds)


def _carry_out(work: Work, execution: Execution, backup: Backup) -> float:
    """Restore beside and swap in, or lead back to the old database; return the seconds that loading took."""
    try:
        seconds = _beside(work, execution, backup)
        if work.options.is_swapped:
            with catch_signals(Interrupts()):
                swap_in(work, execution, backup.manifest)
    except KeyboardInterrupt:
        give_up(work, execution, "stopped on request")
        raise Interrupted("stopped on request", state="the old database is in place") from None
    except InDoubtError:
        raise
    except LockgateError as error:
        raise failed(work, execution, error) from error
    except OSError as error:
        raise failed(work, execution, refused(error)) from error
    return seconds


def refused(error: OSError) -> BackupFailed:
    """Return what the system said of a file as an error of ours."""
    what = "the system refused a file"
    return BackupFailed(what, where=str(error.filename or ""), cause=error.strerror or str(error))


def _beside(work: Work, execution: Execution, backup: Backup) -> float:
    """Stop the application, load and compare beside; return the seconds that loading took."""
    with work.repository.lock(f"restoring {backup.id}"):
        if work.options.is_swapped:
            mark_under_way(execution.store, work.item.id)
            write_note(execution.store, work.item.id, f"restoring {backup.id} begins", execution.timestamp())
        work.stop_application()
        began = time.monotonic()
        work.load(execution, StoredFiles(backup, work.options.identities))
        seconds = time.monotonic() - began
        if work.item.is_checked:
            work.check_side(backup.manifest)
        return seconds


def swap_in(work: Work, execution: Execution, manifest: Manifest) -> None:
    """Swap what was loaded in, compare again, let go."""
    work.mark_side(execution)
    dialect = work.engine.swap()
    record = dialect.prepare(execution.session, work.places, work.item.id, work.active_of(manifest))
    work.enter(
        Phase.SWAPPING,
        f"swapping {work.item.side} in; the old one is kept as {work.item.kept}",
        record=record,
        active=dialect.active(execution.inspect()),
    )
    work.swap(execution, confirming(work, manifest))
    work.enter(Phase.CONFIRMING, f"{work.item.database} is what was backed up at {manifest.snapshot_at}")
    write_note(execution.store, work.item.id, "swapped in", execution.timestamp())


def end(work: Work, execution: Execution) -> None:
    """With the restored database in place: start the application as it was, and let others begin again.

    Raises:
        BackupFailed: The application could not be started; everything else is done.
    """
    work.drop_side()
    work.enter(Phase.STARTING, "starting the application" if work.item.is_stopped else "coming to the end")
    try:
        work.start_application()
    except LockgateError as error:
        error.state = "the backup is restored and in place; the application is not started"
        error.hint = "start it by hand, or correct the hook and run: lockgate restore --resume"
        raise
    mark_under_way(execution.store, "")


def confirming(work: Work, manifest: Manifest) -> Callable[[Session], None]:
    """Return what looks at the database that was swapped in."""

    def check(session: Session) -> None:
        if not work.item.is_checked:
            return
        wrong = work.find_wrong(session, manifest)
        if not wrong:
            return
        if "fingerprint" not in wrong and work.is_used(session):
            work.notes.append(f"others were connected at once and may have written: {wrong}")
            work.item = replace(work.item, is_checked=False)
            return
        raise BackupFailed("after the swap the database is not what was backed up", cause=wrong)

    return check


def failed(work: Work, execution: Execution, error: LockgateError) -> LockgateError:
    """Lead back to the old database and say so."""
    if work.item.phase is Phase.CONFIRMING:
        error.state = "the restored database is in place, the old one is kept; the restore was not closed"
        error.hint = "lockgate restore --resume"
        return error
    if work.item.phase is Phase.SWAPPING:
        lead_back(work, execution, error)
    is_clean = give_up(work, execution, error.what + (f": {error.cause}" if error.cause else ""))
    error.state = "the old database is in place, as it was" if work.options.is_swapped else "nothing was replaced"
    error.hint = error.hint or "remove the cause, then restore again"
    if not is_clean:
        error.state += f"; {work.item.side} or a mark of this restore is left"
        error.hint = "remove the cause, then: lockgate restore --abort"
    if work.item.phase is Phase.UNDONE:
        error.state += f"; what others wrote to the restored one meanwhile is in {work.item.side}"
        error.hint += f"; when nobody needs it: lockgate restore --drop-kept {work.item.id}"
    if work.app:
        error.state += f"; the application is {work.app}"
    return error


def give_up(work: Work, execution: Execution, problem: str, phase: Phase = Phase.FAILED) -> bool:
    """Drop what was loaded, put the application back, write down why.

    What stood under the live name is not dropped: others may have written to it. When something is left, because the
    server is gone for example, the restore stays unfinished, so that ``--abort`` can remove it later; False then.
    """
    is_clean = work.item.was_live or work.drop_side()
    if work.options.is_swapped:
        try:
            mark_under_way(execution.store, "")
            write_note(execution.store, work.item.id, f"not restored: {problem}", execution.timestamp())
        except LockgateError as error:
            work.notes.append(f"the journal could not be written: {error.what}")
            is_clean = False
    try:
        work.start_application()
    except LockgateError as error:
        work.app = f"NOT started: {error.cause or error.what}"
    if is_clean:
        work.close(Phase.UNDONE if work.item.was_live else phase, problem)
    else:
        work.item = work.log.save(replace(work.item, problem=problem))
    return is_clean


def finish(work: Work, *, began: float, load_s: float = -1.0) -> RestoreResult:
    """Close the record and say what is next."""
    work.close(Phase.DONE)
    work.repository.note("restored", work.item.backup, f"restore {work.item.id} into {work.item.database}")
    return result_of(work, duration_s=time.monotonic() - began, load_s=load_s)


def result_of(work: Work, *, duration_s: float, load_s: float = -1.0, message: str = "") -> RestoreResult:
    """Return what a restore came to, with the next commands."""
    item = work.item
    is_swapped = bool(item.kept)
    if not message:
        message = f"{item.database} is what {item.backup} holds" if is_swapped else f"{item.backup} is in {item.side}"
    first = ["lockgate recover"] if any("lockgate recover" in note for note in work.notes) else []
    following = [f"lockgate restore --drop-kept {item.id}"] if item.phase in (Phase.DONE, Phase.UNDONE) else []
    if item.phase is Phase.DONE:
        following.insert(0, f"lockgate restore --undo {item.id}")
    return RestoreResult(
        restore=item.id,
        state=item.phase.value,
        backup=item.backup,
        target=item.target,
        database=item.database if is_swapped else item.side,
        kept=item.kept if item.phase is Phase.DONE else "",
        is_verified=item.is_checked,
        duration_s=round(duration_s, 3),
        load_s=round(load_s, 3),
        app=work.app,
        safety=item.safety,
        message=message,
        notes=tuple(work.notes),
        next_commands=(*first, "lockgate drift", "lockgate status", *following) if is_swapped else (),
    )
