"""The oracle: what every row must hold after all writes that the database acknowledged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fault.kit.shape import Values, first_values

INSERT, UPDATE, DELETE, READ = "insert", "update", "delete", "read"
DONE, MISSED, UNKNOWN, FAILED = "done", "missed", "unknown", "failed"


@dataclass(frozen=True)
class Write:
    """One attempt: what was sent, when it should have been, was, and was answered (monotonic s), and the outcome.

    MISSED is a statement that met no row; UNKNOWN one whose answer never came: it may have been done or not.
    """

    kind: str
    id: int
    values: Values
    scheduled: float
    started: float
    ended: float
    outcome: str
    error: str = ""
    text: str = ""

    def encode(self) -> str:
        """Return it as one line."""
        fields = (self.kind, self.id, self.values, self.scheduled, self.started, self.ended, self.outcome)
        return json.dumps([*fields, self.error, self.text])


def read_writes(paths: Iterable[Path]) -> Iterator[Write]:
    """Give all attempts of the writers' files, each file in its order; a last line that was cut off is left out."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                kind, number, values, *rest = json.loads(line)
                yield Write(kind, number, tuple(values), *rest)


@dataclass
class Ledger:
    """What the rows may hold: one state where all was acknowledged, two where an answer never came.

    A state is the row's tracked values, or None where the row is not there.
    """

    rows: int
    states: dict[int, tuple[Values | None, ...]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)

    def state(self, number: int) -> tuple[Values | None, ...]:
        """Return what a row may hold."""
        known = self.states.get(number)
        return known if known is not None else (first_values(number) if 1 <= number <= self.rows else None,)

    def take(self, write: Write) -> None:
        """Enter one attempt."""
        self.counts[write.outcome] += 1
        if write.error:
            self.errors[write.error] += 1
            self.samples.setdefault(write.error, write.text)
        if write.kind == READ or write.outcome == FAILED:
            return
        before = self.state(write.id)
        after: Values | None = None if write.kind == DELETE else write.values
        if write.outcome == DONE:
            self.states[write.id] = (after,)
        elif write.outcome == UNKNOWN:
            self.states[write.id] = tuple(dict.fromkeys((*before, after)))
        elif None in before:  # MISSED: the row is surely not there
            self.states[write.id] = (None,)
        else:
            self.problems.append(f"row {write.id}: {write.kind} met no row, which should be there")

    def take_all(self, writes: Iterable[Write]) -> Ledger:
        """Enter attempts in their order, and return this ledger."""
        for write in writes:
            self.take(write)
        return self

    def compare(self, rows: Iterable[tuple[object, ...]]) -> list[str]:
        """Return what is lost or altered, given every row as (id, tracked values …); empty when nothing is."""
        found = list(self.problems)
        seen: set[int] = set()
        for number, *values in rows:
            key = int(str(number))
            if key in seen:
                found.append(f"row {key}: is there twice")
            seen.add(key)
            allowed = self.state(key)
            if tuple(values) not in allowed:
                found.append(f"row {key}: holds {tuple(values)!r}, acknowledged was {_one(allowed)}")
        for key in {*range(1, self.rows + 1), *self.states} - seen:
            if None not in self.state(key):
                found.append(f"row {key}: is lost, acknowledged was {_one(self.state(key))}")
        return found


def _one(allowed: tuple[Values | None, ...]) -> str:
    return " or ".join("no row" if state is None else repr(state) for state in allowed)
