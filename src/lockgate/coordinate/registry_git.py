"""The registry in a git repository: one file a session on a ref of its own, changed by pushes that are never forced.

The working tree, the index and the branches of whoever uses it are not touched. Two who change it at once: the second
push is no fast-forward, is refused by the remote, and begins again from what is there now.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lockgate.coordinate.book import decode_book, encode_session, merge_book
from lockgate.coordinate.sessions import Book, Change
from lockgate.errors import ConfigError, FailedError
from lockgate.model.session import WorkSession
from lockgate.outside.git import GitAnswer, ask_git
from lockgate.outside.redact import redact

DEFAULT_REF = "refs/lockgate/sessions"
_TRIES, _TIMEOUT_S = 25, 60.0
_REFUSED = ("[rejected]", "[remote rejected]", "non-fast-forward", "fetch first", "failed to update ref", "cannot lock")
_WHO = {
    "GIT_AUTHOR_NAME": "lockgate",
    "GIT_AUTHOR_EMAIL": "lockgate@localhost",
    "GIT_COMMITTER_NAME": "lockgate",
    "GIT_COMMITTER_EMAIL": "lockgate@localhost",
}


class GitRegistry:
    """Sessions on a ref of a remote (empty: of this repository alone)."""

    def __init__(
        self,
        folder: Path,
        *,
        remote: str = "origin",
        ref: str = DEFAULT_REF,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.folder, self.remote, self.ref, self._sleep = folder, remote, ref, sleep
        self.place = f"{ref} of {redact(remote) or 'this repository'}"
        found = _git(folder, "rev-parse", "--git-dir")
        if found.code is None:
            raise ConfigError(found.complaint, where="[session] registry", state="nothing was touched")
        if not found.is_ok:
            raise ConfigError(
                f"{folder} is no git repository, so sessions cannot be kept in one",
                where="[session] registry",
                cause="allowed are target, git and folder",
                state="nothing was touched",
            )

    def read(self) -> Book:
        """Return all sessions as the remote has them now."""
        return self._book(self._tip())

    def change(self, change: Change) -> None:
        """Read, ask, commit, push; a push that somebody else came before begins again."""
        for attempt in range(1, _TRIES + 1):
            tip = self._tip()
            changed = merge_book(change(self._book(tip)))
            if not changed:
                return
            commit = self._commit(tip, changed)
            if self._publish(tip, commit):
                return
            self._sleep(min(2.0, 0.05 * attempt) * (0.5 + random.random()))
        raise FailedError(
            "the registry of sessions changed under every attempt",
            where=self.place,
            cause=f"{_TRIES} pushes were refused because others came before",
            state="nothing was claimed",
            hint="repeat the command",
        )

    def _tip(self) -> str:
        """Return the newest commit of the registry, fetched; empty when there is none yet."""
        if not self.remote:
            return _git(self.folder, "rev-parse", "--verify", "--quiet", self.ref).text.strip()
        listed = self._must("ls-remote", "--exit-code", self.remote, self.ref, allow=(2,))
        tip = listed.split()[0] if listed.strip() else ""
        if tip and not _git(self.folder, "cat-file", "-e", f"{tip}^{{commit}}").is_ok:
            self._must("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", self.remote, self.ref)
        return tip

    def _book(self, tip: str) -> Book:
        if not tip:
            return ()
        names = [line for line in self._must("ls-tree", "-z", "--name-only", tip).split("\0") if line.endswith(".json")]
        asked = "".join(f"{tip}:{name}\n" for name in names)
        data = self._must_bytes("cat-file", "--batch", data=asked.encode())
        items: list[tuple[bytes | str, str]] = []
        at = 0
        for name in names:
            end = data.index(b"\n", at)
            size = int(data[at:end].split()[-1])
            items.append((data[end + 1 : end + 1 + size], f"{self.place}: {name}"))
            at = end + 1 + size + 1
        return decode_book(items)

    def _commit(self, tip: str, changed: Sequence[WorkSession]) -> str:
        lines = self._must("ls-tree", "-z", tip).split("\0") if tip else []
        names = {f"{session.id}.json" for session in changed}
        kept = [line for line in lines if line and line.partition("\t")[2] not in names]
        for session in changed:
            blob = self._must_bytes("hash-object", "-w", "--stdin", data=encode_session(session)).decode().strip()
            kept.append(f"100644 blob {blob}\t{session.id}.json")
        tree = self._must_bytes("mktree", "-z", data="".join(f"{line}\0" for line in kept).encode()).decode().strip()
        message = "; ".join(f"{session.id}: {session.state.value}" for session in changed)
        parent = ("-p", tip) if tip else ()
        return self._must("commit-tree", tree, *parent, "-m", message).strip()

    def _publish(self, tip: str, commit: str) -> bool:
        """Make the commit the newest one, if the one it was made from still is."""
        if not self.remote:
            return _git(self.folder, "update-ref", self.ref, commit, tip or "0" * len(commit)).is_ok
        done = _git(self.folder, "push", "--quiet", "--no-verify", self.remote, f"{commit}:{self.ref}")
        if not done.is_ok and not any(word in done.complaint for word in _REFUSED):
            raise self._failed("push", done.complaint)
        return done.is_ok

    def _must(self, *arguments: str, allow: tuple[int, ...] = ()) -> str:
        done = _git(self.folder, *arguments)
        if done.code not in (0, *allow):
            raise self._failed(arguments[0], done.complaint)
        return done.text if done.is_ok else ""

    def _must_bytes(self, *arguments: str, data: bytes) -> bytes:
        done = _git(self.folder, *arguments, data=data)
        if not done.is_ok:
            raise self._failed(arguments[0], done.complaint)
        return done.data

    def _failed(self, command: str, words: str) -> FailedError:
        return FailedError(
            "the registry of sessions cannot be reached",
            where=self.place,
            cause=redact(f"git {command}: {words.strip()[-500:]}"),
            state="nothing was claimed",
            hint="look at the remote and the rights to push to it",
        )


def _git(folder: Path, *arguments: str, data: bytes = b"") -> GitAnswer:
    return ask_git(folder, *arguments, data=data, environment={**os.environ, **_WHO}, timeout_s=_TIMEOUT_S)
