"""Render a plan for people: stages, SQL, locks, estimates, the way back, the pre-checks; pure."""

from __future__ import annotations

from collections import Counter

from lockgate.model.op import Blocks, Statement, Strategy
from lockgate.model.plan import Plan, Reversible, Risk, Stage, Step
from lockgate.report.document import Block, Bullets, Code, Document, Folded, Heading, Paragraph, Table

_FELT_S = 0.05
"""A shorter wait is not worth a line."""


def summarize_plan(plan: Plan, path: str) -> str:
    """Return a few lines on what a plan holds and what to do next."""
    if plan.is_empty:
        return f"nothing to do: the live schema of {plan.target} equals the desired one\nplan: {path} (empty)\n"
    lines = [f"plan {plan.id} for {plan.target}: {_count(len(plan.steps), 'step')} in {_stages(plan)}"]
    lines += [f"  {stage_line(stage)}" for stage in plan.stages]
    hazards = sorted({hazard.kind.value for step in plan.steps for hazard in step.hazards})
    if hazards:
        lines.append(f"  hazards allowed: {', '.join(hazards)}")
    lines += [f"  {line}" for line in waiting_lines(plan)]
    lines.append(f"  {proof_line(plan)}")
    lines += [f"  warning: {text}" for text in plan.warnings]
    lines += [f"plan: {path}", f"next: lockgate show {path}; lockgate apply {path} --dry-run"]
    return "\n".join(lines) + "\n"


def stage_line(stage: Stage) -> str:
    """Return one stage in a line: its number and name, steps, worst risk, estimate."""
    risks = Counter(step.risk for step in stage.steps)
    worst = next(risk for risk in reversed(Risk) if risks[risk])
    seconds = sum(step.estimate_s for step in stage.steps)
    steps = _count(len(stage.steps), "step")
    return f"stage {stage.number} {stage.name}: {steps}, risk {worst.value}, about {seconds:.1f} s"


def waiting_lines(plan: Plan) -> list[str]:
    """Return how many steps are carried out otherwise than by plain DDL, and the longest wait for others."""
    lines = []
    online = Counter(step.strategy.value for step in plan.steps if step.strategy is not Strategy.PLAIN)
    if online:
        lines.append(
            "carried out beside the application: " + ", ".join(f"{n} by {s}" for s, n in sorted(online.items()))
        )
    longest = max(plan.steps, key=lambda step: step.block_s)
    if longest.block_s > _FELT_S:
        whom = blocked_words(longest)
        lines.append(
            f"longest wait for others: {whom} for about {longest.block_s:.1f} s in {longest.id} {longest.title}"
        )
    return lines


def blocked_words(step: Step) -> str:
    """Return who waits while a step runs."""
    blocks = {statement.blocks for statement in step.statements}
    return "readers and writers" if Blocks.READS_AND_WRITES in blocks else "writers"


def lock_source(plan: Plan) -> str:
    """Return where the locks of a plan's statements are from."""
    if plan.proof.is_probed:
        return f"probed: a private {plan.flavor} {plan.server_version} carried out each statement and was asked"
    return "documented: as the manual says, for there was no private server to ask"


def proof_line(plan: Plan) -> str:
    """Return in words what was proven."""
    if not plan.proof.is_replayed:
        return f"not proven: {plan.proof.note or 'no scratch copy was made'}"
    dump = ", the server's own dumps agree" if plan.proof.is_dump_compared else ""
    note = f" ({plan.proof.note})" if plan.proof.note else ""
    return f"proven on a scratch copy, forward and backward{dump}{note}"


def plan_document(plan: Plan) -> Document:
    """Return a plan as a document."""
    facts = Table(
        ("fact", "value"),
        (
            ("target", plan.target),
            ("server", f"{plan.flavor} {plan.server_version}"),
            ("digest", plan.digest),
            ("live schema before", plan.before),
            ("desired schema after", plan.after),
            ("proof", proof_line(plan)),
            ("locks and rewrites", lock_source(plan)),
        ),
    )
    verdict = (
        "Nothing to do."
        if plan.is_empty
        else f"{_count(len(plan.steps), 'step')} in {_stages(plan)}; "
        f"about {sum(step.estimate_s for step in plan.steps):.1f} s."
    )
    blocks: list[Block] = [facts]
    if plan.warnings:
        blocks += [Heading("Warnings"), Bullets(plan.warnings)]
    if plan.unmanaged:
        blocks += [Heading("Not managed"), Bullets(plan.unmanaged)]
    for stage in plan.stages:
        blocks.append(Heading(f"Stage {stage.number}: {stage.name}"))
        blocks.append(Paragraph(stage_line(stage)))
        for step in stage.steps:
            blocks += _step_blocks(step)
    return Document(f"Plan {plan.id}", verdict, tuple(blocks))


def _step_blocks(step: Step) -> list[Block]:
    facts = [f"risk {step.risk.value}, about {step.estimate_s:.2f} s, {_way_back(step)}"]
    facts += _waiting(step)
    facts += [f"{c.kind.replace('_', ' ')} {c.object}{_from_to(c.before, c.after)}" for c in step.changes]
    facts += [f"hazard {hazard.kind.value}: {hazard.message}" for hazard in step.hazards]
    facts += step.notices
    facts += [f"parks {parked.original} as {parked.parked} until finalize" for parked in step.parks]
    blocks: list[Block] = [Heading(f"{step.id} {step.title}", 3), Bullets(tuple(facts))]
    for check in step.prechecks:
        blocks.append(Paragraph(f"Pre-check {check.name}: {check.message}"))
        blocks.append(Code(check.sql))
    blocks.append(Code(statements_sql(step.statements)))
    if step.backward:
        blocks.append(Folded("Way back", (Code(statements_sql(step.backward)),)))
    return blocks


def _waiting(step: Step) -> list[str]:
    """Return how a step is carried out and why, how long others wait, and the disk it needs."""
    reason = f" ({step.reason})" if step.reason else ""
    facts = [f"strategy {step.strategy.value}{reason}"]
    if step.block_s > _FELT_S:
        facts.append(f"keeps {blocked_words(step)} waiting for about {step.block_s:.2f} s at a stretch")
    if step.extra_bytes >= 1_000_000:
        facts.append(f"needs about {step.extra_bytes / 1e6:.0f} MB of disk beside the table")
    return facts


def statements_sql(statements: tuple[Statement, ...]) -> str:
    """Return statements as a script, each with its lock as a comment above."""
    lines: list[str] = []
    for statement in statements:
        rewrites = ", rewrites the table" if statement.rewrites else ""
        lock = f" ({statement.lock})" if statement.lock else ""
        lines.append(f"-- blocks {statement.blocks.value.replace('_', ' ')}{lock}{rewrites}")
        lines.append(statement.sql.rstrip().rstrip(";") + ";")
    return "\n".join(lines)


def _way_back(step: Step) -> str:
    if step.reversible is Reversible.IRREVERSIBLE:
        return f"cannot be undone: {step.irreversible_reason}"
    return "undone from what it parks" if step.reversible is Reversible.PARKED else "undone without loss"


def _from_to(before: str, after: str) -> str:
    if before and after:
        return f": {before} -> {after}"
    return f": {before or after}" if before or after else ""


def _stages(plan: Plan) -> str:
    return _count(len(plan.stages), "stage")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
