"""Who is uploading a backup: a marker object with a lease, so that nobody else writes or removes it meanwhile."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from lockgate.backup.process import boot_id, is_running
from lockgate.backup.stores.base import Fleeting, Stat, Store, Taken
from lockgate.errors import LeaseHeld, StoreFailed
from lockgate.model import codec

LEASE = timedelta(minutes=30)
DELETING = "deleting"
_RENEW = timedelta(minutes=5)


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What the marker says: who uploads which backup (by its seal), and until when nobody else may touch it.

    ``token`` tells two uploads of one process apart.
    """

    backup: str
    seal: str
    host: str
    boot: str
    pid: int
    since: str
    until: str
    token: str

    def is_live(self, now: datetime) -> bool:
        """Whether its holder may still be at work; a dead process of this machine is not."""
        if self.host == socket.gethostname() and self.boot == boot_id() and not is_running(self.pid):
            return False
        return now < datetime.fromisoformat(self.until)

    @property
    def holder(self) -> str:
        """Who, for people."""
        return f"process {self.pid} on {self.host}, since {self.since}"


def marker_key(target: str, backup: str) -> str:
    """Return the name of a backup's marker."""
    return f"{target}/uploading/{backup}.json"


def read_marker(store: Store, target: str, backup: str) -> Marker | None:
    """Return the marker of a backup; None when nobody uploads it.

    Raises:
        StoreFailed: It cannot be read, or is none of ours.
    """
    data = store.read_small(marker_key(target, backup), 1 << 20)
    if data is None:
        return None
    try:
        return codec.read_json(data, Marker)
    except msgspec.MsgspecError:
        raise store.failed(f"{marker_key(target, backup)} cannot be read", "it is no marker of ours") from None


class Claim:
    """The right to write one backup into a store, for as long as it is renewed."""

    def __init__(self, store: Store, target: str, marker: Marker, there: Stat, now: Callable[[], datetime]) -> None:
        self._store, self._key, self._now = store, marker_key(target, marker.backup), now
        self._marker, self._there = marker, there
        self._renewed = now()
        self._lock = threading.Lock()

    def check(self) -> None:
        """Renew the lease when it is time; cheap otherwise.

        Raises:
            StoreFailed: Somebody else has it now; nothing more may be written.
        """
        with self._lock:
            now = self._now()
            if now - self._renewed < _RENEW:
                return
            renewed = msgspec.structs.replace(self._marker, until=_stamp(now + LEASE))
            try:
                self._store.objects.replace(self._there, msgspec.json.encode(renewed))
                found = self._store.objects.stat(self._key)
            except Taken:
                raise self._lost() from None
            except Fleeting:
                if now >= datetime.fromisoformat(self._marker.until):
                    raise self._lost() from None
                return
            if found is None:
                raise self._lost()
            self._marker, self._there, self._renewed = renewed, found, now

    def release(self) -> None:
        """Give the right back if it is still ours; a marker that cannot be deleted ends by itself."""
        try:
            if self._store.read_small(self._key) == msgspec.json.encode(self._marker):
                self._store.delete(self._key)
        except StoreFailed:
            return

    def _lost(self) -> StoreFailed:
        return self._store.failed(
            f"the lease on the upload of {self._marker.backup} was lost",
            "another process took it over, or it could not be renewed in time",
            "lockgate backup list --store URL, then repeat the upload",
        )


@contextmanager
def claim(
    store: Store, target: str, backup: str, seal: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Claim]:
    """Hold the right to write a backup (`DELETING` for its seal: to delete it); one process at a time, wherever.

    Raises:
        LeaseHeld: Somebody else holds it.
        StoreFailed: What is there in part is another backup of the same name.
    """
    at = now()
    marker = Marker(
        backup=backup,
        seal=seal,
        host=socket.gethostname(),
        boot=boot_id(),
        pid=os.getpid(),
        since=_stamp(at),
        until=_stamp(at + LEASE),
        token=os.urandom(8).hex(),
    )
    held = Claim(store, target, marker, _place(store, target, marker, at), now)
    try:
        yield held
    finally:
        held.release()


def _place(store: Store, target: str, marker: Marker, now: datetime) -> Stat:
    """Put the marker there; return what is there then."""
    key, data = marker_key(target, marker.backup), msgspec.json.encode(marker)
    for _ in range(3):
        try:
            store.again(lambda: store.objects.put_new(key, [data], len(data)))
        except Taken:
            if store.read_small(key) != data:  # else the answer to our own request was lost
                _take_over(store, target, marker, now, data)
        found = store.again(lambda: store.objects.stat(key))
        if found is not None and store.read_small(key) == data:
            return found
    raise _held(marker.backup, marker)


def _take_over(store: Store, target: str, marker: Marker, now: datetime, data: bytes) -> None:
    key = marker_key(target, marker.backup)
    before = store.again(lambda: store.objects.stat(key))
    other = read_marker(store, target, marker.backup)
    if before is None or other is None:
        return
    if other.is_live(now):
        raise _held(marker.backup, other)
    if marker.seal not in (other.seal, DELETING):
        raise store.failed(
            f"another backup is called {marker.backup}, and is there in part",
            f"its {_work(other)} was begun by {other.holder} and not finished",
            f"lockgate backup delete {marker.backup} --store URL, when nobody needs it; then repeat the upload",
        )
    try:
        store.again(lambda: store.objects.replace(before, data))
    except Taken:
        return


def _work(marker: Marker) -> str:
    return "deletion" if marker.seal == DELETING else "upload"


def _held(backup: str, marker: Marker) -> LeaseHeld:
    return LeaseHeld(
        f"the backup {backup} is being {'deleted' if marker.seal == DELETING else 'uploaded'}",
        holder=f"{marker.holder}, until {marker.until} at most",
        hint="wait until it is done, then: lockgate backup list --store URL",
    )


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
