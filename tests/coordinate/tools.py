"""What the tests of coordination share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lockgate.coordinate.claims import parse_claims
from lockgate.coordinate.registry_folder import FolderRegistry
from lockgate.coordinate.registry_git import GitRegistry
from lockgate.coordinate.registry_target import TargetRegistry
from lockgate.coordinate.sessions import Registry, Started, Wish, start_session
from lockgate.engine import load_engine
from lockgate.model.procedure import Actor
from lockgate.model.target import parse_target

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START
        self._count = 0

    def now(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)

    def hex6(self) -> str:
        self._count += 1
        return f"{self._count:06x}"


def target_registry(url: str) -> Registry:
    target = parse_target(url)
    return TargetRegistry(load_engine(target.engine), target)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ("git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def two_clones(folder: Path) -> tuple[Path, Path]:
    """Make a bare repository with one commit, and two clones of it."""
    bare, one, two = folder / "remote.git", folder / "one", folder / "two"
    git(folder, "init", "-q", "--bare", "-b", "main", str(bare))
    for clone in (one, two):
        git(folder, "clone", "-q", str(bare), str(clone))
        git(clone, "config", "user.name", "Somebody")
        git(clone, "config", "user.email", "somebody@example.org")
    (one / "README.md").write_text("x\n")
    git(one, "add", ".")
    git(one, "commit", "-q", "-m", "begin")
    git(one, "push", "-q", "origin", "HEAD:main")
    git(two, "pull", "-q", "origin", "main")
    return one, two


def open_pair(kind: str, folder: Path, make: Callable[[str], str]) -> tuple[Registry, Registry]:
    """Return two views of one registry, as two machines have them."""
    if kind == "folder":
        return FolderRegistry(folder / "sessions"), FolderRegistry(folder / "sessions")
    if kind == "git":
        one, two = two_clones(folder)
        return GitRegistry(one), GitRegistry(two)
    url = make(kind)
    return target_registry(url), target_registry(url)


def claim(registry: Registry, clock: Clock, task: str, *claims: str, who: str = "ada", **more: str) -> Started:
    wish = Wish(task=task, actor=Actor(name=who, host="h"), claims=parse_claims(claims), **more)
    return start_session(registry, wish, now=clock.now, new_hex=clock.hex6)
