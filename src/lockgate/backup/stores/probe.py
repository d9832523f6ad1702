"""Try a store out with marker objects: may we read, write once only, read back, delete? Nothing is assumed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lockgate.backup.stores.base import WHOLE, Store, Taken, read_on
from lockgate.errors import LockgateError

_MARKER = "lockgate-probe"


@dataclass(frozen=True)
class Right:
    """One thing that was tried. ``state``: ok, failed, or unknown when it could not be tried."""

    name: str
    state: str
    message: str = ""


@dataclass(frozen=True)
class Probe:
    """What a store allows."""

    store: str
    rights: tuple[Right, ...]

    @property
    def state(self) -> str:
        """Failed when one thing failed, unknown when a needed one could not be tried, else ok."""
        states = {right.state for right in self.rights if right.name not in ("encryption", "retention")}
        return "failed" if "failed" in states else "unknown" if "unknown" in states else "ok"


def probe(store: Store) -> Probe:
    """Write, read and delete marker objects and say how each went.

    Whether a service encrypts and keeps objects by itself cannot be asked through what we use; that stays unknown.
    """
    return Probe(store.display, (*_Trying(store).rights(), *_not_asked()))


def unknown_probe(display: str, why: str) -> Probe:
    """Return the probe of a store that could not be tried at all."""
    names = ("list", "write", "write once", "read", "write in parts", "delete")
    return Probe(display, tuple(Right(name, "unknown", why) for name in names) + _not_asked())


def _not_asked() -> tuple[Right, ...]:
    why = "cannot be asked; see the bucket's own settings"
    return (Right("encryption", "unknown", why), Right("retention", "unknown", why))


class _Trying:
    def __init__(self, store: Store) -> None:
        self._store = store
        name = os.urandom(8).hex()
        self._key, self._parts = f"{_MARKER}/{name}", f"{_MARKER}/{name}.parts"
        self._data = hashlib.sha256(name.encode()).hexdigest().encode()

    def rights(self) -> Iterable[Right]:
        """Try one after the other; what needs something that failed is unknown."""
        yield self._try("list", self._list)
        written = self._try("write", self._write)
        yield written
        if written.state != "ok":
            why = "nothing could be written"
            yield from (Right(name, "unknown", why) for name in ("write once", "read", "write in parts", "delete"))
            return
        yield self._try("write once", self._write_again)
        yield self._try("read", self._read)
        yield self._try("write in parts", self._write_parts)
        yield self._try("delete", self._delete)

    def _try(self, name: str, action: Callable[[], str]) -> Right:
        try:
            problem = action()
        except LockgateError as error:
            return Right(name, "failed", ": ".join(part for part in (error.what, error.cause) if part))
        return Right(name, "failed", problem) if problem else Right(name, "ok")

    def _list(self) -> str:
        self._store.again(lambda: self._store.objects.list_folders(""))
        return ""

    def _write(self) -> str:
        try:
            self._store.again(lambda: self._store.objects.put_new(self._key, [self._data], len(self._data)))
        except Taken:  # an answer that was lost
            return "" if self._store.read_small(self._key) == self._data else "another object is there"
        return ""

    def _write_again(self) -> str:
        other = b"another " + self._data
        try:
            self._store.again(lambda: self._store.objects.put_new(self._key, [other], len(other)))
        except Taken:
            return ""
        self._data = other
        return "the store overwrites what must not be: two machines must not share it"

    def _read(self) -> str:
        return "" if self._store.read_small(self._key) == self._data else "what was read is not what was written"

    def _write_parts(self) -> str:
        size = WHOLE + 1
        piece = bytes(1 << 20)
        wanted = hashlib.sha256(bytes(size)).digest()

        def pieces() -> Iterable[bytes]:
            left = size
            while left:
                yield piece[: min(left, len(piece))]
                left -= min(left, len(piece))

        self._store.again(lambda: self._store.objects.put_new(self._parts, pieces(), size))
        digest = hashlib.sha256()
        for data in read_on(self._store, self._parts):
            digest.update(data)
        return "" if digest.digest() == wanted else "what was read is not what was written"

    def _delete(self) -> str:
        for key in (self._key, self._parts):
            self._store.delete(key)
            if self._store.again(lambda key=key: self._store.objects.stat(key)) is not None:  # type: ignore[misc]
                return "it is still there"
        return ""
