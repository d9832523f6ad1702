"""Render a plan for people: stages, SQL, locks, estimates, the way back, the pre-checks; pure."""

from __future__ import annotations

from collections import Counter

from lockgate.model.op import Statement
from lockgate.model.plan import Plan, Reversible, Risk, Stage, Step
from lockgate.report.document import Block, Bullets, Code, Document, Folded, Heading, Paragraph, Table


def summarize_plan(plan: Plan, path: str) -> str:
    """Return a few lines on what a plan holds and what to do next."""
    if plan.is_empty:
        return f"nothing to do: the live schema of {plan.target} equals the desired one\nplan: {path} (empty)\n"
    lines = [f"plan {plan.id} for {plan.target}: {_count(len(plan.steps), 'step')} in {_stages(plan)}"]
    lines += [f"  {stage_line(stage)}" for stage in plan.stages]
    hazards = sorted({hazard.kind.value for step in plan.steps for hazard in step.hazards})
    if hazards:
        lines.append(f"  hazards allowed: {', '.join(hazards)}")
    lines.append(f"  {proof_line(plan)}")
    lines += [f"plan: {path}", f"next: lockgate show {path}; lockgate apply {path} --dry-run"]
    return "\n".join(lines) + "\n"


def stage_line(stage: Stage) -> str:
    """Return one stage in a line: its number and name, steps, worst risk, estimate."""
    risks = Counter(step.risk for step in stage.steps)
    worst = next(risk for risk in reversed(Risk) if risks[risk])
    seconds = sum(step.estimate_s for step in stage.steps)
    steps = _count(len(stage.steps), "step")
    return f"stage {stage.number} {stage.name}: {steps}, risk {worst.value}, about {seconds:.1f} s"


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
        ),
    )
    verdict = (
        "Nothing to do."
        if plan.is_empty
        else f"{_count(len(plan.steps), 'step')} in {_stages(plan)}; "
        f"about {sum(step.estimate_s for step in plan.steps):.1f} s."
    )
    blocks: list[Block] = [facts]
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
    facts += [f"{c.kind.replace('_', ' ')} {c.object}{_from_to(c.before, c.after)}" for c in step.changes]
    facts += [f"hazard {hazard.kind.value}: {hazard.message}" for hazard in step.hazards]
    facts += [f"parks {parked.original} as {parked.parked} until finalize" for parked in step.parks]
    blocks: list[Block] = [Heading(f"{step.id} {step.title}", 3), Bullets(tuple(facts))]
    for check in step.prechecks:
        blocks.append(Paragraph(f"Pre-check {check.name}: {check.message}"))
        blocks.append(Code(check.sql))
    blocks.append(Code(statements_sql(step.statements)))
    if step.backward:
        blocks.append(Folded("Way back", (Code(statements_sql(step.backward)),)))
    return blocks


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
