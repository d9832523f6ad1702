"""The git program: run without prompts, never with force; what it says when it fails becomes an error."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import FailedError, RefusedError
from lockgate.outside.shell import ShellResult, run_argv

_FORCING = re.compile(
    r"^(--force(-with-lease|-if-includes)?(=.*)?|--mirror|--delete|--prune|-[a-zA-Z]*[fd][a-zA-Z]*|\+.*|:.+)$"
)
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_OPTIONAL_LOCKS": "0"}
_NO_PROMPT = {**_QUIET, "GIT_ASKPASS": "true"}


@dataclass(frozen=True)
class GitAnswer:
    """What git answered: its exit code (None: not run, or ended after its time), stdout exactly, and its complaint."""

    code: int | None
    data: bytes = b""
    complaint: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether it ended by itself with 0."""
        return self.code == 0

    @property
    def text(self) -> str:
        """Stdout as text."""
        return self.data.decode(errors="replace")


def ask_git(
    folder: Path,
    *words: str,
    data: bytes = b"",
    environment: Mapping[str, str] | None = None,
    timeout_s: float | None = 60.0,
) -> GitAnswer:
    """Ask git one thing where stdout must be had exactly, apart from stderr; never raises for what it answers.

    Args:
        data: What it reads on stdin.
        environment: Its whole environment, by default ours. Nothing is asked on the terminal, words are English.
        timeout_s: Seconds until it is ended; None for a commit, whose hooks may take theirs.
    """
    given = os.environ if environment is None else environment
    try:
        done = subprocess.run(
            ("git", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", *words),
            cwd=folder,
            env={**given, **_QUIET, "LC_ALL": "C"},
            input=data,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return GitAnswer(None, complaint=f"git {words[0]} gave no answer within {timeout_s:g} s")
    except OSError as error:
        return GitAnswer(None, complaint=f"git cannot be run: {error.strerror}")
    # Hooks of a commit speak on either stream.
    complaint = (done.stderr.strip() or done.stdout.strip()) if done.returncode else b""
    return GitAnswer(done.returncode, done.stdout, complaint.decode(errors="replace"))


@dataclass(frozen=True)
class Git:
    """The repository that a folder is in, with the environment its programs get."""

    folder: Path
    environment: Mapping[str, str]
    timeout_s: float = 300.0

    def run(self, *words: str) -> ShellResult:
        """Run git with these words; never raises for what it answers."""
        return run_argv(
            ("git", *words),
            folder=self.folder,
            environment={**self.environment, **_NO_PROMPT},
            timeout_s=self.timeout_s,
        )

    def get(self, *words: str) -> str:
        """Return what git prints.

        Raises:
            FailedError: It failed, with its words.
        """
        done = self.run(*words)
        if not done.is_ok:
            raise FailedError(
                f"git {words[0]} failed",
                where=str(self.folder),
                cause=(done.error or done.output.strip())[-500:],
                state="the commits that were there are there",
            )
        return done.output.strip()

    def resolve(self, name: str) -> str:
        """Return the commit that a name stands for; empty when there is none."""
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return done.output.strip() if done.is_ok else ""

    def tree(self, name: str) -> str:
        """Return the tree of a commit: equal trees hold equal files."""
        return self.get("rev-parse", "--verify", "--end-of-options", f"{name}^{{tree}}")

    def branch(self) -> str:
        """Return the branch that is checked out; empty when none is."""
        done = self.run("symbolic-ref", "--quiet", "--short", "HEAD")
        return done.output.strip() if done.is_ok else ""

    def check_clean(self) -> None:
        """Refuse a tree with changes: what is taken back must be commits alone.

        Raises:
            RefusedError: It is not clean.
        """
        changed = self.get("status", "--porcelain", "--untracked-files=no")
        if changed:
            raise RefusedError(
                "the git tree is not clean",
                where=str(self.folder),
                cause="; ".join(changed.splitlines()[:8]),
                state="nothing was touched",
                hint="commit or stash these changes first",
            )


def find_force(words: Sequence[str]) -> str:
    """Return the word that would overwrite or delete what others have, in whatever spelling; empty when none does.

    ``--force``, ``-f`` (also among others: ``-uf``), ``--force-with-lease``, ``+branch``, ``:branch``, ``--mirror``,
    ``--delete``, ``--prune``.
    """
    return next((word for word in words if _FORCING.match(word)), "")


def refuse_force(words: Sequence[str]) -> None:
    """Refuse to push with force.

    Raises:
        RefusedError: A word asks for it.
    """
    found = find_force(words)
    if found:
        raise RefusedError(
            f"a push with {found} would overwrite or delete what others have",
            state="nothing was pushed",
            hint="go back by revert commits: do: {git: {do: revert, commits: run}}",
        )
