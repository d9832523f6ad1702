"""Give migrations that share a number new ones: propose, prove on a copy, and apply as one git commit."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.errors import InputError, RefusedError
from lockgate.source.migrations.check import check_folder
from lockgate.source.migrations.detect import detect_tool, read_folder, split_question
from lockgate.source.migrations.folder import Folder
from lockgate.source.migrations.renumber import AppliedState, Proposal, propose
from lockgate.source.migrations.rules import DUPLICATE
from lockgate.verify.migrations.history import History
from lockgate.workflow.git_commit import Repository
from lockgate.workflow.replay_folder import Replayed, replay_folder
from lockgate.workflow.subject import Subject, ValidateOptions


@dataclass(frozen=True)
class Renumbered:
    """The proposal, how it was proven, what database was looked at (or none), and the commit when it was applied."""

    folder: Folder
    proposal: Proposal
    proof: str
    database: str = ""
    commit: str = ""


def renumber(options: ValidateOptions, *, keep: tuple[str, ...] = (), is_dry_run: bool) -> Renumbered:
    """Propose, prove, and without ``is_dry_run`` apply.

    Raises:
        InputError: The folder cannot be read.
        RefusedError: It would break what was applied, cannot be proven, or git's tree is not clean.
    """
    with ExitStack() as stack:
        subject = Subject(options, stack)
        folder = subject.folder
        if folder.tool.is_program:
            raise InputError(
                f"{folder.tool.title} names its migrations itself",
                where=folder.path,
                state="nothing was renamed",
                hint="use the tool's own merge command",
            )
        has_database = options.target is not None
        proposal = propose(folder, _applied(subject) if has_database else None, keep)
        database = options.target.name if options.target else ""
        if not proposal.renames:
            return Renumbered(folder, proposal, "", database)
        proof = _prove(subject, folder, proposal)
        if is_dry_run:
            return Renumbered(folder, proposal, proof, database)
        if not has_database and not folder.journal:
            raise RefusedError(
                "whether a database has applied these migrations is not known",
                where=folder.path,
                cause=f"{folder.tool.title} knows an applied migration by its number, and no database was given",
                state="nothing was renamed",
                hint="add --url of the database, the one that is furthest ahead",
            )
        return Renumbered(folder, proposal, proof, database, _apply(folder, proposal))


def _applied(subject: Subject) -> AppliedState:
    history, folder = subject.history, subject.folder
    if history.findings:
        raise RefusedError(
            "what the database applied cannot be read",
            where=history.table,
            cause=history.findings[0].message,
            state="nothing was renamed",
        )
    return AppliedState(_applied_ids(history, folder), {row.id: row.hash for row in history.applied})


def _applied_ids(history: History, folder: Folder) -> frozenset[str]:
    """Return the applied ids; where the tool keeps the newest alone, all up to it."""
    ids = {row.id for row in history.applied}
    newest = [row.id for row in history.applied if row.is_newest]
    if newest and newest[0].isdigit():
        ids |= {m.id for m in folder.migrations if m.id.isdigit() and int(m.id) <= int(newest[0])}
    return frozenset(ids)


def _prove(subject: Subject, folder: Folder, proposal: Proposal) -> str:
    """Rename in a copy and read that: no number twice, and the same texts in the same order, or the same sum.

    Raises:
        RefusedError: It cannot be proven.
    """
    with tempfile.TemporaryDirectory(prefix="lockgate-renumber-") as place:
        copy = Path(place) / Path(folder.path).resolve().name
        shutil.copytree(folder.path, copy, symlinks=True)
        for before, after in proposal.renames:
            (copy / after).parent.mkdir(parents=True, exist_ok=True)
            (copy / before).rename(copy / after)
        if proposal.journal:
            (copy / Path(folder.journal).relative_to(folder.path)).write_text(proposal.journal, encoding="utf-8")
        tool = detect_tool(split_question(subject.options.migrations)[0])[0]
        renamed = read_folder(f"{tool}:{copy}")
        if any(f.code == DUPLICATE.code for f in check_folder(renamed)) and not proposal.notes:
            raise _unproven(folder, "a number would still be used twice")
        if _sequence(renamed) == _sequence(folder):
            return f"the same {len(folder.runs)} texts run in the same order with the same hashes and times"
        if subject.options.target is None:
            return "not proven: the order changes, and no database is given whose version could replay the folder"
        return _prove_sum(subject, folder, renamed)


def _sequence(folder: Folder) -> list[tuple[tuple[str, ...], int, str]]:
    return [(migration.hashes, migration.when, migration.text) for migration in folder.runs]


def _prove_sum(subject: Subject, folder: Folder, renamed: Folder) -> str:
    before = subject.replayed
    after = replay_folder(renamed, subject.engine, subject.scratch(), name="renumbered")
    for replayed, words in ((before, "as it is"), (after, "renumbered")):
        if replayed.schema is None:
            raise _unproven(folder, f"{words}, the folder does not run to its end: {_reason(replayed)}")
    assert before.schema is not None and after.schema is not None
    changes = diff_schemas(before.schema, after.schema)
    if changes:
        names = ", ".join(describe_change(change).object for change in changes[:5])
        raise _unproven(folder, f"the folder would add up to another schema: {names}")
    return f"replayed before and after, {after.migrations} migrations add up to the same schema"


def _reason(replayed: Replayed) -> str:
    if replayed.failure is not None:
        return f"{replayed.failure.place}: {replayed.failure.message}"
    return replayed.unknown[0] if replayed.unknown else ""


def _unproven(folder: Folder, cause: str) -> RefusedError:
    return RefusedError("the new numbers cannot be proven", where=folder.path, cause=cause, state="nothing was renamed")


def _apply(folder: Folder, proposal: Proposal) -> str:
    repository = Repository(Path(folder.path))
    repository.check_clean()
    repository.check_tracked([before for before, _ in proposal.renames])

    def change(work: Repository) -> None:
        for before, after in proposal.renames:
            work.move(before, after)
        if proposal.journal:
            journal = Path(folder.journal).relative_to(folder.path)
            (Path(folder.path) / journal).write_text(proposal.journal, encoding="utf-8")
            work.add(str(journal))

    count = len(proposal.changes)
    listed = "\n".join(f"{before} -> {after}" for before, after in proposal.changes)
    title = f"migrations: new numbers for {count} migration{'s' if count > 1 else ''} that shared one"
    return repository.commit(f"{title}\n\n{listed}", change)
