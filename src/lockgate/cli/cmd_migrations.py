"""``lockgate migrations``: work on a folder of migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import scratch_options
from lockgate.errors import ConfigError

if TYPE_CHECKING:
    from lockgate.workflow.renumber import Renumbered


@click.group("migrations", short_help="Work on a migrations folder: renumber what shares a number.")
def command() -> None:
    """Work on a migrations folder: renumber what shares a number. `lockgate validate` tells what is wrong with one."""


@make_command("renumber", "Give migrations that share a number new ones, as one git commit.", has_scratch=True)
@click.argument("folder", metavar="[FOLDER]", required=False)
@click.option("--dry-run", is_flag=True, help="Print the proposal and change nothing.")
@click.option("--keep", metavar="FILE", multiple=True, help="This one of several was applied and keeps its number.")
@click.option("--offline", is_flag=True, help="Look at no database, though one is configured.")
def renumber(face: Face, folder: str | None, dry_run: bool, keep: tuple[str, ...], offline: bool) -> int:
    """What a database has applied keeps what its tool knows it by. The new numbers are tried on a copy of the folder
    first; the git tree must be clean, and `git revert` undoes the commit."""
    from lockgate.workflow.renumber import renumber as run
    from lockgate.workflow.subject import ValidateOptions

    configured = face.settings.target or face.settings
    text = folder or configured.migrations
    if not text:
        raise ConfigError(
            "no migrations folder is given",
            where="FOLDER",
            cause="neither the argument nor lockgate.toml names one",
            state="nothing was renamed",
            hint="lockgate migrations renumber --dry-run FOLDER",
        )
    target = None if offline or face.settings.target is None else face.target.target
    done = run(
        ValidateOptions(target=target, migrations=text.removeprefix("migrations:"), scratch=scratch_options(face)),
        keep=keep,
        is_dry_run=dry_run,
    )
    if face.output_format == "json":
        face.show_json(_document(done))
    else:
        face.show(_text(done, dry_run))
    return 0


def _document(done: Renumbered) -> dict[str, Any]:
    proposal = done.proposal
    return {
        "format_version": 1,
        "folder": done.folder.path,
        "database": done.database,
        "changes": [{"before": before, "after": after} for before, after in proposal.changes],
        "renames": [{"before": before, "after": after} for before, after in proposal.renames],
        "notes": list(proposal.notes),
        "proof": done.proof,
        "commit": done.commit,
    }


def _text(done: Renumbered, is_dry_run: bool) -> str:
    proposal = done.proposal
    lines = [f"left alone: {note}" for note in proposal.notes]
    if not proposal.changes:
        return "\n".join([*lines, f"nothing to do: no number in {done.folder.path} can be given anew"])
    width = max(len(before) for before, _ in proposal.changes)
    lines += [f"{before:{width}} -> {after}" for before, after in proposal.changes]
    others = [pair for pair in proposal.renames if pair not in proposal.changes]
    lines += [f"  with it  {before} -> {after}" for before, after in others]
    lines += [f"  with it  {done.folder.journal}"] if proposal.journal else []
    looked = f"the database {done.database} was looked at" if done.database else "no database was looked at"
    lines += ["", f"proof: {done.proof}", f"applied history: {looked}"]
    if is_dry_run:
        lines.append("nothing was changed; without --dry-run this becomes one git commit")
    else:
        lines += [f"committed {done.commit[:12]}", f"undo it: git revert {done.commit[:12]}"]
    return "\n".join(lines)


command.add_command(renumber)
