"""The mirror of one table: its trigger and function, and the chunked fill and comparison of the shadows; pure."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_function import mirror_function
from lockgate.engine.postgres.mirror_pair import Pair, converted, differs, way_back, way_there
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import RANGE, Chunked, ChunkKind, Statement
from lockgate.model.schema import Table

_QUIET = "SET LOCAL session_replication_role = replica"


class Mirror(NamedTuple):
    """What mirrors the pairs of one table: its key (names, quoted, literals), function (in SQL) and trigger (bare)."""

    table: Table
    key: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    pairs: tuple[Pair, ...]
    function: str
    trigger: str

    @property
    def on(self) -> str:
        """The table in SQL."""
        return qualify(self.table.namespace, self.table.name)

    def write_function(self, *, is_there: bool) -> Statement:
        """Return what makes the function, or replaces it, so that open sessions plan it anew."""
        ways = [way_there(pair) if is_there else way_back(pair) for pair in self.pairs]
        return statement(mirror_function(self.function, self.table, self.key[0], ways), "create")

    def begin(self) -> list[Statement]:
        """Return what makes function and trigger, which fires in sessions of replication, too."""
        name = quote_ident(self.trigger)
        create = (
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {self.on} FOR EACH ROW "
            f"EXECUTE FUNCTION {self.function}()"
        )
        always = f"ALTER TABLE {self.on} ENABLE ALWAYS TRIGGER {name}"
        return [self.write_function(is_there=True), statement(create, "trigger"), statement(always, "toggle_trigger")]

    def end(self) -> tuple[Statement, ...]:
        """Return what drops trigger and function."""
        drop = f"DROP TRIGGER IF EXISTS {quote_ident(self.trigger)} ON {self.on}"
        return (
            statement(drop, "drop_trigger", is_idempotent=True),
            statement(f"DROP FUNCTION IF EXISTS {self.function}()", "catalogue", is_idempotent=True),
        )


def fill_and_compare(mirror: Mirror, *, is_quiet: bool) -> tuple[Statement, Statement]:
    """Return the chunked fill of the shadows, and the chunked comparison that repairs what differs.

    Args:
        is_quiet: Keep the application's triggers from firing for a row that is only copied.
    """
    ways = [way_there(pair) for pair in mirror.pairs]
    values = [converted(way, quote_ident(way.source), is_guarded=True) for way in ways]
    targets = [quote_ident(way.target) for way in ways]
    sets = ", ".join(f"{target} = {value}" for target, value in zip(targets, values, strict=True))
    differing = " OR ".join(
        f"({differs(target, value, way.target_type)})" for target, value, way in zip(targets, values, ways, strict=True)
    )
    update = f"UPDATE {mirror.on} SET {sets} WHERE {RANGE} AND ({differing})"
    lock = f"SELECT FROM {mirror.on} WHERE {RANGE} AND ({differing}) FOR NO KEY UPDATE NOWAIT"
    locks = (lock, _QUIET) if is_quiet else (lock,)
    chunked = Chunked(
        kind=ChunkKind.WRITE,
        table=keys.table_key(mirror.table),
        source=mirror.on,
        columns=mirror.key[1],
        literals=mirror.key[2],
        locks=locks,
    )
    fill = replace(statement(update, "update_rows", is_transactional=False, is_idempotent=True), chunked=chunked)
    count = f"SELECT count(*) FROM {mirror.on} WHERE {RANGE} AND ({differing})"
    compared = replace(
        statement(count, "save_rows", is_transactional=False, is_idempotent=True),
        chunked=replace(chunked, kind=ChunkKind.COMPARE, repair=(update,)),
    )
    return fill, compared
