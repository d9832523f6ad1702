"""The rollback runbook of one run: its real ids, commands that exist, ages, and what each would lose; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lockgate.model.outcome import RollbackLevel
from lockgate.model.procedure import Entry, EntryType, RunStatus, TaskState, effects_of
from lockgate.model.procedure_report import ContactRow, Standing, WayBack
from lockgate.model.runbook import Runbook
from lockgate.report.procedure.amounts import duration_words, seconds_between
from lockgate.report.procedure.material import Material, text_of
from lockgate.report.procedure.measured import Measured, facts_of

_STOPPED = (RunStatus.STOPPED, RunStatus.INTERRUPTED, RunStatus.WAITING, RunStatus.HELD, RunStatus.FAILED)


def ways_back(material: Material, measured: Measured, target: str, standing: Standing) -> tuple[WayBack, ...]:
    """Return the ways back, the lowest level first, the newest of each level first."""
    return (*_code(material), *_schema(material, target), *_data(material, measured, target), *_on(material, standing))


def _code(material: Material) -> Iterator[WayBack]:
    commits = [text_of(entry.body, "id") for entry in effects_of(material.entries, "commit")]
    if commits:
        yield WayBack(
            level=RollbackLevel.CODE.value,
            title=f"Revert the {len(commits)} commits of this run" if len(commits) > 1 else "Revert this run's commit",
            command=f"lockgate runbook rollback {material.run} --level code",
            to=commits[0],
            loses="nothing: the commits stay in the history",
            note=f"reverts {', '.join(reversed(commits))}; print it first: the same command with --dry-run",
        )


def _schema(material: Material, target: str) -> Iterator[WayBack]:
    went_back = _went_back(material)
    for entry in reversed(effects_of(material.entries, "checkpoint")):
        name = text_of(entry.body, "id")
        if any(place < entry.seq < end for place, end in went_back):
            continue
        yield WayBack(
            level=RollbackLevel.SCHEMA.value,
            title=f"Back to the checkpoint {name}" + (f", taken by task {entry.task}" if entry.task else ""),
            command=f"lockgate rollback --to {name}{_on_target(material, target)}",
            to=name,
            age=_age(material, entry),
            loses="nothing: rows written since stay",
            note="print it first: the same command with --dry-run",
        )


def _went_back(material: Material) -> list[tuple[int, int]]:
    """Return the stretches of the journal that a rollback took back: what was made there is no place to go to."""
    places = {text_of(entry.body, "id"): entry.seq for entry in effects_of(material.entries, "checkpoint")}
    found, to = [], ""
    for entry in material.of(EntryType.ROLLBACK_STARTED, EntryType.ROLLBACK_ENDED):
        if entry.type is EntryType.ROLLBACK_STARTED:
            to = text_of(entry.body, "to")
        elif entry.body.get("state") == TaskState.DONE.value and to in places:
            found.append((places[to], entry.seq))
    return found


def _data(material: Material, measured: Measured, target: str) -> Iterator[WayBack]:
    seconds = max((float(p.get("restore_estimate_s", -1)) for _, p in measured.statuses), default=-1.0)
    for entry in reversed(effects_of(material.entries, "backup")):
        name, facts = text_of(entry.body, "id"), facts_of(entry.body)
        proof = facts.get("verified") or facts.get("level") or ""
        yield WayBack(
            level=RollbackLevel.DATA.value,
            title=f"Restore the backup {name}" + (f" ({'proven: ' + proof if proof else 'not proven'})"),
            command=f"lockgate restore {name}{_on_target(material, target)}"
            + (f" --confirm {target}" if target else ""),
            to=name,
            age=_age(material, entry),
            loses=f"every write since {facts.get('snapshot_at') or entry.ts}",
            estimate=duration_words(seconds) if seconds >= 0 else "never measured",
            note="needs a person; print it first: the same command with --dry-run",
        )


def _on(material: Material, standing: Standing) -> Iterator[WayBack]:
    run = material.run
    if standing.status in _STOPPED:
        yield WayBack(level="none", title="Go on instead of back", command=f"lockgate runbook resume {run}", to=run)


def _on_target(material: Material, target: str) -> str:
    """Name the target where the runbook does, which is when lockgate.toml has it."""
    return f" --target {target}" if target and target in material.runbook.targets else ""


def _age(material: Material, entry: Entry) -> str:
    seconds = seconds_between(entry.ts, material.now) if material.now else -1.0
    return f"taken {entry.ts}" + (f", {duration_words(seconds)} ago" if seconds >= 0 else "")


def contact_rows(runbook: Runbook, material: Material) -> tuple[ContactRow, ...]:
    """Return whom to reach, and whether a message of this run reached their channel."""
    sent = [e for e in material.of(EntryType.NOTIFIED) if e.body.get("is_delivered") is True]
    reached = {text_of(entry.body, "channel") for entry in sent}
    return tuple(
        ContactRow(c.name, c.role, c.notify, c.reach, bool(c.notify) and c.notify in reached) for c in runbook.contacts
    )


def level_commands(runbook: Runbook) -> Sequence[tuple[str, str]]:
    """Return what the author wrote for each level, for people; never run."""
    return [(level.level.value, command) for level in runbook.levels for command in level.commands]
