"""``lockgate restore``: bring a backup back beside the database, compare it, then swap."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.backups import identity_option, open_repository, read_identities
from lockgate.cli.confirm import confirm_loss, has_terminal
from lockgate.cli.face import Face, make_command
from lockgate.errors import ConfigError, Interrupted

if TYPE_CHECKING:
    from lockgate.backup.repository import Backup, Repository
    from lockgate.model.restore import RestorePlan
    from lockgate.workflow.restore_plan import RestoreOptions


@make_command("restore", "Bring a backup back beside the database, compare it, then swap.", has_scratch=True)
@click.argument("backup", metavar="[BACKUP]", default="")
@click.option("--backup-file", metavar="FILE", help="The backup's folder, or a file in it; the same as BACKUP.")
@click.option("--store", metavar="URL", help="Fetch the backup from this store first, also in a dry run.")
@click.option("--dry-run", is_flag=True, help="Print what would be lost, every step and statement; touch nothing.")
@click.option("--verify/--no-verify", default=True, help="Compare rows and schema before and after the swap (default).")
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only this table, into a database beside.")
@click.option("--into", metavar="NAME", help="Into a new database of this name (SQLite: file); nothing is replaced.")
@click.option("--confirm", metavar="NAME", help="The target's name: needed to replace it.")
@click.option("--force", is_flag=True, help="Ask no questions; all checks are made all the same, and it is noted.")
@click.option("--lock-wait", type=click.FloatRange(0), default=30.0, help="Seconds to wait for others to let go (30).")
@click.option("--resume", is_flag=True, help="Go on with a restore that was killed.")
@click.option("--abort", is_flag=True, help="Give up a restore that was killed; the old database is in place then.")
@click.option("--undo", is_flag=False, flag_value="latest", metavar="[ID]", help="Swap the old database in again.")
@click.option("--drop-kept", metavar="ID", help="Drop the old database that a restore kept, for good.")
@click.option("--list", "is_list", is_flag=True, help="List the restores and what they keep.")
@identity_option
def command(
    face: Face,
    backup: str,
    backup_file: str | None,
    store: str | None,
    dry_run: bool,
    verify: bool,
    tables: tuple[str, ...],
    into: str | None,
    confirm: str | None,
    force: bool,
    lock_wait: float,
    resume: bool,
    abort: bool,
    undo: str | None,
    drop_kept: str | None,
    is_list: bool,
    identity: str | None,
) -> int:
    """BACKUP is an id, latest, verified, or a folder. The backup is verified before anything is stopped; it is loaded
    beside the live database and compared with its manifest (rows, checksums, schema), and only then swapped in by name.
    The old database stays as NAME__before_ID until it is dropped. A failure at any point leaves the old one as it was.
    Exit code 4 when it was refused, 6 when it failed and the old one is in place, 7 when a person must look."""
    from lockgate.cli.restore_ways import drop, go_back, show_list, show_result

    repository = open_repository(face)
    if is_list:
        return show_list(face, repository)
    options = _options(face, verify=verify, force=force, tables=tables, into=into, lock_s=lock_wait, identity=identity)
    if resume or abort or undo is not None:
        return go_back(face, repository, options, is_resume=resume, is_abort=abort, restore=undo, confirm=confirm)
    if drop_kept is not None:
        return drop(face, repository, drop_kept, confirm)
    found = _find(face, repository, backup, backup_file, store)
    from lockgate.workflow.restore import restore
    from lockgate.workflow.restore_plan import plan_restore

    target = face.target
    plan = plan_restore(face.engine, target.target, repository, found, options)
    if dry_run:
        return _show_plan(face, plan)
    if options.is_swapped:
        for line in _lines_of_loss(plan):
            face.talk.say(line)
        confirm_loss(target, f"replace it with {found.id}", confirm)
        _ask(plan, force)
    result = restore(face.engine, target.target, repository, found, plan, options, face.talk.say)
    return show_result(face, result)


def _options(
    face: Face, *, verify: bool, force: bool, tables: tuple[str, ...], into: str | None, lock_s: float,
    identity: str | None,
) -> RestoreOptions:  # fmt: skip
    from lockgate.cli.approval import current_actor
    from lockgate.engine.base import ScratchOptions
    from lockgate.model.schema import Key
    from lockgate.workflow.restore_plan import RestoreOptions

    return RestoreOptions(
        is_checked=verify,
        is_forced=force,
        tables=tuple(Key("table", *name.rpartition(".")[::2]) for name in tables),
        into=into or "",
        identities=read_identities(face, identity),
        settings=face.target.backup,
        scratch=ScratchOptions(url=face.scratch.url or face.target.scratch_url, holds_rows=True),
        lock_s=lock_s,
        operator=current_actor(),
    )


def _find(face: Face, repository: Repository, name: str, file: str | None, store: str | None) -> Backup:
    """Return the backup that is named; by the path of its folder, of its manifest or of any file in it.

    Raises:
        ConfigError: None is named, or two are.
    """
    if bool(name) == bool(file):
        raise ConfigError(
            "restore needs to know which backup",
            where="lockgate restore",
            cause="name it once: as BACKUP or with --backup-file" if name else "none is named, and there is no default",
            state="nothing was touched",
            hint="lockgate backup list, then lockgate restore BACKUP (or latest, or verified)",
        )
    if store and file:
        raise ConfigError(
            "a file is on this machine and not in a store",
            where="--store",
            cause="--backup-file and --store exclude each other",
            state="nothing was touched",
            hint="lockgate backup list --store URL, then lockgate restore BACKUP --store URL",
        )
    if store:
        from lockgate.cli.stores import open_one
        from lockgate.workflow.store_backup import fetch_into

        return fetch_into(open_one(face, store), repository, name, face.talk.say)[-1]
    wanted = file or name
    if store:
        from lockgate.cli.stores import open_one
        from lockgate.workflow.store_backup import fetch_into

        return fetch_into(open_one(face, store), repository, wanted, face.talk.say)[-1]
    path = Path(wanted).expanduser()
    if path.is_file():
        inside = [folder for folder in (path.parent, path.parent.parent) if (folder / "manifest.json").is_file()]
        wanted = str(inside[0]) if inside else wanted
    return repository.find(wanted)


def _ask(plan: RestorePlan, is_forced: bool) -> None:
    """Ask what the plan leaves open, one by one.

    Raises:
        ConfigError: There is nobody to ask. Interrupted: The answer was no.
    """
    for question in plan.questions:
        if is_forced:
            continue
        if not has_terminal():
            raise ConfigError(
                "restoring needs an answer and there is no terminal to ask on",
                where=plan.target,
                cause=question,
                state="nothing was touched",
                hint="repeat the command with --force, which asks nothing and still makes every check",
            )
        if not click.confirm(f"{question}: go on?", default=False, err=True):
            raise Interrupted("you answered no", where=plan.target, state="nothing was touched")


def _show_plan(face: Face, plan: RestorePlan) -> int:
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(plan))
        return 0
    head = f"dry run: restoring {plan.backup} ({plan.kind}) over {plan.target}"
    if not plan.kept:
        head = f"dry run: restoring {plan.backup} ({plan.kind}) into {plan.side}"
    lines = [head, *_lines_of_loss(plan), "", "steps:"]
    lines += [f"  {number:2}. {step}" if not step.startswith("  ") else f"      {step.strip()}"
              for number, step in _numbered(plan.steps)]  # fmt: skip
    face.show("\n".join([*lines, "", "nothing was touched"]))
    return 0


def _numbered(steps: tuple[str, ...]) -> list[tuple[int, str]]:
    number, found = 0, []
    for step in steps:
        number += 0 if step.startswith("  ") else 1
        found.append((number, step))
    return found


def _lines_of_loss(plan: RestorePlan) -> list[str]:
    """Say what the live database would not have any more, and what is known of the backup."""
    proven = "verified" if plan.is_verified else "not verified yet: that comes first"
    lines = [f"backup:      of {plan.snapshot_at}, {proven}"]
    if plan.kept:
        lines.append(f"data loss:   what was written in the last {_span(plan.age_s)}; the old one is kept: {plan.kept}")
        for item in plan.lost[:20]:
            lines.append(f"             {_row(item.table, item.now, item.backup)}")
        if len(plan.lost) > 20:
            lines.append(f"             and {len(plan.lost) - 20} more tables")
        lines.append(f"swap:        {plan.swap}")
    if plan.sessions:
        lines.append(f"connected:   {len(plan.sessions)}: {'; '.join(plan.sessions[:3])}")
    if plan.estimate_s >= 0:
        lines.append(f"estimate:    {plan.estimate_s:.1f} s, as the last test restore took")
    lines += [f"warning:     {text}" for text in plan.warnings]
    return lines


def _row(table: str, now: int, backup: int) -> str:
    if backup < 0:
        return f"{table}: {now} rows now, not in the backup"
    if now < 0:
        return f"{table}: not there now, {backup} rows in the backup"
    return f"{table}: {now} rows now, {backup} in the backup"


def _span(seconds: float) -> str:
    if seconds < 0:
        return "unknown time"
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
