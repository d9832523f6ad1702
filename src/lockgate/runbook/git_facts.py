"""Ask git what a run's commits changed, where its tags point, and what is uncommitted; only reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lockgate.model.procedure import Entry, effects_of
from lockgate.model.procedure_report import ChangedFile
from lockgate.outside.git import ask_git
from lockgate.outside.shell import build_environment
from lockgate.report.procedure.material import GitFacts, text_of

_LONGEST_S = 20.0
_MOST_HASHED = 2_000


def git_facts(
    folder: Path, entries: Sequence[Entry], environ: Mapping[str, str] | None = None, *, apart: Path | None = None
) -> GitFacts:
    """Return what git says of the run; where it cannot be asked, the note says why.

    Files within ``apart`` (Lockgate's own folder) are not counted as uncommitted.
    """
    git = _Git(folder, environ if environ is not None else os.environ)
    if git.text("rev-parse", "--git-dir") is None:
        return GitFacts(note=f"not known: {git.why.removeprefix('fatal: ') or 'the runbook is in no git repository'}")
    first = text_of(entries[0].body, "commit") if entries else ""
    commits = [text_of(entry.body, "id") for entry in effects_of(entries, "commit")]
    tags = [text_of(entry.body, "id") for entry in effects_of(entries, "tag")]
    facts = GitFacts(
        tags={tag: found for tag in tags if (found := git.commit(f"refs/tags/{tag}"))},
        first=first,
        last=commits[-1] if commits else "",
        uncommitted=_uncommitted(git, apart),
        note="",
    )
    if not commits:
        return _with(facts, (), "the run made no commit")
    if not git.commit(first):
        return _with(facts, (), "not known: the commit the run began at is not recorded, or not in the repository")
    return _with(facts, tuple(_changed(git, first, commits[-1])), git.why)


def _uncommitted(git: _Git, apart: Path | None) -> int | None:
    root = git.text("rev-parse", "--show-toplevel")
    listed = git.bytes("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    if root is None or listed is None:
        return None
    names = [line[3:] for line in listed.decode(errors="replace").split("\0") if line]
    own = apart.resolve() if apart is not None else None
    return sum(own is None or not (Path(root) / name).resolve().is_relative_to(own) for name in names)


def _with(facts: GitFacts, files: tuple[ChangedFile, ...], note: str) -> GitFacts:
    return GitFacts(files, facts.tags, facts.first, facts.last, facts.uncommitted, note)


def _changed(git: _Git, first: str, last: str) -> Iterator[ChangedFile]:
    listed = git.bytes("diff", "--name-status", "-z", first, last)
    parts = (listed or b"").decode(errors="replace").split("\0")
    number, place = 0, 0
    while place + 1 < len(parts):
        status = parts[place]
        is_moved = status[:1] in ("R", "C")
        name = parts[place + 2] if is_moved else parts[place + 1]
        purpose = f"was {parts[place + 1]}" if is_moved else ""
        place += 3 if is_moved else 2
        number += 1
        data = git.bytes("cat-file", "blob", f"{last}:{name}") if status != "D" and number <= _MOST_HASHED else None
        yield ChangedFile(status[:1], name, purpose, hashlib.sha256(data).hexdigest() if data is not None else "")


class _Git:
    """Asks git in a folder; ``why`` is the last reason nothing was answered."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder, self.why = folder, ""
        self.environment = build_environment(environ)

    def bytes(self, *words: str) -> bytes | None:
        done = ask_git(self.folder, *words, environment=self.environment, timeout_s=_LONGEST_S)
        if done.is_ok:
            return done.data
        self.why = (done.complaint.splitlines() or ["git failed"])[0]
        return None

    def text(self, *words: str) -> str | None:
        data = self.bytes(*words)
        return None if data is None else data.decode(errors="replace").strip()

    def commit(self, name: str) -> str:
        """Return the commit a name stands for, empty when it stands for none."""
        return (self.text("rev-parse", "--verify", "-q", f"{name}^{{commit}}") or "") if name else ""
