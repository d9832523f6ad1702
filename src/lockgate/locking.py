"""Optimistic locking for DB-API connections and SQLAlchemy: update a row only if nobody else did meanwhile.

    from lockgate.locking import Conflict, update_versioned

    row.version = update_versioned(connection, "orders", {"id": 7}, {"status": "paid"}, expected_version=3)

The transaction is the caller's: nothing is committed or rolled back here, and a driver's error is never swallowed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Conflict", "LockingError", "NotFound", "NotUnique", "update_versioned"]

_BACKTICK_DRIVERS = ("pymysql", "MySQLdb", "mysql", "mariadb", "cymysql", "asyncmy")
_PLACEHOLDERS: Mapping[str, str] = {
    "qmark": "?",
    "format": "%s",
    "numeric": ":{}",
    "named": ":p{}",
    "pyformat": "%(p{})s",
}


class LockingError(Exception):
    """Base of what `update_versioned` raises itself; the caller should roll its transaction back."""

    def __init__(self, table: str, key: Mapping[str, Any], expected: int, current: Any = None) -> None:
        super().__init__(table, dict(key), expected, current)
        self.table, self.key, self.expected, self.current = table, dict(key), expected, current

    def __str__(self) -> str:
        return f"{self._row}: expected version {self.expected}"

    @property
    def _row(self) -> str:
        return f"{self.table} ({', '.join(f'{name}={value!r}' for name, value in self.key.items())})"


class Conflict(LockingError):
    """Somebody changed the row meanwhile. ``expected`` is the version the caller had, ``current`` the row's now."""

    def __str__(self) -> str:
        return f"{self._row} was changed meanwhile: expected version {self.expected}, current version {self.current}"


class NotFound(LockingError):
    """There is no such row (any more)."""

    def __str__(self) -> str:
        return f"{self._row} does not exist: expected version {self.expected}"


class NotUnique(LockingError):
    """The key names more than one row. All of them are changed in the open transaction: roll it back."""

    def __str__(self) -> str:
        return f"{self._row} names {self.current} rows, which are changed now: roll the transaction back"


class _Statement(NamedTuple):
    sql: str
    params: Any


def update_versioned(
    connection: Any,
    table: Any,
    key: Mapping[str, Any],
    changes: Mapping[str, Any],
    expected_version: int,
    version_column: str = "version",
    *,
    paramstyle: str = "",
) -> int:
    """Change one row if its version is the expected one, and count the version up by one.

    Args:
        connection: A DB-API connection, or an SQLAlchemy ``Connection`` or ``Session``.
        table: A name, a sequence such as ``("sales", "orders")``, or an SQLAlchemy table or mapped class.
        key: The columns and values that name the row, for example its primary key.
        changes: The new values by column; may be empty, and then only the version counts up.
        expected_version: The version the caller read.
        version_column: The integer column that counts changes.
        paramstyle: How the driver marks parameters, where its module does not say.

    Returns:
        The row's new version.

    Raises:
        Conflict: The row has another version; both stand in the error.
        NotFound: There is no such row.
        NotUnique: The key names several rows.
        ValueError: The arguments cannot mean one row and its change.
        Exception: Whatever the driver raises, as it is (a deadlock, a serialization failure, a lost connection).
    """
    _check(key, changes, expected_version, version_column)
    if hasattr(connection, "sync_session") or hasattr(connection, "sync_connection"):
        raise ValueError("this connection is asynchronous: await session.run_sync(update_versioned, …)")
    if hasattr(connection, "dialect") or hasattr(connection, "get_bind"):
        update, read = _with_sqlalchemy(connection, table, key, changes, expected_version, version_column)
    else:
        update, read = _with_driver(connection, table, key, changes, expected_version, version_column, paramstyle)
    name = _label(table)
    changed = update()
    if changed == 1:
        return expected_version + 1
    if changed > 1:
        raise NotUnique(name, key, expected_version, changed)
    if changed < 0:
        raise LockingError(name, key, expected_version, "unknown: the driver does not tell how many rows changed")
    rows = read()
    if not rows:
        raise NotFound(name, key, expected_version)
    raise Conflict(name, key, expected_version, rows[0][0])


def _check(key: Mapping[str, Any], changes: Mapping[str, Any], expected: int, version_column: str) -> None:
    if not key:
        raise ValueError("the key is empty: it would mean every row")
    if any(value is None for value in key.values()):
        raise ValueError("a key with NULL names no row")
    if isinstance(expected, bool) or not isinstance(expected, int):
        raise ValueError(f"the expected version must be an integer, not {expected!r}")
    if version_column in changes:
        raise ValueError(f"{version_column} is counted up here and cannot be set")
    if version_column in key:
        raise ValueError(f"{version_column} is compared here and cannot be part of the key")


def _names(table: Any) -> tuple[str, ...]:
    """Return schema (if any) and name of a table."""
    table = getattr(table, "__table__", table)
    if isinstance(table, str):
        return (table,)
    if hasattr(table, "name"):
        return tuple(part for part in (getattr(table, "schema", None), table.name) if part)
    names = tuple(str(part) for part in table)
    if not names or not all(names):
        raise ValueError("the table has no name")
    return names


