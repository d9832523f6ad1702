"""Run the whole loop on the demonstration's database; every claim it makes is looked up there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lockgate.demo.age import RENAME_HINTS, age_erp
from lockgate.demo.database import Look, fill_database, look_at, require_empty
from lockgate.demo.dialect import DIALECTS, Dialect
from lockgate.demo.erp import Erp, build_erp
from lockgate.demo.second_change import break_plan, extend_erp
from lockgate.demo.story import Story
from lockgate.demo.write_sql import erp_files
from lockgate.diff.drift import DriftReport, DriftStatus
from lockgate.engine.base import Engine, ScratchOptions
from lockgate.errors import FailedError
from lockgate.model.keys import table_key
from lockgate.model.plan import Plan, encode_plan
from lockgate.model.run import Observer, RunResult
from lockgate.model.schema import Key
from lockgate.model.target import Target
from lockgate.report.document import Code, Folded, Table
from lockgate.report.drift import summarize_drift
from lockgate.report.markdown import render_markdown
from lockgate.report.plan import plan_document, proof_line, stage_line
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.options import ApplyOptions, RollbackOptions
from lockgate.workflow.roll_back import roll_back
from lockgate.workflow.verify import verify_live

NewObserver = Callable[[], Observer]


@dataclass(frozen=True)
class Stagehand:
    """What every chapter works with. ``folder`` takes the desired schema and the plans."""

    engine: Engine
    target: Target
    folder: Path
    scratch: ScratchOptions
    new_observer: NewObserver
    story: Story
    dialect: Dialect

    def write_desired(self, erp: Erp, name: str) -> str:
        """Write the desired schema as SQL files; return the folder as a spec."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in erp_files(erp, self.dialect).items():
            (folder / file).write_text(text, encoding="utf-8")
        return str(folder)

    def write_plan(self, plan: Plan, name: str) -> None:
        """Write a plan as JSON, and for people as Markdown."""
        (self.folder / f"{name}.json").write_bytes(encode_plan(plan))
        (self.folder / f"{name}.md").write_text(render_markdown(plan_document(plan)), encoding="utf-8")

    def plan(self, desired: str, renames: tuple[str, ...] = ()) -> Plan:
        """Plan with every hazard allowed."""
        options = PlanOptions(allow=("all",), renames=renames, scratch=self.scratch)
        return make_plan(self.engine, self.target, desired, options).plan

    def drift(self, desired: str) -> DriftReport:
        """Measure the drift."""
        return measure_drift(self.engine, self.target, desired, DriftOptions(scratch=self.scratch))

    def apply(self, plan: Plan, *, stage: int = 0, is_dry_run: bool = False) -> RunResult:
        """Apply a plan."""
        options = ApplyOptions(stage=stage, is_dry_run=is_dry_run, scratch=self.scratch)
        return apply_plan(self.engine, self.target, plan, options, self.new_observer())

    def look(self, tables: list[Key] | None = None) -> Look:
        """Look at the database."""
        return look_at(self.engine, self.target, tables)


def run_loop(
    engine: Engine, target: Target, folder: Path, scratch: ScratchOptions, new_observer: NewObserver, story: Story
) -> None:
    """Run the loop; the database is left as the older copy it began as. Needs an empty database.

    Raises:
        RefusedError: The database is not empty.
        LockgateError: Something failed that should not have.
    """
    hand = Stagehand(engine, target, folder, scratch, new_observer, story, DIALECTS[engine.name])
    version = require_empty(engine, target)
    erp = build_erp()
    start = _build(hand, erp, version)
    desired = hand.write_desired(erp, "schema")
    _show_drift(hand, desired)
    plan = _make_plan(hand, desired)
    _dry_run(hand, plan, start)
    first = _apply_by_stages(hand, plan, start)
    _verify(hand, plan, desired)
    _fail_and_roll_back(hand, erp)
    _roll_back(hand, first, start)
    _prove(hand, start)


