"""The one commit that ends a session: its archive and what it changed, with a message made of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lockgate.coordinate.globs import patterns_overlap
from lockgate.errors import FailedError
from lockgate.model.session import WorkSession
from lockgate.outside.git import ask_git
from lockgate.outside.redact import redact


def closing_message(session: WorkSession, done: Sequence[str], deferred: Sequence[str]) -> str:
    """Return the commit's message; what was deferred is called deferred."""
    left = [] if done else [step.title for step in session.progress if not step.is_done]
    lines = [f"{session.task}: {session.title or 'work session closed'}", ""]
    lines += [f"- {title}" for title in done or [step.title for step in session.progress if step.is_done]]
    lines += [f"- deferred: {title}" for title in deferred]
    lines += [f"- not done: {title}" for title in left if title not in deferred]
    return "\n".join([*lines, "", f"Session: {session.id} archived"]).replace("\n\n\n", "\n\n") + "\n"


def is_repository(folder: Path) -> bool:
    """Tell whether a folder is in a git work tree."""
    return ask_git(folder, "rev-parse", "--is-inside-work-tree").text.strip() == "true"


def changed_files(folder: Path) -> tuple[str, ...]:
    """Return the files that differ from HEAD or are new, relative to the top of the work tree."""
    out = _must(folder, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    return tuple(entry[3:] for entry in out.split("\0") if len(entry) > 3)


def claimed_files(session: WorkSession, files: Sequence[str]) -> tuple[str, ...]:
    """Return the changed files that a session's claims are about."""
    patterns = [claim.object for claim in session.claims if claim.kind == "files"]
    return tuple(name for name in files if any(patterns_overlap(pattern, _literal(name)) for pattern in patterns))


def _literal(name: str) -> str:
    """Keep a real name from being read as a pattern."""
    return "".join("?" if char in "*?[{" else char for char in name)


def commit_closing(folder: Path, paths: Sequence[str], message: str) -> str:
    """Commit these paths (of the top of the work tree) and what is staged, as one commit; return its hash.

    Empty: there was nothing to commit.

    Raises:
        FailedError: git refused; what was staged stays staged.
    """
    top = Path(_must(folder, "rev-parse", "--show-toplevel").strip())
    if paths:
        _must(top, "add", "--all", "--", *(f":(literal){path}" for path in paths))
    if ask_git(top, "diff", "--cached", "--quiet").is_ok:
        return ""
    _must(top, "commit", "--quiet", "-m", message)
    return _must(top, "rev-parse", "HEAD").strip()


def top_of(folder: Path) -> Path:
    """Return the top of the work tree."""
    return Path(_must(folder, "rev-parse", "--show-toplevel").strip())


def _must(folder: Path, *arguments: str) -> str:
    done = ask_git(folder, *arguments, timeout_s=None)
    if not done.is_ok:
        raise FailedError(
            f"git {arguments[0]} refused",
            where=str(folder),
            cause=redact(done.complaint[-500:]),
            state="nothing was committed; the files of the export are written",
            hint="repair it and repeat the command",
        )
    return done.text
