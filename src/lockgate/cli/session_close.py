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
    from lockgate.cli.session_ending import close_session
    from lockgate.cli.sessions import open_registry, show_session

    registry = open_registry(face)
    closed, notes = close_session(face, registry, session, done, deferred, is_all=is_all, is_committing=not no_commit)
    show_session(face, closed, registry.place, notes=notes)
    return 0
