"""``lockgate session close``: archive, validate and commit, in one commit."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("close", "End the work: archive, validate and commit in one commit.")
@click.argument("session", metavar="SESSION")
@click.option("--done", multiple=True, metavar="TEXT", help="What was done, for the commit's message.")
@click.option("--deferred", multiple=True, metavar="TEXT", help="What was not done and is put off.")
@click.option("--all", "is_all", is_flag=True, help="Commit every change of the work tree, not only what was claimed.")
@click.option("--no-commit", is_flag=True, help="Leave the files for a commit of yours.")
def command(
    face: Face, session: str, done: tuple[str, ...], deferred: tuple[str, ...], is_all: bool, no_commit: bool
) -> int:
    """The session's file is moved to completed, its row removed, both validated, and committed together with what is
    staged and with changed files that the session claimed. Of a run's session, what was done and deferred comes from
    the run's journal. A second call does nothing."""
    from lockgate.cli.journals import read_outcome
    from lockgate.cli.sessions import docs_folder, open_registry, show_session, utc_now
    from lockgate.coordinate.sessions import find_session
    from lockgate.model.procedure import TaskState
    from lockgate.runbook.closing import Closing, close_session

    registry = open_registry(face)
    run = find_session(registry.read(), session).run
    folder = face.settings.state_dir / "procedures" / run
    journal = read_outcome(folder) if run and folder.is_dir() else None
    missing = (f"the journal of run {run} is not on this machine",) if run and journal is None else ()
    closing = Closing(
        folder=face.settings.folder,
        docs=docs_folder(face),
        now=utc_now,
        done=(*done, *(journal.titles(TaskState.DONE) if journal else ())),
        deferred=(*deferred, *(journal.left_out if journal else ())),
        is_all=is_all,
        is_committing=not no_commit,
    )
    closed, notes = close_session(registry, session, closing)
    show_session(face, closed, registry.place, notes=(*notes, *missing))
    return 0
