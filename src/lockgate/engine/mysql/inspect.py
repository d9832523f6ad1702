"""Read the live schema: the server's own SHOW CREATE texts, parsed in full; what is not understood is unmanaged."""

from __future__ import annotations

import re

from msgspec.structs import replace

from lockgate.engine.base import Scope, Session
from lockgate.engine.mysql.inspect_programs import inspect_programs, inspect_sequences, inspect_views
from lockgate.engine.mysql.known import read_table
from lockgate.engine.mysql.lexer import quote_name, strip_database
from lockgate.engine.mysql.server import keeps_explicit_collation, spells_default_action_restrict
from lockgate.engine.mysql.show_create import Defaults, NotModelled
from lockgate.errors import StatementFailed
from lockgate.model.keys import key_of
from lockgate.model.schema import Definition, Schema, Table, Unmanaged
from lockgate.model.server import Server

OWN_PREFIX = "lockgate_"
_PARKED = re.compile(r"lockgate_p\d+_")
SHOW_MODES = "ANSI_QUOTES|NO_BACKSLASH_ESCAPES|ORACLE|ANSI|MSSQL|DB2|POSTGRESQL|MAXDB|NO_TABLE_OPTIONS|NO_FIELD_OPTIONS"


def inspect_schema(session: Session, server: Server, scope: Scope | None = None) -> Schema:
    """Return the schema of the session's database.

    Texts are the server's; the database's own name is removed from them. Lockgate's objects are left out, unless
    ``scope`` asks for the parked ones.
    """
    scope = scope or Scope()
    database = str(session.query("SELECT DATABASE()")[0][0])
    old_mode = enter_plain_mode(session)
    try:
        return _inspect(session, server, database, scope)
    finally:
        if old_mode is not None:
            session.query("SET SESSION sql_mode = %s", (old_mode,))


def enter_plain_mode(session: Session) -> str | None:
    """Leave modes that change how SHOW CREATE quotes; return the mode to come back to, None when none was set."""
    mode = str(session.query("SELECT @@SESSION.sql_mode")[0][0])
    words = mode.split(",") if mode else []
    kept = [word for word in words if word not in SHOW_MODES.split("|")]
    if kept == words:
        return None
    session.query("SET SESSION sql_mode = %s", (",".join(kept),))
    return mode


def _inspect(session: Session, server: Server, database: str, scope: Scope) -> Schema:
    rows = session.query("SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()")
    names: dict[str, list[str]] = {}
    for name, type_ in rows:
        if is_visible(str(name), scope):
            names.setdefault(str(type_), []).append(str(name))
    unmanaged: list[Unmanaged] = []
    tables: list[Table] = []
    defaults = _read_defaults(session, server)
    for type_ in sorted(names.keys() - {"VIEW", "SEQUENCE"}):
        for name in sorted(names[type_]):
            _read_table(session, database, name, type_, defaults, scope, tables, unmanaged)
    sequences = inspect_sequences(session, sorted(names.get("SEQUENCE", ())))
    definitions: list[Definition] = inspect_views(session, database, sorted(names.get("VIEW", ())), unmanaged)
    definitions += inspect_programs(session, server, database, unmanaged)
    definitions = [d for d in definitions if is_visible(d.name, scope) and is_visible(d.table or "", scope)]
    return Schema(
        engine="mysql",
        sequences=tuple(sequences),
        tables=tuple(sorted(tables, key=lambda t: t.name)),
        definitions=tuple(sorted(definitions, key=key_of)),
        unmanaged=tuple(sorted(unmanaged, key=lambda u: (u.kind, u.name))),
    )


def is_visible(name: str, scope: Scope) -> bool:
    """Tell whether a name is the user's, or parked and asked for."""
    lowered = name.lower()
    if not lowered.startswith(OWN_PREFIX):
        return True
    return scope.include_own and _PARKED.match(lowered) is not None


def _read_defaults(session: Session, server: Server) -> Defaults:
    rows = session.query("SELECT CHARACTER_SET_NAME, DEFAULT_COLLATE_NAME FROM information_schema.CHARACTER_SETS")
    return Defaults(
        collations={str(charset): str(collation) for charset, collation in rows},
        fk_action="restrict" if spells_default_action_restrict(server) else "no action",
        has_explicit_collations=keeps_explicit_collation(server),
    )


def _read_table(
    session: Session,
    database: str,
    name: str,
    type_: str,
    defaults: Defaults,
    scope: Scope,
    tables: list[Table],
    unmanaged: list[Unmanaged],
) -> None:
    try:
        sql = str(session.query(f"SHOW CREATE TABLE {quote_name(name)}")[0][1])
        tables.append(_without_own(read_table(strip_database(sql, database), defaults), scope))
    except NotModelled as reason:
        unmanaged.append(Unmanaged(kind="table", name=name, reason=f"{reason} is not modelled"))
    except StatementFailed as error:
        unmanaged.append(Unmanaged(kind="table", name=name, reason=f"{type_.lower()}: {error.cause}"))


def _without_own(table: Table, scope: Scope) -> Table:
    """Leave out parked columns and everything on them."""
    if scope.include_own or not any(_is_own(c.name) for c in table.columns):
        return table
    indexes = tuple(i for i in table.indexes if not any(_is_own(p.column or "") for p in i.parts))
    key = table.primary_key
    if key is not None and any(_is_own(p.column or "") for p in key.parts):
        key = None
    columns = tuple(c for c in table.columns if not _is_own(c.name))
    return replace(table, columns=columns, indexes=indexes, primary_key=key)


def _is_own(name: str) -> bool:
    return name.lower().startswith(OWN_PREFIX)
