"""An application that goes on writing while its database is restored, and remembers every answer that it got."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field

from tests.fault.kit.clients import Client, Failure

MARK = 0
"""The row of `TABLE` that only the old database has: with it a transaction sees which one it writes to."""
TABLE = "written"
MAKE = f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, way varchar(20))"
STEADY, BRIEF, SLOW, STAYS = "steady", "brief", "slow", "stays"
_FIRST_ROW, _EACH, _PAUSE_S = 61, 1_000_000, 0.01


@dataclass
class Writer:
    """One session of the application: each transaction moves 1 from one order to another and notes it in `TABLE`.

    ``way``: steady (one connection for all), brief (one for each transaction), slow (transactions stay open for a
    while), stays (the second one stays open until `release`).
    """

    url: str
    number: int
    way: str
    chance: random.Random
    told_old: set[int] = field(default_factory=set)
    told_new: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    last_at: float = 0.0
    failures: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._client: Client | None = None
        self._done = 0
        self.thread = threading.Thread(target=self._run, daemon=True)

    @property
    def rows(self) -> tuple[int, int]:
        """The two orders that are its own."""
        return _FIRST_ROW + 2 * self.number, _FIRST_ROW + 2 * self.number + 1

    def _run(self) -> None:
        while not self.stopped.is_set():
            self._done += 1
            number = (self.number + 1) * _EACH + self._done
            try:
                self._write(number)
            except Failure as failure:
                self.failures.append(str(failure))
                self._leave()
            if self.way == BRIEF:
                self._leave()
            self.stopped.wait(_PAUSE_S)
        self._leave()

    def _write(self, number: int) -> None:
        if self._client is None:
            self._client = Client(self.url, timeout_s=10.0)
        client, (one, other) = self._client, self.rows
        client.execute("BEGIN")
        is_old = bool(client.query(f"SELECT count(*) FROM {TABLE} WHERE id = {MARK}")[0][0])
        client.execute(f"UPDATE orders SET total = total - 1 WHERE id = {one}")
        client.execute(f"INSERT INTO {TABLE} VALUES ({number}, '{self.way}')")
        self._linger()
        client.execute(f"UPDATE orders SET total = total + 1 WHERE id = {other}")
        try:
            client.execute("COMMIT")
        except Failure as failure:
            if failure.is_unknown:
                self.unknown.add(number)
            raise
        (self.told_old if is_old else self.told_new).add(number)
        self.last_at = time.monotonic()

    def _linger(self) -> None:
        if self.way == SLOW:
            self.stopped.wait(self.chance.uniform(0.1, 1.5))
        elif self.way == STAYS and self._done > 1:
            self.released.wait()

    def _leave(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


class App:
    """Several writers; `stop` ends them, `judge` says what became of what they were told."""

    def __init__(self, url: str, chance: random.Random) -> None:
        # In WAL mode whoever has an SQLite file open, even idly, keeps a swap out: there most are brief.
        is_file = url.startswith("sqlite")
        ways = [BRIEF if is_file or chance.random() < 0.5 else STEADY]
        ways += chance.choice(([], [], [BRIEF], [STEADY], [SLOW], [STAYS]) if is_file else ([BRIEF], [SLOW], [STAYS]))
        self.writers = [Writer(url, number, way, random.Random(chance.random())) for number, way in enumerate(ways)]
        client = Client(url)
        self.start_totals = totals(client, self)
        client.close()
        for writer in self.writers:
            writer.thread.start()

    @property
    def ways(self) -> str:
        """How they write."""
        return "+".join(writer.way for writer in self.writers)

    def wait_for_writes(self, since: float, limit_s: float = 20.0) -> bool:
        """Wait until somebody was told that a write after a moment is done; whoever stays lets go now."""
        end = time.monotonic() + limit_s
        for writer in self.writers:
            writer.released.set()
        while time.monotonic() < end:
            if any(writer.last_at > since for writer in self.writers):
                return True
            time.sleep(0.02)
        return False

    def stop(self) -> None:
        """End all writers."""
        for writer in self.writers:
            writer.stopped.set()
            writer.released.set()
        for writer in self.writers:
            writer.thread.join()

    def judge(self, client: Client, is_old: bool) -> list[str]:
        """Compare one database with what was told of it: nothing acknowledged is missing, nothing is there by half."""
        name = "old" if is_old else "new"
        there = {int(row[0]) for row in client.query(f"SELECT id FROM {TABLE}")} - {MARK}
        told = self.told(is_old)
        allowed = told | {number for writer in self.writers for number in writer.unknown}
        wrong = []
        if told - there:
            wrong.append(f"{len(told - there)} of {len(told)} acknowledged writes are not in the {name} database")
        if there - allowed:
            wrong.append(f"{len(there - allowed)} writes are in the {name} database that nobody made there")
        for writer, (one, other) in zip(self.writers, totals(client, self), strict=True):
            own = sum(number // _EACH == writer.number + 1 for number in there)
            first, second = self.start_totals[writer.number]
            if (first - one, other - second) != (own, own):
                wrong.append(f"half of a transaction is in the {name} database: {own} noted, {first - one} taken away")
        return wrong

    def told(self, is_old: bool) -> set[int]:
        """Return the writes that were acknowledged in one of the databases."""
        return {number for writer in self.writers for number in (writer.told_old if is_old else writer.told_new)}

    def take_back(self, client: Client) -> None:
        """Remove all that was written, so that what is left can be compared."""
        client.execute(f"DELETE FROM {TABLE} WHERE id <> {MARK}")
        for writer, pair in zip(self.writers, self.start_totals, strict=True):
            for row, total in zip(writer.rows, pair, strict=True):
                client.execute(f"UPDATE orders SET total = {total} WHERE id = {row}")


def totals(client: Client, app: App) -> list[tuple[int, int]]:
    """Return what the two orders of every writer sum up to."""
    found = []
    for writer in app.writers:
        rows = dict(client.query(f"SELECT id, total FROM orders WHERE id IN {writer.rows}"))
        found.append((rows[writer.rows[0]], rows[writer.rows[1]]))
    return found


def is_old_in(client: Client) -> bool:
    """Tell whether a database is the old one."""
    return bool(client.query(f"SELECT count(*) FROM {TABLE} WHERE id = {MARK}")[0][0])
