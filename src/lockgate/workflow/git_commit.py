"""Make a change of files as one git commit in a clean tree, or leave the tree as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from lockgate.errors import ConfigError, RefusedError
from lockgate.outside.git import GitAnswer, ask_git

_GOING_ON = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


class Repository:
    """The git repository that a folder is in."""

    def __init__(self, folder: Path) -> None:
        """Find the repository.

        Raises:
            ConfigError: There is no git program.
            RefusedError: The folder is in no repository.
        """
        if shutil.which("git") is None:
            raise ConfigError("there is no git program", state="nothing was touched", hint="install git")
        self.folder = folder
        done = self._git("rev-parse", "--show-toplevel", may_fail=True)
        if not done.is_ok:
            raise _refused(
                "the folder is in no git repository", folder, done.complaint, "git init, add and commit first"
            )
        self.root = Path(done.text.strip())

    def check_clean(self) -> None:
        """Refuse a tree with changes, untracked files, or an operation going on: one commit must hold ours alone.

        Raises:
            RefusedError: It is not clean.
        """
        git_folder = Path(self._git("rev-parse", "--absolute-git-dir").text.strip())
        going_on = [name for name in _GOING_ON if (git_folder / name).exists()]
        if going_on:
            raise _refused("git is in the middle of something", self.root, going_on[0], "finish or abort it first")
        if not self._git("rev-parse", "--verify", "-q", "HEAD", may_fail=True).is_ok:
            raise _refused("the repository has no commit yet", self.root, "", "git commit first")
        status = self._git("status", "--porcelain", "--untracked-files=all").text
        if status.strip():
            shown = "\n".join(status.splitlines()[:8])
            raise _refused("the git tree is not clean", self.root, shown, "commit or stash these changes first")

    def check_tracked(self, names: list[str]) -> None:
        """Refuse files that git does not know: a revert could not bring their names back.

        Raises:
            RefusedError: One is ignored or untracked.
        """
        done = self._git("ls-files", "--error-unmatch", "--", *names, may_fail=True)
        if not done.is_ok:
            raise _refused("a file to rename is not in git", self.folder, done.complaint, "git add it and commit first")

    def commit(self, message: str, change: Callable[[Repository], None]) -> str:
        """Let ``change`` move and add files, commit, and return the commit's id; on any failure reset to HEAD.

        Raises:
            RefusedError: Git or a hook refused; the tree is as it was.
        """
        try:
            change(self)
            self._git("commit", "-q", "-m", message)
        except BaseException:
            self._git("reset", "-q", "--hard", "HEAD", may_fail=True)
            raise
        return self._git("rev-parse", "HEAD").text.strip()

    def move(self, before: str, after: str) -> None:
        """Rename a file or folder below the folder."""
        self._git("mv", "--", before, after)

    def add(self, name: str) -> None:
        """Stage a file."""
        self._git("add", "--", name)

    def _git(self, *arguments: str, may_fail: bool = False) -> GitAnswer:
        done = ask_git(self.folder, *arguments, timeout_s=None)
        if not done.is_ok and not may_fail:
            raise _refused(f"git {arguments[0]} failed", self.folder, done.complaint, "git status")
        return done


def _refused(what: str, where: Path, cause: str, hint: str) -> RefusedError:
    return RefusedError(what, where=str(where), cause=cause.strip(), state="the files are as they were", hint=hint)
