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
    statements of the schema. ``plain`` and ``plain_back`` are what plain DDL is, by engine (``""``: all others);
    ``pt`` the text for pt-online-schema-change. ``held_s``: how long a transaction on the table is open when it begins.
    ``needs_shadow``: plain DDL copies or scans under a lock, so Lockgate is asked for its online form.
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
    held_s: float = 0.0
    needs_shadow: bool = False
    also: tuple[str, ...] = ("pad",)

    def shape(self) -> Shape:
        """Return the table as it is before."""
        columns = tuple((name, self.before.get(name, kind)) for name, kind in _BASE.columns)
        return replace(_BASE, columns=columns, indexes=(*_BASE.indexes, *self.base_add))

    def desired(self, engine: str) -> str:
        """Return the schema that is wanted, as SQL."""
        shape = self.shape()
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
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "type",
        "INTEGER to BIGINT, indexed",
        ALL,
        needs_shadow=True,
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
        **_modified(  # type: ignore[arg-type]
            "c", "VARCHAR(120) CHARACTER SET utf8mb3", "VARCHAR(120) CHARACTER SET utf8mb4"
        ),
    ),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
