"""The triggers that keep a pair of tables equal; pure.

Each reads the direction from a view of one constant. A view has no rows, so that it is read in any transaction, also in
one whose snapshot is older than the view (InnoDB refuses a newer *table* there, error 1412), and takes no lock.

What the mirror refuses never reaches the application: the row is written with stand-ins, the value kept in salvage.
"""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.mysql.conversions import zero_of
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.pair_columns import (
    Mirrored,
    given_values,
    json_value,
    mirrored_columns,
    must_be_given,
    text_of,
)
from lockgate.engine.mysql.pair_names import BACK, COPYING, FORTH, PairNames
from lockgate.model.schema import Column, Table

# Data that a table does not take. Source: MySQL 9 error reference; 4025 is MariaDB's 3819.
_DATA = (
    "1048, 1062, 1261, 1262, 1263, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 1416, 1452, 1526, 1586, 1690, 1748,"
    " 3140, 3141, 3156, 3819, 4025"
)
# The transaction's snapshot is older than the table; a MariaDB session that waited for the swap itself may look for the
# mirror under its name of before (measured on 10.11: only where the RENAME waited).
_LATER = "1412, 1146"
_EVENTS = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Mirror:
    """One direction of a pair: changes of ``source`` are written to the table now named ``target``."""

    names: PairNames
    source: Table
    mirror: Table
    key: tuple[str, ...]
    direction: int

    @property
    def target(self) -> str:
        """The mirror's name while this direction is in force, quoted."""
        return quote_name(self.names.new if self.direction == FORTH else self.names.old)

    @property
    def source_now(self) -> str:
        """The name under which the triggers are made, quoted."""
        return quote_name(self.names.table if self.direction == FORTH else self.names.new)

    @property
    def columns(self) -> tuple[Mirrored, ...]:
        """All mirrored columns."""
        return mirrored_columns(self.source, self.mirror)

    @property
    def exact(self) -> tuple[Mirrored, ...]:
        """Those that the mirror always takes, the key among them."""
        return tuple(c for c in self.columns if c.is_exact or c.mirror.name in self.key)

    @property
    def converted(self) -> tuple[Mirrored, ...]:
        """Those that the mirror may refuse or hold otherwise."""
        return tuple(c for c in self.columns if not (c.is_exact or c.mirror.name in self.key))

    @property
    def given(self) -> dict[str, str]:
        """What columns that only the mirror has are given."""
        return given_values(self.source, self.mirror)

    def trigger_name(self, event: str) -> str:
        """Return the name of one trigger, quoted."""
        return self.names.of(("forth_" if self.direction == FORTH else "back_") + event.lower())

    def create_triggers(self) -> tuple[str, ...]:
        """Return the three CREATE TRIGGER statements."""
        bodies = (self._insert(), self._update(), self._delete())
        return tuple(
            f"CREATE TRIGGER {self.trigger_name(event)} AFTER {event} ON {self.source_now} FOR EACH ROW BEGIN"
            f" DECLARE lockgate_way INT DEFAULT (SELECT way FROM {self.names.direction});"
            f" DECLARE lockgate_bad INT DEFAULT 0;{self._noting(event)}"
            f" IF lockgate_way = {self.direction} THEN {body} END IF; END"
            for event, body in zip(_EVENTS, bodies, strict=True)
        )

    def drop_triggers(self, *, is_lenient: bool = False) -> tuple[str, ...]:
        """Return the three DROP TRIGGER statements, the last made first."""
        condition = "IF EXISTS " if is_lenient else ""
        return tuple(f"DROP TRIGGER {condition}{self.trigger_name(event)}" for event in reversed(_EVENTS))

    def _noting(self, event: str) -> str:
        """While rows are copied, only the keys of changed rows are noted."""
        if self.direction == BACK:
            return ""
        return f" IF lockgate_way = {COPYING} THEN {self._note(event)} END IF;"

    def _note(self, event: str) -> str:
        columns = ", ".join(quote_name(f"lockgate_{number}") for number in range(len(self.key)))
        start = f"INSERT INTO {self.names.log} ({columns}) VALUES ("
        new, old = f"{start}{self._key_values('NEW.')});", f"{start}{self._key_values('OLD.')});"
        if event == "INSERT":
            return new
        return old if event == "DELETE" else f"{old} IF {self._key_changed()} THEN {new} END IF;"

    def _key_values(self, prefix: str) -> str:
        return ", ".join(f"{prefix}{quote_name(name)}" for name in self.key)

    def _key_changed(self) -> str:
        by_name = {c.mirror.name: c for c in self.columns}
        return "(" + " OR ".join(by_name[name].is_changed() for name in self.key) + ")"

    def _where(self, prefix: str) -> str:
        pairs = (f"{self.target}.{quote_name(n)} = {prefix}{quote_name(n)}" for n in self.key)
        return " WHERE " + " AND ".join(pairs)

    def _try(self, sql: str, event: str) -> str:
        """Return statements that say so in ``lockgate_bad`` when the mirror refuses data, and note a key when late."""
        refused = f"DECLARE CONTINUE HANDLER FOR {_DATA} SET lockgate_bad = 1;"
        late = f"DECLARE CONTINUE HANDLER FOR {_LATER} BEGIN {self._note(event)} END;"
        return f"BEGIN {refused} {late} {sql}; END;"

    def _insert(self) -> str:
        whole = self._try(self._insert_sql(self.columns, {}), "INSERT")
        stand_ins = {c.mirror.name: zero_of(c.mirror) for c in self.converted if must_be_given(c.mirror)}
        parts = [
            self._try(self._insert_sql(self.exact, stand_ins), "INSERT"),
            f"IF lockgate_bad THEN {self._try(self._update_sql('NEW.'), 'INSERT')} {self._salvage_row()} END IF;",
            *(self._write_converted(c, "INSERT") for c in self.converted),
        ]
        rounded = " ".join(self._salvage_rounded(c) for c in self.converted if c.may_round)
        return f"{whole} IF lockgate_bad THEN SET lockgate_bad = 0; {' '.join(parts)} ELSE {rounded or 'DO 0;'} END IF;"

    def _insert_sql(self, columns: tuple[Mirrored, ...], stand_ins: dict[str, str]) -> str:
        values = {c.name: c.value("NEW.") for c in columns}
        values |= {quote_name(name): value for name, value in {**self.given, **stand_ins}.items()}
        return f"INSERT INTO {self.target} ({', '.join(values)}) VALUES ({', '.join(values.values())})"

    def _update(self) -> str:
        changed = " OR ".join(c.is_changed() for c in self.exact)
        refused = f"IF lockgate_bad THEN {self._salvage_row()} END IF;"
        parts = [f"IF {changed} THEN {self._try(self._update_sql('OLD.'), 'UPDATE')} {refused} END IF;"]
        parts += [f"IF {c.is_changed()} THEN {self._write_converted(c, 'UPDATE')} END IF;" for c in self.converted]
        return " ".join(parts)

    def _update_sql(self, where: str) -> str:
        values = {c.name: c.value("NEW.") for c in self.exact}
        return f"UPDATE {self.target} SET {self._assign(values)}{self._where(where)}"

    def _assign(self, values: dict[str, str]) -> str:
        """Return assignments that leave columns with ON UPDATE as they are."""
        still = {
            quote_name(c.name): f"{self.target}.{quote_name(c.name)}"
            for c in self.mirror.columns
            if c.on_update is not None and quote_name(c.name) not in values
        }
        return ", ".join(f"{self.target}.{name} = {value}" for name, value in {**values, **still}.items())

    def _write_converted(self, column: Mirrored, event: str) -> str:
        sql = f"UPDATE {self.target} SET {self._assign({column.name: column.value('NEW.')})}{self._where('NEW.')}"
        refused = f"IF lockgate_bad THEN {self._salvage(column, '')} END IF;"
        rounded = self._salvage_rounded(column) if column.may_round else ""
        return f"SET lockgate_bad = 0; {self._try(sql, event)} {refused} {rounded}"

    def _salvage_rounded(self, column: Mirrored) -> str:
        return self._salvage(column, f" AND NOT ({self.target}.{column.name} <=> {column.value('NEW.')})")

    def _salvage(self, column: Mirrored, condition: str) -> str:
        """Keep a value that the mirror does not hold as it is, and what the mirror's row holds instead."""
        value = text_of(f"NEW.{column.name}", column.source)
        stand_in = text_of(f"{self.target}.{column.name}", column.mirror)
        return (
            f"INSERT INTO lockgate_salvage (mirror, table_name, row_key, column_name, value_text, stand_in, reason)"
            f" SELECT {quote_string(self.names.mirror)}, {quote_string(self.names.table)}, {self._row_key()},"
            f" {quote_string(column.mirror.name)}, {value}, {stand_in},"
            f" {quote_string(self._reason(column.mirror))} FROM {self.target}{self._where('NEW.')}{condition};"
        )

    def _salvage_row(self) -> str:
        """Keep a whole row that the mirror refuses."""
        row = ", ".join(
            f"{quote_string(c.name)}, {json_value('NEW.' + quote_name(c.name), c)}" for c in self.source.columns
        )
        return (
            f"INSERT INTO lockgate_salvage (mirror, table_name, row_key, column_name, value_text, stand_in, reason)"
            f" VALUES ({quote_string(self.names.mirror)}, {quote_string(self.names.table)}, {self._row_key()}, '*',"
            f" JSON_OBJECT({row}), NULL, {quote_string(f'refused by a key or rule of {self.mirror.name}')});"
        )

    def _row_key(self) -> str:
        columns = {c.name: c for c in self.source.columns}
        pairs = (f"{quote_string(n)}, {json_value('NEW.' + quote_name(n), columns[n])}" for n in self.key)
        return f"JSON_OBJECT({', '.join(pairs)})"

    def _reason(self, column: Column) -> str:
        null = "" if column.is_nullable else " NOT NULL"
        return f"does not fit {column.type}{null}"[:180]

    def _delete(self) -> str:
        return self._try(f"DELETE FROM {self.target}{self._where('OLD.')}", "DELETE")
