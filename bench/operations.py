"""The changes whose stalls are measured: before and after as SQL, and the statement that a person would send."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.fault.kit.shape import Shape

ALL = ("sqlite", "postgres", "mysql", "mariadb")
SERVERS = ALL[1:]
INNODB = ALL[2:]
_BASE = Shape()


@dataclass(frozen=True)
class Operation:
    """One change of the measured table.

    ``before`` and ``after`` change the types of columns (see `Shape.ddl`), ``add`` and ``base_add`` are further
    statements of the schema, ``drop`` those of the base that the desired schema lacks. ``plain`` and ``plain_back`` are
    what plain DDL is, by engine (``""``: all others); ``pt`` the text for pt-online-schema-change. ``held_s``: how long
    a transaction on the table is open when it begins. ``needs_shadow``: plain DDL copies or scans under a lock, so
    Lockgate is asked for its online form. ``writes`` are what an application may write once the change is there, and
    not before: the way back must lose none of it.
    """

    name: str
    title: str
    engines: tuple[str, ...]
    plain: dict[str, str]
    plain_back: dict[str, str]
    pt: str = ""
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, dict[str, str]] = field(default_factory=dict)
    add: tuple[str, ...] = ()
    base_add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    held_s: float = 0.0
    needs_shadow: bool = False
    also: tuple[str, ...] = ("pad",)
    writes: tuple[str, ...] = ()

    def shape(self) -> Shape:
        """Return the table as it is before."""
        known = dict(_BASE.columns)
        columns = tuple({**known, **self.before}.items())
        return replace(_BASE, columns=columns, indexes=(*_BASE.indexes, *self.base_add))

    def desired(self, engine: str) -> str:
        """Return the schema that is wanted, as SQL."""
        base = self.shape()
        shape = replace(base, indexes=tuple(index for index in base.indexes if index not in self.drop))
        text = shape.ddl(**self.after.get(engine, self.after.get("", {})))
        return "\n".join((text, *(f"{statement};" for statement in self.add)))

    def forward(self, engine: str) -> str:
        """Return the plain statement of an engine; empty where there is none."""
        return self.plain.get(engine, self.plain.get("", ""))

    def backward(self, engine: str) -> str:
        """Return the plain way back of an engine; empty where there is none."""
        return self.plain_back.get(engine, self.plain_back.get("", ""))


def _modified(column: str, old: str, new: str, postgres_old: str = "", postgres_new: str = "") -> dict[str, object]:
    """Return the statements and types of a change of one column's type."""
    return {
        "plain": {
            "": f"ALTER TABLE t MODIFY {column} {new}",
            "postgres": f"ALTER TABLE t ALTER COLUMN {column} {postgres_new or f'TYPE {new}'}",
            "sqlite": "",
        },
        "plain_back": {
            "": f"ALTER TABLE t MODIFY {column} {old}",
            "postgres": f"ALTER TABLE t ALTER COLUMN {column} {postgres_old or f'TYPE {old}'}",
            "sqlite": "",
        },
        "pt": f"MODIFY {column} {new}",
        "after": {"": {column: new}},
    }


