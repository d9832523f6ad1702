"""The groups of checks ``migrations``, ``history``, ``replay`` and ``agreement``."""

from __future__ import annotations

from lockgate.diff.agreement import DECLARED, FOLDER, LIVE, compare_sides, iter_unmanaged
from lockgate.errors import ScratchUnavailable, SourceError, UnreadSource
from lockgate.model.finding import Checked
from lockgate.model.schema import Schema
from lockgate.source.bookkeeping import add_bookkeeping, select_bookkeeping
from lockgate.source.migrations.check import check_folder
from lockgate.source.migrations.sql import check_marks, find_unread
from lockgate.verify.migrations.check import check_history, is_list_open, late_of
from lockgate.verify.migrations.half import find_half_applied
from lockgate.workflow.subject import Subject


def run_folder(subject: Subject) -> Checked:
    """Check the folder on its own. With a database at hand, it also tells what became of out-of-order migrations."""
    folder = subject.folder
    has_database = subject.options.target is not None
    late = late_of(folder, subject.history) if has_database else None
    marks = () if folder.tool.is_program else check_marks(folder, subject.engine if has_database else None)
    findings = (*check_folder(folder, late), *marks)
    checked = {"journal entries": len(folder.migrations) + len(folder.lost)} if folder.journal else {}
    return Checked(findings, {**checked, "migration files": folder.files})


def run_history(subject: Subject) -> Checked:
    """Compare the folder with what the database says was applied."""
    folder, history = subject.folder, subject.history
    findings = check_history(folder, history, subject.live)
    unknown = [finding.message for finding in history.findings]
    if is_list_open(folder) and history.applied:
        unknown.append(f"whether {folder.path} has every applied migration: parts of it cannot be read")
    checked = {"applied migrations": history.rows, "migrations compared with them": len(folder.migrations)}
    return Checked(findings, checked, tuple(unknown))


def run_replay(subject: Subject) -> Checked:
    """Run the folder from the first migration on in a scratch of the target's version."""
    folder = subject.folder
    if folder.tool.is_program:
        schema, _ = subject.folder_sum
        return Checked((), {"replayed migrations": len(folder.migrations), "tables made": len(schema.tables)})
    if find_unread(folder, subject.engine):
        return Checked((), {}, (f"not run: {folder.path} cannot be read as a whole",))
    done = subject.replayed
    findings = [done.failure] if done.failure else []
    if done.watched is not None:
        findings += find_half_applied(*done.watched, subject.live)
    return Checked(
        tuple(findings), {"replayed migrations": done.migrations, "statements": done.statements}, done.unknown
    )


def run_agreement(subject: Subject) -> Checked:
    """Compare the folder's sum, the declared schema and the live database pairwise."""
    sides: dict[str, Schema] = {LIVE: subject.live}
    names: tuple[str, ...] = ()
    unknown: list[str] = []
    for side, is_given in ((FOLDER, subject.options.migrations), (DECLARED, subject.options.desired)):
        if not is_given:
            continue
        try:
            declared = (subject.read.schema, subject.read.bookkeeping) if side == DECLARED else subject.folder_sum
            schema, kept = declared
            sides[side], names = schema, (*names, *kept)
        except (UnreadSource, SourceError, ScratchUnavailable) as error:
            unknown.append(f"{side}: {error}")
    if len(sides) == 1:
        return Checked((), {}, tuple(unknown))
    findings, count = compare_sides({name: _with_own(schema, subject.live, names) for name, schema in sides.items()})
    return Checked(findings, {"compared objects": count}, (*unknown, *iter_unmanaged(sides)))


def _with_own(schema: Schema, live: Schema, names: tuple[str, ...]) -> Schema:
    """Add the live tables that the tools keep for themselves, so that they are no difference."""
    kept = select_bookkeeping(live, schema, names)
    return add_bookkeeping(schema, kept) if kept.tables and schema is not live else schema