def _build(hand: Stagehand, erp: Erp, version: str) -> Look:
    story = hand.story
    story.chapter("An ERP that has drifted")
    story.say(f"The database is {hand.target.display} ({version}), and it is empty.")
    fill_database(hand.engine, hand.target, age_erp(erp, hand.dialect), hand.dialect)
    look = hand.look()
    tables = look.schema.tables
    keys = sum(len(table.foreign_keys) for table in tables)
    story.say(
        f"Built an older copy of an ERP: {len(tables)} tables, {sum(len(t.columns) for t in tables)} columns, "
        f"{keys} foreign keys, {sum(len(t.indexes) for t in tables)} indexes, {look.total_rows:,} rows. "
        f"The schema it should have, with {len(erp.entities)} tables, stands in SQL files."
    )
    story.claim(f"every one of the {len(tables)} tables has rows", all(look.rows.values()))
    return look


def _show_drift(hand: Stagehand, desired: str) -> None:
    hand.story.chapter("Drift: what differs", "lockgate drift --desired schema/")
    report = hand.drift(desired)
    hand.story.say(summarize_drift(report))
    kinds = Counter(entry.kind.replace("_", " ") for entry in report.changes)
    hand.story.say(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    rows = tuple((e.severity.value, e.kind, e.object, e.before, e.after) for e in report.changes)
    hand.story.show(Folded(f"All {len(rows)}", (Table(("severity", "kind", "object", "live", "desired"), rows),)))
    hand.story.claim("the live database is not as declared", report.status is DriftStatus.DRIFT)


def _make_plan(hand: Stagehand, desired: str) -> Plan:
    renames = " ".join(f"--rename {hint}" for hint in RENAME_HINTS)
    hand.story.chapter(
        "Plan: the way there, and back", f"lockgate plan --desired schema/ --allow all {renames} -o plan.json"
    )
    plan = hand.plan(desired, RENAME_HINTS)
    hand.write_plan(plan, "plan")
    for stage in plan.stages:
        hand.story.say(stage_line(stage))
    hazards = Counter(hazard.kind.value for step in plan.steps for hazard in step.hazards)
    hand.story.say("Hazards that had to be allowed: " + ", ".join(f"{n} {kind}" for kind, n in sorted(hazards.items())))
    hand.story.say(f"The plan was {proof_line(plan)}.")
    hand.story.claim("the plan was proven on a scratch copy before it was written", plan.proof.is_replayed)
    return plan


def _dry_run(hand: Stagehand, plan: Plan, start: Look) -> None:
    hand.story.chapter("Dry run: exactly the SQL that would be sent", "lockgate apply plan.json --dry-run")
    result = hand.apply(plan, is_dry_run=True)
    hand.story.say(f"{len(result.statements)} statements; the connection is read-only and the pre-checks pass.")
    script = "\n".join(f"{text.rstrip().rstrip(';')};" for text in result.statements)
    hand.story.show(Folded("All statements", (Code(script),)))
    after = hand.look()
    is_same = after.fingerprint == start.fingerprint and after.checksums == start.checksums
    hand.story.claim("nothing changed: schema and rows are as before", is_same)


def _apply_by_stages(hand: Stagehand, plan: Plan, start: Look) -> RunResult:
    hand.story.chapter("Apply, stage by stage", "lockgate apply plan.json --stage 1 --yes   # then 2, then 3")
    first: RunResult | None = None
    done: RunResult | None = None
    for stage in plan.stages:
        done = hand.apply(plan, stage=stage.number)
        first = first or done
        live = hand.look([]).fingerprint
        hand.story.say(f"Stage {stage.number} {stage.name}: {done.message}")
        if stage.expected:
            hand.story.claim(
                f"after stage {stage.number} the schema is the one the plan foretold", live == stage.expected
            )
    assert first is not None and done is not None
    look = hand.look()
    kept = {key: (count, look.rows[key]) for key, count in start.rows.items() if key in look.rows}
    moved = len(start.rows) - len(kept)
    hand.story.claim(
        f"all {len(kept)} tables that kept their names have as many rows as before",
        all(before == after for before, after in kept.values()),
    )
    parked = f" {len(done.parked)} objects are parked, not dropped." if done.parked else ""
    hand.story.say(f"{moved} tables were renamed or parked.{parked}")
    return first


def _verify(hand: Stagehand, plan: Plan, desired: str) -> None:
    hand.story.chapter("Verify", "lockgate verify; lockgate drift --desired schema/")
    report = verify_live(hand.engine, hand.target, plan=plan)
    hand.story.claim(f"verify says {report.status}", report.status == "ok")
    drift = hand.drift(desired)
    hand.story.claim(f"drift says {drift.status.value}", drift.status is DriftStatus.IN_SYNC)
    again = hand.plan(desired)
    hand.story.claim(f"a second plan has {len(again.steps)} steps", again.is_empty)


def _fail_and_roll_back(hand: Stagehand, erp: Erp) -> None:
    hand.story.chapter("A change that fails half-way", "lockgate apply broken-plan.json --yes")
    desired = hand.write_desired(extend_erp(erp), "schema-next")
    broken, steps_before = break_plan(hand.plan(desired))
    hand.write_plan(broken, "broken-plan")
    hand.story.say(
        f"The next plan has {len(broken.steps) - 1} steps. Into a copy of it goes a statement that the server must "
        f"refuse, after {steps_before} of them."
    )
    before = hand.look()
    try:
        result = hand.apply(broken)
    except FailedError as error:
        hand.story.say(f"It failed: {error.what}. Cause: {' '.join(error.cause.split()) or 'see above'}.")
        hand.story.say(f"State: {error.state or 'not told'}.")
        hand.story.claim("the run failed and said so (exit code 6)", error.exit_code == 6)
    else:
        hand.story.claim(f"the run failed and said so (it said {result.state})", False)
    after = hand.look()
    hand.story.claim("it rolled itself back: the schema is as before", after.fingerprint == before.fingerprint)
    hand.story.claim("and so is every row of every table", after.checksums == before.checksums)


def _roll_back(hand: Stagehand, first: RunResult, start: Look) -> None:
    checkpoint = (*first.checkpoints, first.checkpoint)[0]
    hand.story.chapter("Roll back the first run", f"lockgate rollback --to {checkpoint} --yes")
    options = RollbackOptions(scratch=hand.scratch)
    result = roll_back(hand.engine, hand.target, checkpoint, options, hand.new_observer())
    hand.story.say(result.message)
    for note in (*result.notes, *result.rows):
        hand.story.say(note)
    live = hand.look([]).fingerprint
    hand.story.claim("the schema is the one it began with", live == start.fingerprint)


def _prove(hand: Stagehand, start: Look) -> None:
    hand.story.chapter("Proof: no row was lost")
    tables = list(start.rows)
    end = hand.look(tables)
    lost = [key for key in tables if end.rows.get(key) != start.rows[key]]
    changed = [key for key in tables if end.checksums.get(key) != start.checksums[key]]
    rows = tuple(
        (key.path, f"{start.rows[key]:,}", f"{end.rows.get(key, 0):,}", "equal" if key not in changed else "DIFFERENT")
        for key in tables
    )
    hand.story.show(
        Folded("Every table", (Table(("table", "rows before", "rows now", "checksum of all values"), rows),))
    )
    hand.story.say(f"Compared {len(tables)} tables with {start.total_rows:,} rows before and {end.total_rows:,} now.")
    hand.story.claim("every table has as many rows as at the start" + _named(lost), not lost)
    hand.story.claim("every value in every row is as at the start" + _named(changed), not changed)
    extra = sorted({table_key(t).path for t in end.schema.tables} - {key.path for key in tables})
    hand.story.claim("no table is left over" + (f" ({', '.join(extra)})" if extra else ""), not extra)


def _named(keys: list[Key]) -> str:
    return f" (not so: {', '.join(key.path for key in keys[:5])})" if keys else ""