_ADD_COLUMN = {
    "plain": {"": "ALTER TABLE t ADD COLUMN extra INTEGER"},
    "plain_back": {"": "ALTER TABLE t DROP COLUMN extra"},
    "pt": "ADD COLUMN extra INTEGER",
    "after": {"": {"extra": "INTEGER"}},
    "writes": (
        "UPDATE t SET extra = 7 WHERE id = 11",
        "INSERT INTO t (id, k, c, extra) VALUES (900001, 1, 'new', -8)",
        "DELETE FROM t WHERE id = 13",
    ),
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "type",
        "INTEGER to BIGINT, indexed",
        ALL,
        needs_shadow=True,
        writes=(
            "UPDATE t SET k = 5000000000 WHERE id = 11",
            "INSERT INTO t (id, k, c) VALUES (900001, -5000000001, 'too large')",
            "UPDATE t SET k = 2147483647 WHERE id = 12",
            "DELETE FROM t WHERE id = 13",
        ),
        **_modified(  # type: ignore[arg-type]
            "k", "INTEGER NOT NULL", "BIGINT NOT NULL", "TYPE integer", "TYPE bigint"
        ),
    ),
    Operation("add-column", "add a column", ALL, **_ADD_COLUMN),  # type: ignore[arg-type]
    Operation(
        "add-column-held",
        "add a column behind a transaction of 6 s",
        SERVERS,
        held_s=6.0,
        **_ADD_COLUMN,  # type: ignore[arg-type]
    ),
    Operation(
        "drop-column",
        "drop a column",
        ALL,
        plain={"": "ALTER TABLE t DROP COLUMN pad"},
        plain_back={"": "ALTER TABLE t ADD COLUMN pad CHAR(60)"},
        pt="DROP COLUMN pad",
        after={"": {"pad": ""}},
        also=(),
        writes=("INSERT INTO t (id, k, c) VALUES (900001, 1, 'without')", "DELETE FROM t WHERE id = 13"),
    ),
    Operation(
        "add-index",
        "add an index",
        ALL,
        plain={"": "CREATE INDEX t_c ON t (c)"},
        plain_back={"": "DROP INDEX t_c ON t", "postgres": "DROP INDEX t_c", "sqlite": "DROP INDEX t_c"},
        pt="ADD INDEX t_c (c)",
        add=("CREATE INDEX t_c ON t (c)",),
    ),
    Operation(
        "add-unique",
        "add a unique index",
        ALL,
        plain={"": "CREATE UNIQUE INDEX t_c ON t (c)"},
        plain_back={"": "DROP INDEX t_c ON t", "postgres": "DROP INDEX t_c", "sqlite": "DROP INDEX t_c"},
        pt="ADD UNIQUE INDEX t_c (c)",
        add=("CREATE UNIQUE INDEX t_c ON t (c)",),
    ),
    Operation(
        "set-not-null",
        "NULL to NOT NULL",
        ALL,
        needs_shadow=True,
        **_modified(  # type: ignore[arg-type]
            "c", "VARCHAR(120)", "VARCHAR(120) NOT NULL", "DROP NOT NULL", "SET NOT NULL"
        ),
    ),
    Operation(
        "add-check",
        "add a CHECK",
        ALL,
        needs_shadow=True,
        plain={"": "ALTER TABLE t ADD CONSTRAINT t_k_range CHECK (k >= 0)", "sqlite": ""},
        plain_back={"": "ALTER TABLE t DROP CONSTRAINT t_k_range", "sqlite": ""},
        pt="ADD CONSTRAINT t_k_range CHECK (k >= 0)",
        after={"": {"CONSTRAINT t_k_range": "CHECK (k >= 0)"}},
    ),
    Operation(
        "volatile-default",
        "add a column with a volatile default",
        SERVERS,
        needs_shadow=True,
        plain={
            "postgres": "ALTER TABLE t ADD COLUMN token uuid DEFAULT gen_random_uuid()",
            "": "ALTER TABLE t ADD COLUMN token VARCHAR(36) DEFAULT (uuid())",
        },
        plain_back={"": "ALTER TABLE t DROP COLUMN token"},
        pt="ADD COLUMN token VARCHAR(36) DEFAULT (uuid())",
        after={
            "postgres": {"token": "uuid DEFAULT gen_random_uuid()"},
            "": {"token": "VARCHAR(36) DEFAULT (uuid())"},
        },
        writes=(
            "UPDATE t SET token = '00000000-0000-0000-0000-000000000007' WHERE id = 11",
            "INSERT INTO t (id, k, c, token) VALUES (900001, 1, 'new', NULL)",
        ),
    ),
    Operation(
        "narrow-varchar",
        "VARCHAR(120) to VARCHAR(60)",
        ALL,
        needs_shadow=True,
        **_modified("c", "VARCHAR(120)", "VARCHAR(60)"),  # type: ignore[arg-type]
    ),
    Operation(
        "charset",
        "utf8mb3 to utf8mb4, indexed text",
        INNODB,
        needs_shadow=True,
        before={"c": "VARCHAR(120) CHARACTER SET utf8mb3"},
        base_add=("CREATE INDEX t_c ON t (c)",),
        writes=(
            "UPDATE t SET c = '\U0001f600 four bytes' WHERE id = 11",
            "INSERT INTO t (id, k, c) VALUES (900001, 1, 'new \U0001f680')",
        ),
        **_modified(  # type: ignore[arg-type]
            "c", "VARCHAR(120) CHARACTER SET utf8mb3", "VARCHAR(120) CHARACTER SET utf8mb4"
        ),
    ),
    Operation(
        "widen-varchar",
        "VARCHAR(60) to VARCHAR(120)",
        ALL,
        needs_shadow=True,
        before={"c": "VARCHAR(60)"},
        writes=(
            f"UPDATE t SET c = '{'long ' * 20}' WHERE id = 11",
            f"INSERT INTO t (id, k, c) VALUES (900001, 1, '{'new ' * 25}')",
        ),
        **_modified("c", "VARCHAR(60)", "VARCHAR(120)"),  # type: ignore[arg-type]
    ),
    Operation(
        "drop-not-null",
        "NOT NULL to NULL",
        ALL,
        before={"c": "VARCHAR(120) NOT NULL"},
        writes=("UPDATE t SET c = NULL WHERE id = 11", "INSERT INTO t (id, k) VALUES (900001, 1)"),
        **_modified(  # type: ignore[arg-type]
            "c", "VARCHAR(120) NOT NULL", "VARCHAR(120)", "SET NOT NULL", "DROP NOT NULL"
        ),
    ),
    Operation(
        "drop-unique",
        "drop a unique index",
        ALL,
        plain={"": "DROP INDEX t_c ON t", "postgres": "DROP INDEX t_c", "sqlite": "DROP INDEX t_c"},
        plain_back={"": "CREATE UNIQUE INDEX t_c ON t (c)"},
        pt="DROP INDEX t_c",
        base_add=("CREATE UNIQUE INDEX t_c ON t (c)",),
        drop=("CREATE UNIQUE INDEX t_c ON t (c)",),
        writes=(
            "UPDATE t SET c = 'twice' WHERE id = 11",
            "UPDATE t SET c = 'twice' WHERE id = 12",
            "INSERT INTO t (id, k, c) VALUES (900001, 1, 'twice')",
        ),
    ),
    Operation(
        "drop-check",
        "drop a CHECK",
        ALL,
        plain={"": "ALTER TABLE t DROP CONSTRAINT t_k_range", "sqlite": ""},
        plain_back={"": "ALTER TABLE t ADD CONSTRAINT t_k_range CHECK (k >= 0)", "sqlite": ""},
        pt="DROP CONSTRAINT t_k_range",
        before={"CONSTRAINT t_k_range": "CHECK (k >= 0)"},
        after={"": {"CONSTRAINT t_k_range": ""}},
        writes=("UPDATE t SET k = -5 WHERE id = 11", "INSERT INTO t (id, k, c) VALUES (900001, -6, 'below')"),
    ),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
