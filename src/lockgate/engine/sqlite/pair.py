"""Change a table beside others' writes: a second table, kept equal by triggers, copied in ranges, exchanged; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.sqlite.catalog import RELOAD, WRITABLE, Body, exchange, move_counters, retext
from lockgate.engine.sqlite.guards import drop_guards, guards, list_broken
from lockgate.engine.sqlite.link import Link, find_link
from lockgate.engine.sqlite.locks import note
from lockgate.engine.sqlite.mirror import Mirror
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.shape import names_itself
from lockgate.engine.sqlite.tokens import fold, quote, tokenize
from lockgate.engine.sqlite.values import has_rowid
from lockgate.engine.sqlite.violations import Violation, any_of, slack_for, violations
from lockgate.model.keys import table_key
from lockgate.model.op import Chunked, ChunkKind, Parked, Precheck, Soft, Statement
from lockgate.model.schema import Definition, Table

GATE = "lockgate_gate"
SALVAGE_TABLE = (
    "CREATE TABLE IF NOT EXISTS lockgate_salvage (id INTEGER PRIMARY KEY AUTOINCREMENT, mirror TEXT NOT NULL,"
    " table_name TEXT NOT NULL, row_key TEXT NOT NULL, column_name TEXT NOT NULL, value_text TEXT, stand_in TEXT,"
    " reason TEXT NOT NULL, state TEXT DEFAULT 'kept' NOT NULL, kept_at timestamp DEFAULT CURRENT_TIMESTAMP NOT NULL)"
)


@dataclass(frozen=True)
class Pair:
    """The table as it is (``old``) and as it will be (``new``), each with its reserved names."""

    old: Body
    new: Body
    link: Link
    suspects: str
    references: tuple[str, ...] = ()

    @property
    def ahead(self) -> Mirror:
        """What keeps the new table equal to the old one, which is in use."""
        plain = Mirror(self.old.table, self.new.table, self.new.parked, self.link)
        return replace_suspects(plain, self.suspects) if plain.broken or plain.has_contested else plain

    @property
    def behind(self) -> Mirror:
        """What keeps the old table equal to the new one, which is in use."""
        return Mirror(self.new.table, self.old.table, self.old.parked, self.link, is_back=True)

    @property
    def loosened(self) -> tuple[Violation, ...]:
        """What rows written since may break in the old table."""
        return violations(self.new.table, self.old.table)

    def forward(self) -> tuple[Statement, ...]:
        """Return the whole way there."""
        ahead = self.ahead
        begin = self.new.create()
        begin += [self.old.hold_text(self.old.name)] if self.old.hold else []
        begin += [ahead.create_suspects()] if ahead.suspects else []
        statements = _joined([*begin, *ahead.create()])
        statements.append(self._chunked(ahead.copy(), ChunkKind.WRITE, self.old.name))
        if ahead.suspects and ahead.broken:
            statements.append(self._chunked(ahead.mark(), ChunkKind.WRITE, self.new.parked))
        repair = (ahead.clear(), ahead.copy())
        statements.append(self._chunked(ahead.compare(), ChunkKind.COMPARE, self.old.name, repair))
        return (*statements, *_joined(self._go()))

    def redo(self) -> tuple[Statement, ...]:
        """Return the exchange once more, after a way back."""
        return (*self._sweep(self.ahead), *_joined(self._go()))

    def revert(self) -> tuple[Statement, ...]:
        """Return the exchange back, which keeps the new table beside the old one."""
        return (*self._sweep(self.behind), *_joined(self._come_back()))

    def backward(self) -> tuple[Statement, ...]:
        """Return what undoes any beginning of `forward` and leaves nothing."""
        return (*_joined(self._come_back()), *_joined([sql.sql for sql in self.new_park().finalize]))

    def _go(self) -> list[str]:
        return [
            *self._gate(),
            *self.ahead.drop(),
            *drop_guards(self.old.parked, len(self.loosened)),
            *(f"DROP TRIGGER {quote(t.name)}" for t in self.old.triggers),
            WRITABLE,
            exchange(self.old, self.new),
            RELOAD,
            *move_counters(self.old, self.new),
            *self.references,
            *(t.text or t.sql for t in self.new.triggers),
            *([SALVAGE_TABLE] if self.behind.has_contested else []),
            *self.behind.create(),
        ]

    def _come_back(self) -> list[str]:
        return [
            *self.behind.drop(),
            *(f"DROP TRIGGER {quote(t.name)}" for t in self.new.triggers),
            WRITABLE,
            exchange(self.new, self.old),
            RELOAD,
            *move_counters(self.new, self.old),
            *(t.text or t.sql for t in self.old.triggers),
            *self.ahead.create(),
        ]

    def _gate(self) -> list[str]:
        ahead = self.ahead
        if not ahead.suspects:
            return []
        return [
            f"CREATE TABLE {GATE} (rows_in_the_way INTEGER"
            " CONSTRAINT rows_must_fit_the_new_definition CHECK (rows_in_the_way = 0))",
            f"INSERT INTO {GATE} {ahead.count_suspects()}",
            f"DROP TABLE {GATE}",
            f"DELETE FROM {quote(ahead.suspects)}",
        ]

    def _sweep(self, mirror: Mirror) -> list[Statement]:
        return [self._chunked(mirror.sweep(), ChunkKind.WRITE, mirror.name)] if mirror.must_sweep else []

    def _chunked(self, sql: str, kind: ChunkKind, source: str, repair: tuple[str, ...] = ()) -> Statement:
        chunked = Chunked(
            kind=kind,
            table=table_key(self.new.table),
            source=quote(source),
            columns=self.link.columns,
            literals=self.link.literals,
            repair=repair,
        )
        return replace(note(sql), is_transactional=False, is_idempotent=True, chunked=chunked)

    def prechecks(self, *, is_soft: bool = True) -> tuple[Precheck, ...]:
        """Return the question before the exchange back, which with ``is_soft`` goes on when rows are in the way."""
        found = self.loosened
        if not found:
            return ()
        row, name = quote(self.old.name), self.old.name
        wrong = any_of(found)
        sql = f"SELECT count(*) FROM {quote(self.old.parked)} AS {row} WHERE {wrong}"
        return (
            Precheck(
                name="loosened",
                sql=sql,
                message=f"rows of {name} break its old definition",
                soft=self._soft() if is_soft else None,
            ),
        )

    def _soft(self) -> Soft:
        found, revert = self.loosened, self.revert()
        at = next(i for i, s in enumerate(revert) if s.sql == exchange(self.new, self.old))
        guard = guards(self.old.table, found, self.old.parked, self.link.columns)
        instead = (
            replace(revert[at], sql=exchange(self.new, self.old, slack_for(found))),
            *revert[at + 1 :],
            *_joined(guard, is_first=False),
        )
        settle = [*retext(self.old), *drop_guards(self.old.parked, len(found))]
        names = ", ".join(dict.fromkeys(c for one in found for c in one.columns))
        return Soft(
            first=at,
            last=len(revert) - 1,
            instead=instead,
            rows=list_broken(self.old.table, found),
            settle=tuple(_joined(settle)),
            message=f"rows of {self.old.name} break what its old definition says of {names}; new rows may not",
        )

    def old_park(self) -> Parked:
        """Return the entry for the old table, parked by the way there."""
        extra = [*self.behind.drop(), *self._loose_ends()]
        return _park(self.old, [*extra, *([f"DROP INDEX IF EXISTS {quote(self.new.hold)}"] if self.new.hold else [])])

    def new_park(self) -> Parked:
        """Return the entry for the new table, parked by the way back."""
        extra = [*self.ahead.drop(), *self._loose_ends()]
        return _park(self.new, [*extra, *([f"DROP INDEX IF EXISTS {quote(self.old.hold)}"] if self.old.hold else [])])

    def _loose_ends(self) -> list[str]:
        return [f"DROP TABLE IF EXISTS {quote(self.ahead.suspects)}"] if self.ahead.suspects else []


def replace_suspects(mirror: Mirror, suspects: str) -> Mirror:
    """Return a mirror that notes rows which do not fit."""
    return Mirror(mirror.live, mirror.twin, mirror.name, mirror.link, suspects, mirror.is_back)


def _joined(statements: Sequence[str], *, is_first: bool = True) -> list[Statement]:
    return [replace(note(sql), is_joined=number > 0 or not is_first) for number, sql in enumerate(statements)]


def _park(body: Body, extra: Sequence[str]) -> Parked:
    statements = [*extra, f"DROP TABLE IF EXISTS {quote(body.parked)}"]
    return Parked(original=table_key(body.table), parked=body.parked, finalize=tuple(_joined(statements)))


def plan_pair(
    old: Table,
    new: Table,
    old_triggers: tuple[Definition, ...],
    new_triggers: tuple[Definition, ...],
    names: ParkNames,
    references: tuple[str, ...],
) -> Pair | str:
    """Return the pair for a change of a table, or why there can be none, in words."""
    link = find_link(old, new)
    if isinstance(link, str):
        return link
    problem = _text_problem(old) or _text_problem(new)
    if problem:
        return problem
    bodies = [_body(old, old_triggers, link, names), _body(new, new_triggers, link, names)]
    pair = Pair(bodies[0], bodies[1], link, names.next(old.name + "_suspects"), references)
    return pair.ahead.problem or pair.behind.problem or pair


def _text_problem(table: Table) -> str:
    if names_itself(table) and any(c.generated for c in table.columns):
        return f"a generated column of {table.name} names the table itself"
    for index in table.indexes:
        tokens = tokenize(index.text)
        if any(fold(t.name) == fold(table.name) and tokens[i + 1].text == "." for i, t in enumerate(tokens[:-1])):
            return f"index {index.name} names the table itself"
    return ""


def _body(table: Table, triggers: tuple[Definition, ...], link: Link, names: ParkNames) -> Body:
    parked = names.next(table.name)
    is_numbered = has_rowid(table) and rowid_column(table) is None and link.is_rowid
    has_index = bool(table.indexes or table.uniques or table.primary_key)
    hold = names.next(table.name + "_hold") if is_numbered and not has_index else ""
    return Body(table, parked, tuple(names.next(i.name) for i in table.indexes), triggers, hold)
