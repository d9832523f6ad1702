"""A table changed by a pair of tables: a second one with the new definition, kept equal by triggers, swapped by name.

While rows are copied, triggers only note the keys of changed rows. Then changes go to the new table as they happen;
both are compared; one RENAME gives the new table the name and turns the direction round, so that there is no moment in
which a change goes nowhere. From then on the old table follows the new one, and the same RENAME the other way round is
the way back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.mysql import checks
from lockgate.engine.mysql.conversions import convert
from lockgate.engine.mysql.draft import ddl, setting
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.pair_check import pair_key
from lockgate.engine.mysql.pair_columns import key_obstacles
from lockgate.engine.mysql.pair_copy import Copy
from lockgate.engine.mysql.pair_keys import PairKeys
from lockgate.engine.mysql.pair_names import BACK, COPYING, FORTH, PairNames, make_names
from lockgate.engine.mysql.pair_triggers import Mirror
from lockgate.engine.mysql.render import render_column, render_table
from lockgate.engine.mysql.server import is_mariadb, keeps_views_in_triggers
from lockgate.engine.mysql.side import finalize_table
from lockgate.engine.mysql.table_checks import key_checks
from lockgate.engine.mysql.table_job import TableJob, changed_columns
from lockgate.model.op import CONTRACT, FIX, Hazard, HazardKind, Op, Parked, Precheck, Statement, Strategy
from lockgate.model.schema import ForeignKey, Table

MODE = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"
"""Nothing is cut silently, a 0 stays a 0, and every date that the old table holds can be copied."""


def pair_op(job: TableJob, before: Table, after: Table, foreign_keys: tuple[ForeignKey, ...]) -> Op:
    """Return the one op for all changes of a table; ``foreign_keys`` are those it has and keeps."""
    return _Pair(job, before, after, foreign_keys).build()


@dataclass
class _Pair:
    job: TableJob
    before: Table
    after: Table
    foreign_keys: tuple[ForeignKey, ...]

    def __post_init__(self) -> None:
        key = pair_key(self.before, self.after)
        assert key is not None
        self.names: PairNames = make_names(self.after.name, self.job.names)
        self.forth = Mirror(self.names, self.before, self.after, key, FORTH)
        self.back = Mirror(self.names, self.after, self.before, key, BACK)
        server = self.job.server
        self.copy_forth = Copy(self.names, self.before, self.after, key, self.names.new, server)
        self.copy_back = Copy(self.names, self.after, self.before, key, self.names.old, server, is_back=True)
        self.key = key
        self.keys = PairKeys(self.names, self.foreign_keys, server)

    def build(self) -> Op:
        hazards, prechecks, is_tightening = self._dangers()
        return Op(
            title=f"change table {self.job.name} by a second table",
            stage=CONTRACT if is_tightening else FIX,
            table=self.job.key,
            changes=self.job.changes,
            forward=(*self._prepare(), *self._fill(), self._swap(hazards), *self.keys.after_swap()),
            backward=self._undo(),
            prechecks=tuple(prechecks),
            backward_prechecks=self._keys_fit(),
            revert=(*self._verify(self.copy_back), self._swap_back(), *self.keys.after_return()),
            redo=(*self._verify(self.copy_forth), self._swap([]), *self.keys.after_swap()),
            parks=(self._parked(self.names.old, self.back),),
            backward_parks=(self._parked(self.names.new, self.forth),),
            strategy=Strategy.TABLE_PAIR,
            notices=self._notices(),
            extra_space=1.2,
        )

    def _prepare(self) -> tuple[Statement, ...]:
        names = self.names
        ways = {names.direction: COPYING, names.spare(FORTH): FORTH, names.spare(BACK): BACK}
        return (
            setting(f"SET SESSION sql_mode = {quote_string(MODE)}"),
            ddl(render_table(self._shadow(), self.job.server)),
            *self.keys.create(),
            *self._carry_counter(),
            *(ddl(f"CREATE SQL SECURITY INVOKER VIEW {name} AS SELECT {way} AS way") for name, way in ways.items()),
            ddl(self._log_table()),
            *(ddl(sql) for sql in self.back.create_triggers()),
            *(ddl(sql) for sql in self.forth.create_triggers()),
        )

    def _shadow(self) -> Table:
        """The new table under its reserved name; the server renames generated names of checks with the table."""
        generated = re.compile(re.escape(self.after.name) + r"(_chk_\d+)")
        checks_ = tuple(replace(c, name=generated.sub(self.names.new + r"\1", c.name)) for c in self.after.checks)
        return replace(self.after, name=self.names.new, checks=checks_, foreign_keys=())

    def _log_table(self) -> str:
        columns = {c.name: c for c in self.before.columns}
        fields = ["lockgate_id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY", "lockgate_taken tinyint NOT NULL DEFAULT 0"]
        for number, name in enumerate(self.key):
            bare = replace(
                columns[name],
                name=f"lockgate_{number}",
                default=None,
                on_update=None,
                is_auto_increment=False,
                is_invisible=False,
                comment=None,
            )
            fields.append(render_column(bare, replace(self.before, options=()), self.job.server))
        return f"CREATE TABLE {self.names.log} ({', '.join(fields)}) ENGINE=InnoDB"

    def _carry_counter(self) -> tuple[Statement, ...]:
        """Let the new table count on where the old one is: rows at its end may have been deleted."""
        if not any(c.is_auto_increment for c in self.after.columns):
            return ()
        fresh = () if is_mariadb(self.job.server) else (setting("SET SESSION information_schema_stats_expiry = 0"),)
        alter = quote_string(f"ALTER TABLE {quote_name(self.names.new)} AUTO_INCREMENT = ")
        name = quote_string(self.names.table)
        return (
            *fresh,
            setting(
                f"SET @lockgate_count = (SELECT CONCAT({alter}, COALESCE(MAX(AUTO_INCREMENT), 1))"
                f" FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = {name})"
            ),
            setting("PREPARE lockgate_count FROM @lockgate_count"),
            Statement(sql="EXECUTE lockgate_count", lock="none", is_transactional=False, is_idempotent=True),
            setting("DEALLOCATE PREPARE lockgate_count"),
        )

    def _fill(self) -> tuple[Statement, ...]:
        copy = self.copy_forth
        return (
            self._read_committed(),
            copy.fill(),
            copy.catch_up(is_locking=False),
            self._turn(COPYING, FORTH),
            copy.catch_up(),
            copy.compare(),
            copy.catch_up(),
            self._usual_isolation(),
            setting(f"SET SESSION sql_mode = {quote_string(self.job.server.setting('sql_mode'))}"),
            *self.keys.checked(),
        )

    def _turn(self, before: int, after: int) -> Statement:
        """Turn the direction round while the tables keep their names."""
        names = self.names
        moves = [f"{names.direction} TO {names.spare(before)}", f"{names.spare(after)} TO {names.direction}"]
        if keeps_views_in_triggers(self.job.server):
            table, away = quote_name(names.table), names.of("turn")
            moves += [f"{table} TO {away}", f"{away} TO {table}"]
        return ddl(f"RENAME TABLE {', '.join(moves)}")

    @staticmethod
    def _read_committed() -> Statement:
        return setting("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")

    def _usual_isolation(self) -> Statement:
        name = "tx_isolation" if is_mariadb(self.job.server) else "transaction_isolation"
        return setting(f"SET SESSION {name} = DEFAULT")

    def _swap(self, hazards: list[Hazard]) -> Statement:
        names = self.names
        pairs = (
            (quote_name(names.table), quote_name(names.old)),
            (quote_name(names.new), quote_name(names.table)),
            (names.direction, names.spare(FORTH)),
            (names.spare(BACK), names.direction),
        )
        return ddl("RENAME TABLE " + ", ".join(f"{a} TO {b}" for a, b in pairs), hazards=hazards)

    def _swap_back(self) -> Statement:
        names = self.names
        pairs = (
            (quote_name(names.table), quote_name(names.new)),
            (quote_name(names.old), quote_name(names.table)),
            (names.direction, names.spare(BACK)),
            (names.spare(FORTH), names.direction),
        )
        return ddl("RENAME TABLE " + ", ".join(f"{a} TO {b}" for a, b in pairs))

    def _verify(self, copy: Copy) -> tuple[Statement, ...]:
        """Before a swap with a mirror that was kept: look for TRUNCATE, and for rows that were noted late."""
        return (
            setting(f"SET SESSION sql_mode = {quote_string(MODE)}"),
            self._read_committed(),
            copy.compare_keys(),
            copy.catch_up(),
            self._usual_isolation(),
            setting(f"SET SESSION sql_mode = {quote_string(self.job.server.setting('sql_mode'))}"),
        )

    def _undo(self) -> tuple[Statement, ...]:
        """Undo the forward statements one by one; nothing is left."""
        names = self.names
        views = (names.spare(BACK), names.spare(FORTH), names.direction)
        return (
            *self.keys.before_return(),
            self._swap_back(),
            self._turn(FORTH, COPYING),
            *(ddl(sql) for sql in self.forth.drop_triggers()),
            *(ddl(sql) for sql in self.back.drop_triggers()),
            ddl(f"DROP TABLE {names.log}"),
            *(ddl(f"DROP VIEW {name}") for name in views),
            ddl(f"DROP TABLE {quote_name(names.new)}"),
        )

    def _parked(self, name: str, mirror: Mirror) -> Parked:
        """The mirror, which goes with all that feeds it."""
        names = self.names
        other = self.forth if mirror is self.back else self.back
        views = (names.direction, *(names.spare(way) for way in (COPYING, FORTH, BACK)))
        return Parked(
            original=self.job.key,
            parked=name,
            finalize=(
                *(ddl(sql) for sql in mirror.drop_triggers(is_lenient=True)),
                *(ddl(sql) for sql in other.drop_triggers(is_lenient=True)),
                *(ddl(f"DROP VIEW IF EXISTS {view}") for view in views),
                ddl(f"DROP TABLE IF EXISTS {names.log}"),
                finalize_table(name),
            ),
        )

    def _dangers(self) -> tuple[list[Hazard], list[Precheck], bool]:
        """Return hazards, questions to the rows, and whether the change takes something away."""
        name, old = self.job.name, {c.name: c for c in self.before.columns}
        hazards: list[Hazard] = []
        prechecks: list[Precheck] = []
        for a, b in changed_columns(self.before, self.after):
            found = checks.check_conversion(self.before, a, b)
            prechecks += found
            if convert(a, b).is_lossy:
                text = f"{name}.{a.name} from {a.type} to {b.type} may change values; the old ones are kept"
                hazards.append(Hazard(kind=HazardKind.LOSSY_CONVERSION, message=text))
            if found:
                text = f"values of {name}.{a.name} may not fit {b.type}"
                hazards.append(Hazard(kind=HazardKind.MAY_FAIL_ON_DATA, message=text))
        gone = [c.name for c in self.before.columns if c.name not in {x.name for x in self.after.columns}]
        for column in gone:
            text = f"column {name}.{column} goes, its values are kept until finalize"
            hazards.append(Hazard(kind=HazardKind.DELETES_DATA, message=text))
            hazards.append(Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"clients that use {name}.{column} fail"))
        tightened = [c for c in self.after.columns if c.name in old and old[c.name].is_nullable and not c.is_nullable]
        for c in tightened:
            if c.generated is None:
                prechecks.append(checks.check_nulls(self.before, c))
                hazards.append(Hazard(kind=HazardKind.MAY_FAIL_ON_DATA, message=f"{name}.{c.name} may hold NULL"))
                text = f"clients that leave {c.name} out fail"
                hazards.append(Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=text))
        for column, value in self.forth.given.items():
            text = f"rows there are get {value} in the new column {name}.{column}"
            hazards.append(Hazard(kind=HazardKind.FILLS_ROWS, message=text))
        keys = key_checks(self.job, self.before, self.after)
        if keys:
            text = f"rows of {name} may violate a new key or check"
            hazards.append(Hazard(kind=HazardKind.MAY_FAIL_ON_DATA, message=text))
        return hazards, prechecks + keys, bool(gone or tightened)

    def _keys_fit(self) -> tuple[Precheck, ...]:
        """Ask for rows whose key the old table cannot hold: no stand-in can be given to a key."""
        columns = {c.mirror.name: c for c in self.back.columns}
        found = [condition for name in self.key for condition in key_obstacles(columns[name], "")]
        if not found:
            return ()
        name = self.job.name
        sql = f"SELECT COUNT(*) FROM {quote_name(name)} WHERE {' OR '.join(found)}"
        text = f"rows of {name} have a key that the old table cannot hold"
        return (Precheck(name="keys", sql=sql, message=text),)

    def _notices(self) -> tuple[str, ...]:
        name = self.job.name
        return (
            f"until finalize every write to {name} is also made to a second table",
            f"a transaction that took its snapshot before the swap and reads {name} only after it gets error 1412 once,"
            " as after any rebuild",
        )
