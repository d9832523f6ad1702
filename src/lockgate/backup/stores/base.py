"""What every further place for backups can do: the few operations on named objects that the rest is made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from lockgate.errors import StoreFailed

Result = TypeVar("Result")
WHOLE = 8 << 20
"""Up to this many bytes an object is sent in one request."""


class Taken(Exception):
    """There is an object of this name already, or it is another one than expected."""


class Fleeting(Exception):
    """It did not work this time and may the next: the network, or the service is busy. Its text holds no secret."""


@dataclass(frozen=True)
class Stat:
    """An object: its name below the store, its size, and what changes with it: a tag, a version or both."""

    key: str
    bytes: int
    tag: str = ""
    version: str = ""


class Objects(Protocol):
    """A place for named objects. Names are relative, with ``/``.

    Every operation raises `Fleeting` for what may pass and StoreFailed for what will not.
    """

    display: str
    """How people know the place; without anything secret."""

    def put_new(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Store an object that is not there yet; it is there whole or not at all.

        Raises:
            Taken: It is there. Not found out for what is larger than `WHOLE`, where the service offers no such thing.
        """

    def replace(self, before: Stat, data: bytes) -> None:
        """Store a small object in place of the one that was looked at. Taken: another one is there now, or none."""

    def stat(self, key: str) -> Stat | None:
        """Look at an object; None when there is none."""

    def read(self, key: str, offset: int = 0) -> Iterator[bytes]:
        """Give an object's bytes from an offset on, in pieces. FileNotFoundError: there is none."""

    def list_objects(self, prefix: str) -> Iterator[Stat]:
        """Give all objects below a folder, in no order; none when there is no such folder."""

    def list_folders(self, prefix: str) -> tuple[str, ...]:
        """Give the names of the folders right below a folder."""

    def delete(self, key: str) -> None:
        """Delete an object; it is no error that it is gone already."""


@dataclass(frozen=True)
class Patience:
    """How often something that may pass is tried, and how long is waited before the second time (then doubled)."""

    attempts: int = 5
    first_s: float = 0.5
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


@dataclass(frozen=True)
class Store:
    """A further place for backups, opened by `open_store`."""

    objects: Objects
    patience: Patience = field(default_factory=Patience)

    @property
    def display(self) -> str:
        """How people know it; without anything secret."""
        return self.objects.display

    def again(self, action: Callable[[], Result]) -> Result:
        """Do something, again when it may pass.

        Raises:
            StoreFailed: It did not pass.
        """
        wait = self.patience.first_s
        for attempt in range(self.patience.attempts):
            try:
                return action()
            except Fleeting as error:
                if attempt + 1 == self.patience.attempts:
                    raise self.failed("the store cannot be reached or is not working", str(error)) from None
                self.patience.sleep(wait)
                wait = min(wait * 2, 30.0)
        raise AssertionError("no attempt was allowed")

    def failed(self, what: str, cause: str = "", hint: str = "") -> StoreFailed:
        """Return the error for this store."""
        return StoreFailed(
            what,
            where=self.display,
            cause=cause,
            state="backups on this machine are as they were",
            hint=hint or "lockgate backup probe",
        )

    def read_small(self, key: str, most: int = 64 << 20) -> bytes | None:
        """Return a whole small object; None when there is none.

        Raises:
            StoreFailed: It cannot be read, or is larger than anything of ours.
        """

        def read() -> bytes | None:
            data = bytearray()
            try:
                for piece in self.objects.read(key):
                    data += piece
                    if len(data) > most:
                        raise self.failed(f"{key} is larger than it can be", f"more than {most} bytes")
            except FileNotFoundError:
                return None
            return bytes(data)

        return self.again(read)

    def delete(self, key: str) -> None:
        """Delete an object, again when it may pass."""
        self.again(lambda: self.objects.delete(key))


def read_on(store: Store, key: str, offset: int = 0) -> Iterator[bytes]:
    """Give an object's bytes from an offset on; where a connection is cut, go on from there.

    Raises:
        StoreFailed: It cannot be read to its end.
        FileNotFoundError: There is no such object.
    """
    found = store.again(lambda: store.objects.stat(key))
    if found is None:
        raise FileNotFoundError(key)
    tries, wait = 0, store.patience.first_s
    while offset < found.bytes:
        cause = "it ended early"
        try:
            for piece in store.objects.read(key, offset):
                offset += len(piece)
                tries, wait = 0, store.patience.first_s
                yield piece
        except Fleeting as error:
            cause = str(error)
        if offset < found.bytes:
            tries += 1
            if tries >= store.patience.attempts:
                raise store.failed(f"{key} cannot be read to its end", f"{offset} of {found.bytes} bytes, {cause}")
            store.patience.sleep(wait)
            wait = min(wait * 2, 30.0)
