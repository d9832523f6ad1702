"""One client of the load in a process of its own, at a fixed rate whatever the database does.

It reads commands from stdin, one a line, and answers each with a line: ``run AT`` (start at that monotonic time),
``pause``, ``lag``, ``stop``. When stdin ends, so does it. Every attempt goes as one line to its file.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from dataclasses import dataclass
from typing import TextIO

from tests.fault.kit.clients import Client, Failure
from tests.fault.kit.ledger import DELETE, DONE, FAILED, INSERT, MISSED, READ, UNKNOWN, UPDATE, Write

_SHARE = ((0.70, UPDATE), (0.95, INSERT), (1.0, DELETE))


@dataclass(frozen=True)
class Spec:
    """What a client does: ``number`` of ``clients``, ``rate`` per second on the rows ``number`` mod ``clients``.

    ``first_insert`` is the first id of its own new rows, ``also`` further columns of an INSERT with their values.
    """

    url: str
    file: str
    table: str
    tracked: tuple[str, str]
    rows: int
    number: int
    clients: int
    rate: float
    is_reader: bool = False
    first_insert: int = 0
    also: tuple[tuple[str, str], ...] = ()
    seed: int = 0


class Writer:
    """The rows that are its own, and the statements on them."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.chance = random.Random(f"{spec.seed}-{spec.number}-{spec.is_reader}")
        self.client: Client | None = None
        self.gone: set[int] = set()
        self.new: list[int] = []
        self.next_id = spec.first_insert or (spec.rows // spec.clients + 1) * spec.clients + spec.number
        self.count = 0
        k, c = spec.tracked
        names = ", ".join(("id", k, c, *(name for name, _ in spec.also)))
        marks = ", ".join(("?", "?", "?", *(value for _, value in spec.also)))
        self.sql = {
            UPDATE: f"UPDATE {spec.table} SET {k} = ?, {c} = ? WHERE id = ?",
            INSERT: f"INSERT INTO {spec.table} ({names}) VALUES ({marks})",
            DELETE: f"DELETE FROM {spec.table} WHERE id = ?",
            READ: f"SELECT id, {k}, {c} FROM {spec.table} WHERE id = ?",
        }

    def attempt(self, scheduled: float) -> Write:
        """Send one statement and tell what became of it."""
        kind, number, values = self._choose()
        started = time.monotonic()
        outcome, error, text = self._send(kind, number, values)
        write = Write(kind, number, values, scheduled, started, time.monotonic(), outcome, error, text)
        self._remember(write)
        return write

    def _choose(self) -> tuple[str, int, tuple[object, ...]]:
        self.count += 1
        if self.spec.is_reader:
            return READ, self.chance.randint(1, self.spec.rows), ()
        drawn = self.chance.random()
        kind = next(name for share, name in _SHARE if drawn < share)
        values = (self.chance.randint(0, 1_000_000), f"w{self.spec.number} {self.next_id} {self.count}")
        if kind == INSERT:
            self.next_id += self.spec.clients
            return kind, self.next_id - self.spec.clients, values
        return kind, self._own_row(), values if kind == UPDATE else ()

    def _own_row(self) -> int:
        """Return a row of ours that should be there; every third time one that we inserted."""
        if self.new and self.chance.random() < 0.3:
            return self.chance.choice(self.new)
        while True:
            slot = self.chance.randrange(self.spec.rows // self.spec.clients) * self.spec.clients
            number = slot + (self.spec.number or self.spec.clients)
            if number not in self.gone:
                return number

    def _send(self, kind: str, number: int, values: tuple[object, ...]) -> tuple[str, str, str]:
        parameters = {UPDATE: (*values, number), INSERT: (number, *values)}.get(kind, (number,))
        try:
            if self.client is None:
                self.client = Client(self.spec.url)
            count = self.client.execute(self.sql[kind], parameters)
        except Failure as failure:
            if failure.kind == "connection":
                self.drop()
                time.sleep(0.05)
            return UNKNOWN if failure.is_unknown else FAILED, failure.kind, failure.text
        return (DONE if kind == READ or count == 1 else MISSED), "", ""

    def drop(self) -> None:
        """Let go of a lost connection."""
        if self.client is not None:
            self.client.close()
        self.client = None

    def _remember(self, write: Write) -> None:
        """Know which rows are ours; one that may or may not be there is left alone from then on."""
        if write.kind == INSERT and write.outcome == DONE:
            self.new.append(write.id)
        elif write.kind == DELETE and write.outcome in (DONE, UNKNOWN, MISSED):
            self.gone.add(write.id)
            if write.id in self.new:
                self.new.remove(write.id)


class Loop:
    """The schedule, and the commands that stop and start it."""

    def __init__(self, spec: Spec, out: TextIO) -> None:
        self.spec, self.out = spec, out
        self.writer = Writer(spec)
        self.wake = threading.Condition()
        self.begin: float | None = None
        self.lag = 0.0
        self.is_idle = True
        self.is_over = False

    def listen(self) -> None:
        """Obey stdin until it ends."""
        for line in sys.stdin:
            word, *rest = line.split()
            with self.wake:
                if word == "run":
                    self.begin = float(rest[0])
                elif word == "pause":
                    self.begin = None
                elif word == "stop":
                    break
                self.wake.notify_all()
                while word == "pause" and not self.is_idle:
                    self.wake.wait(0.05)
                answer(f"{self.lag:.3f}" if word == "lag" else word)
        with self.wake:
            self.is_over = True
            self.wake.notify_all()

    def run(self) -> None:
        """Send at the rate, late ones at once, until it is over."""
        begin: float | None = None
        count = 0
        while not self.is_over:
            with self.wake:
                if self.begin is None:
                    self.is_idle = True
                    self.out.flush()
                    self.wake.notify_all()
                    self.wake.wait(0.2)
                    continue
                if self.begin != begin or self.is_idle:
                    begin, count, self.is_idle = self.begin, 0, False
            scheduled = begin + count / self.spec.rate
            count += 1
            wait = scheduled - time.monotonic()
            self.lag = max(0.0, -wait)
            if wait > 0:
                time.sleep(wait)
            self.out.write(self.writer.attempt(scheduled).encode() + "\n")
        self.out.flush()
        self.writer.drop()
        answer("stopped")


def answer(text: str) -> None:
    """Answer a command."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Connect, say so, and go by the commands."""
    fields = json.loads(sys.argv[1])
    fields["tracked"] = tuple(fields["tracked"])
    fields["also"] = tuple(tuple(pair) for pair in fields["also"])
    spec = Spec(**fields)
    with open(spec.file, "a", encoding="utf-8") as out:
        loop = Loop(spec, out)
        loop.writer.client = Client(spec.url)
        threading.Thread(target=loop.listen, daemon=True).start()
        answer("ready")
        loop.run()


if __name__ == "__main__":
    main()
