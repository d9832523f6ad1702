"""Render how drift would be mended: as an SQL script with its reverse, or as a document with one row a difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lockgate.diff.drift import DriftEntry, DriftReport
from lockgate.model.plan import Plan, Stage, Step
from lockgate.report.document import Block, Bullets, Code, Document, Heading, Table
from lockgate.report.drift import summarize_drift
from lockgate.report.plan import statements_sql


class _Remediation(Protocol):
    @property
    def entry(self) -> DriftEntry: ...
    @property
    def step(self) -> Step | None: ...
    @property
    def stage(self) -> str: ...


def fix_sql(report: DriftReport, plan: Plan, remediations: Sequence[_Remediation], notes: Sequence[str] = ()) -> str:
    """Return one script: the staged SQL, each step with its risk and hazards, then the reverse as comments.

    The reverse is commented out, so that running the whole file by mistake does not undo what it just did.
    """
    lines = [f"-- {summarize_drift(report)}", *(f"-- {note}" for note in notes)]
    lines += [f"-- not mended by this script: {title_of(r.entry)}" for r in remediations if r.step is None]
    lines.append(
        "-- Nothing of this was run. `lockgate plan` and `lockgate apply` do it with checkpoints and a way back."
    )
    for stage in plan.stages:
        lines += ["", f"-- stage {stage.number}: {stage.name}"]
        for step in stage.steps:
            lines += _step_lines(step)
    if plan.stages:
        lines += ["", "-- reverse, last step first:"]
    for stage in reversed(plan.stages):
        for step in reversed(stage.steps):
            lines += [f"--   {line}" for line in _reverse_lines(step)]
    return "\n".join(lines) + "\n"


def _step_lines(step: Step) -> list[str]:
    lines = ["", f"-- {step.id} {step.title} (risk {step.risk.value}, {step.reversible.value})"]
    lines += [f"-- hazard {hazard.kind.value}: {hazard.message}" for hazard in step.hazards]
    for check in step.prechecks:
        lines += [f"-- must give 0 first ({check.message}):", *(f"--   {line}" for line in check.sql.splitlines())]
    return [*lines, *statements_sql(step.statements).splitlines()]


def _reverse_lines(step: Step) -> list[str]:
    if not step.backward:
        return [f"{step.id}: {step.irreversible_reason or 'nothing to undo'}"]
    return [f"{step.id} {step.title}", *statements_sql(step.backward).splitlines()]


def fix_document(report: DriftReport, plan: Plan, remediations: Sequence[_Remediation]) -> Document:
    """Return the remediation plan: one row a difference with its fix, stage and risk, then the SQL of each stage."""
    rows = tuple(_row(remediation) for remediation in remediations)
    blocks: list[Block] = [Table(("difference", "severity", "stage", "step", "risk", "way back", "fix"), rows)]
    for stage in plan.stages:
        blocks += _stage_blocks(stage)
    return Document(f"Remediation of {report.target}", summarize_drift(report), tuple(blocks))


def _row(remediation: _Remediation) -> tuple[str, ...]:
    entry, step = remediation.entry, remediation.step
    if step is None:
        return (title_of(entry), entry.severity.value, "none", "none", "unknown", "unknown", "not part of the plan")
    sql = "; ".join(" ".join(statement.sql.split()) for statement in step.statements)
    return (
        title_of(entry),
        entry.severity.value,
        remediation.stage,
        step.id,
        step.risk.value,
        step.reversible.value,
        sql if len(sql) <= 200 else sql[:199] + "…",
    )


def _stage_blocks(stage: Stage) -> list[Block]:
    blocks: list[Block] = [Heading(f"Stage {stage.number}: {stage.name}")]
    for step in stage.steps:
        blocks.append(Heading(f"{step.id} {step.title}", 3))
        blocks.append(Bullets(tuple(f"{hazard.kind.value}: {hazard.message}" for hazard in step.hazards)))
        blocks.append(Code(statements_sql(step.statements)))
        if step.backward:
            blocks += [Heading("Reverse", 3), Code(statements_sql(step.backward))]
    return blocks


def title_of(entry: DriftEntry) -> str:
    """Return what a document calls a difference: its kind and its object."""
    return f"{entry.kind.replace('_', ' ')} {entry.object}"