def _label(table: Any) -> str:
    return ".".join(_names(table))


def _with_driver(
    connection: Any,
    table: Any,
    key: Mapping[str, Any],
    changes: Mapping[str, Any],
    expected: int,
    version_column: str,
    paramstyle: str,
) -> tuple[Callable[[], int], Callable[[], Sequence[Any]]]:
    module = _driver_of(connection)
    style = paramstyle or getattr(module, "paramstyle", "")
    if style not in _PLACEHOLDERS:
        raise ValueError(f"how does this driver mark parameters? give paramstyle, one of {', '.join(_PLACEHOLDERS)}")
    has_backticks = module is not None and module.__name__.partition(".")[0] in _BACKTICK_DRIVERS
    writer = _Writer(style, "`" if has_backticks else '"')
    version = writer.quote(version_column)
    sets = [f"{writer.quote(name)} = {writer.mark(value)}" for name, value in changes.items()]
    sets.append(f"{version} = {version} + 1")
    name = ".".join(writer.quote(part) for part in _names(table))
    where = writer.where(key)
    update = writer.done(f"UPDATE {name} SET {', '.join(sets)} WHERE {where} AND {version} = {writer.mark(expected)}")
    # A repeatable read shows the old version on MySQL; a locking read shows the one that the update met.
    tail = " LOCK IN SHARE MODE" if has_backticks else ""
    read = writer.done(f"SELECT {version} FROM {name} WHERE {writer.where(key)}{tail}")
    return lambda: _run(connection, update)[0], lambda: _run(connection, read)[1]


class _Writer:
    """Writes names and marks as one driver wants them, and collects the values of one statement."""

    def __init__(self, style: str, quote_mark: str) -> None:
        self._style, self._quote_mark = style, quote_mark
        self._values: list[Any] = []

    def quote(self, name: str) -> str:
        """Return a name in quotes. Drivers that mark with % want it doubled everywhere else."""
        if not name or "\0" in name:
            raise ValueError(f"{name!r} is no name")
        mark = self._quote_mark
        text = f"{mark}{name.replace(mark, mark * 2)}{mark}"
        return text.replace("%", "%%") if self._style in ("format", "pyformat") else text

    def mark(self, value: Any) -> str:
        """Return the mark of one more value."""
        self._values.append(value)
        return _PLACEHOLDERS[self._style].format(len(self._values))

    def where(self, key: Mapping[str, Any]) -> str:
        """Return the condition that names the row."""
        return " AND ".join(f"{self.quote(name)} = {self.mark(value)}" for name, value in key.items())

    def done(self, sql: str) -> _Statement:
        """Return the statement with its values, and begin anew."""
        values, self._values = self._values, []
        if self._style in ("named", "pyformat"):
            return _Statement(sql, {f"p{number}": value for number, value in enumerate(values, 1)})
        return _Statement(sql, tuple(values))


def _run(connection: Any, statement: _Statement) -> tuple[int, Sequence[Any]]:
    cursor = connection.cursor()
    try:
        cursor.execute(statement.sql, statement.params)
        rows = (
            [tuple(row.values()) if isinstance(row, Mapping) else row for row in cursor.fetchall()]
            if cursor.description
            else []
        )
        return cursor.rowcount, rows
    finally:
        cursor.close()


def _driver_of(connection: Any) -> Any:
    """Return the module that says how the connection's driver marks parameters, or None; pool wrappers are opened."""
    inner = getattr(connection, "dbapi_connection", None) or connection
    for kind in type(inner).__mro__:
        name = kind.__module__
        while name:
            module = sys.modules.get(name)
            if hasattr(module, "paramstyle"):
                return module
            name = name.rpartition(".")[0]
    return None


def _with_sqlalchemy(
    connection: Any, table: Any, key: Mapping[str, Any], changes: Mapping[str, Any], expected: int, version_column: str
) -> tuple[Callable[[], int], Callable[[], Sequence[Any]]]:
    import sqlalchemy as sa

    names = [*key, *changes, version_column]
    known = getattr(table, "__table__", table)
    if isinstance(known, sa.Table):
        target: Any = known
    else:
        parts = [sa.sql.quoted_name(part, quote=True) for part in _names(table)]
        unique: list[Any] = [sa.column(sa.sql.quoted_name(name, quote=True)) for name in dict.fromkeys(names)]
        target = sa.table(
            parts[-1], *unique, schema=sa.sql.quoted_name(".".join(parts[:-1]), True) if parts[1:] else None
        )
    version = target.c[version_column]
    condition = sa.and_(*(target.c[name] == value for name, value in key.items()))
    values = {target.c[name]: value for name, value in changes.items()}
    update = sa.update(target).where(condition, version == expected).values({**values, version: version + 1})
    read = sa.select(version).where(condition)
    bind = connection if hasattr(connection, "dialect") else connection.get_bind(clause=target)
    if bind.dialect.identifier_preparer.initial_quote == "`":
        read = read.with_for_update(read=True)
    return lambda: connection.execute(update).rowcount, lambda: connection.execute(read).all()
