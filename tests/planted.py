"""Differences planted by hand into a live database whose tables another tool made from its models."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import psycopg
import pymysql

from lockgate.engine import load_engine
from lockgate.engine.base import Scope
from lockgate.model.schema import Schema, Table
from lockgate.model.target import Target, parse_target

FLAVORS = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
Edit = tuple[str, str, str]
"""SQLite: the table, what stands in its text (a pattern), and what shall stand there."""


@dataclass(frozen=True)
class Planted:
    """One difference: what it is, and how it is made on each engine; an engine without one does not have such a thing.

    ``my`` holds for MySQL and MariaDB. Names in braces are of the constraint or index as the tool named it.
    """

    words: str
    any: tuple[str, ...] = ()
    pg: tuple[str, ...] = ()
    my: tuple[str, ...] = ()
    lite: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    flavors: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def statements(self, flavor: str) -> tuple[str, ...]:
        """Return the statements for a flavor; empty when there are none, or edits of SQLite's texts instead."""
        own = {"postgres": self.pg, "mysql": self.my, "mariadb": self.my, "sqlite": self.lite}[flavor]
        return self.flavors.get(flavor, own or self.any)

    def is_for(self, flavor: str) -> bool:
        """Tell whether the engine has such a thing at all."""
        return bool(self.statements(flavor)) or (flavor == "sqlite" and bool(self.edits))


def _alter(table: str, pg: str, my: str) -> dict[str, tuple[str, ...]]:
    return {"pg": (f"ALTER TABLE {table} {pg}",), "my": (f"ALTER TABLE {table} {my}",)}


_NAME = r"(\"?name\"? varchar\(80\) NOT NULL)"
_DEFAULT = r"(DEFAULT (\(CAST\('0' AS NUMERIC\)\)|\(?0\)?))"
_DROP_FOREIGN_KEY = ("ALTER TABLE item DROP FOREIGN KEY {fk}",)
PLANTED: dict[str, Planted] = {
    "column-missing": Planted("a column is missing", any=("ALTER TABLE place DROP COLUMN label",)),
    "column-extra": Planted("a column that nobody declares", any=("ALTER TABLE place ADD COLUMN extra integer",)),
    "type": Planted(
        "another type",
        **_alter("item", "ALTER COLUMN name TYPE text", "MODIFY name text NOT NULL"),
        edits=(("item", _NAME, "name TEXT NOT NULL"),),
        flavors={
            "mysql": ("DROP INDEX ix_item_name_amount ON item", "ALTER TABLE item MODIFY name text NOT NULL",
                      "CREATE INDEX ix_item_name_amount ON item (name(80), amount)"),
            "mariadb": ("DROP INDEX ix_item_name_amount ON item", "ALTER TABLE item MODIFY name text NOT NULL",
                        "CREATE INDEX ix_item_name_amount ON item (name(80), amount)"),
        },
    ),
    "length": Planted(
        "another length of a text",
        **_alter("item", "ALTER COLUMN name TYPE varchar(60)", "MODIFY name varchar(60) NOT NULL"),
        edits=(("item", _NAME, "name VARCHAR(60) NOT NULL"),),
    ),
    "precision": Planted(
        "another precision of a number",
        **_alter("item", "ALTER COLUMN amount TYPE numeric(12,4)", "MODIFY amount decimal(12,4) DEFAULT 0 NOT NULL"),
        edits=(("item", r"(NUMERIC\(10, 2\)|decimal)", "NUMERIC(12, 4)"),),
    ),
    "time-zone": Planted(
        "a time without its zone", pg=("ALTER TABLE item ALTER COLUMN added_at TYPE timestamp",)
    ),
    "nullable": Planted(
        "NULL is allowed",
        **_alter("item", "ALTER COLUMN name DROP NOT NULL", "MODIFY name varchar(80) NULL"),
        edits=(("item", _NAME, "name VARCHAR(80)"),),
    ),
    "default": Planted(
        "another default",
        any=("ALTER TABLE item ALTER COLUMN amount SET DEFAULT 5",),
        edits=(("item", _DEFAULT, "DEFAULT 5"),),
    ),
    "default-missing": Planted(
        "a default is missing",
        any=("ALTER TABLE item ALTER COLUMN amount DROP DEFAULT",),
        edits=(("item", _DEFAULT, ""),),
    ),
    "identity": Planted(
        "the key does not number itself",
        pg=("ALTER TABLE item ALTER COLUMN id DROP IDENTITY IF EXISTS", "ALTER TABLE item ALTER COLUMN id DROP DEFAULT"),
        my=("ALTER TABLE item MODIFY id integer NOT NULL",),
    ),
    "collation": Planted(
        "another collation",
        pg=('ALTER TABLE item ALTER COLUMN name TYPE varchar(80) COLLATE "C"',),
        my=("ALTER TABLE item MODIFY name varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",),
        edits=(("item", _NAME, "name VARCHAR(80) COLLATE NOCASE NOT NULL"),),
    ),
    "enum": Planted(
        "a value of an enumeration is missing",
        pg=("ALTER TABLE item ALTER COLUMN state DROP DEFAULT", "ALTER TYPE item_state RENAME TO item_state_old",
            "CREATE TYPE item_state AS ENUM ('new', 'used')",
            "ALTER TABLE item ALTER COLUMN state TYPE item_state USING state::text::item_state",
            "ALTER TABLE item ALTER COLUMN state SET DEFAULT 'new'", "DROP TYPE item_state_old"),
        my=("ALTER TABLE item MODIFY state enum('new','used') DEFAULT 'new' NOT NULL",),
    ),
    "comment": Planted(
        "another comment of a column",
        pg=("COMMENT ON COLUMN place.label IS 'elsewhere'",),
        my=("ALTER TABLE place MODIFY label varchar(40) COMMENT 'elsewhere'",),
    ),
    "table-comment": Planted(
        "another comment of a table", pg=("COMMENT ON TABLE place IS 'elsewhere'",), my=("ALTER TABLE place COMMENT 'elsewhere'",)
    ),
    "index-missing": Planted(
        "an index is missing", any=("DROP INDEX ix_item_name_amount",), my=("DROP INDEX ix_item_name_amount ON item",)
    ),
    "index-extra": Planted("an index that nobody declares", any=("CREATE INDEX by_label ON place (label)",)),
    "index-order": Planted(
        "the columns of an index in another order",
        any=("DROP INDEX ix_item_name_amount", "CREATE INDEX ix_item_name_amount ON item (amount, name)"),
        my=("DROP INDEX ix_item_name_amount ON item", "CREATE INDEX ix_item_name_amount ON item (amount, name)"),
    ),
    "index-descending": Planted(
        "a column of an index descends",
        any=("DROP INDEX ix_item_name_amount", "CREATE INDEX ix_item_name_amount ON item (name, amount DESC)"),
        my=("DROP INDEX ix_item_name_amount ON item", "CREATE INDEX ix_item_name_amount ON item (name, amount DESC)"),
    ),
    "index-unique": Planted(
        "an index became unique",
        any=("DROP INDEX ix_item_name_amount", "CREATE UNIQUE INDEX ix_item_name_amount ON item (name, amount)"),
        my=("DROP INDEX ix_item_name_amount ON item", "CREATE UNIQUE INDEX ix_item_name_amount ON item (name, amount)"),
    ),
    "index-partial": Planted(
        "an index covers only some rows",
        pg=("DROP INDEX ix_item_name_amount", "CREATE INDEX ix_item_name_amount ON item (name, amount) WHERE amount > 0"),
        lite=("DROP INDEX ix_item_name_amount", "CREATE INDEX ix_item_name_amount ON item (name, amount) WHERE amount > 0"),
    ),
    "unique-missing": Planted(
        "a unique constraint is missing",
        pg=("ALTER TABLE place DROP CONSTRAINT {uq}",),
        my=("ALTER TABLE place DROP INDEX {uq}",),
        edits=(("place", r"(,\s*CONSTRAINT uq_place_code UNIQUE \(code\)|(?<=NOT NULL) UNIQUE)", ""),),
    ),
    "foreign-key-missing": Planted(
        "a foreign key is missing",
        pg=("ALTER TABLE item DROP CONSTRAINT {fk}",),
        my=_DROP_FOREIGN_KEY,
        edits=(("item", r"(,\s*CONSTRAINT fk_item_place_id FOREIGN KEY\(place_id\) REFERENCES place \(id\) ON DELETE CASCADE"
                r"| REFERENCES \"place\" \(\"id\"\) DEFERRABLE INITIALLY DEFERRED)", ""),),
    ),
    "foreign-key-action": Planted(
        "a foreign key does something else on delete",
        pg=("ALTER TABLE item DROP CONSTRAINT {fk}",
            "ALTER TABLE item ADD CONSTRAINT {fk} FOREIGN KEY (place_id) REFERENCES place (id) ON DELETE SET NULL"),
        my=(*_DROP_FOREIGN_KEY,
            "ALTER TABLE item ADD CONSTRAINT {fk} FOREIGN KEY (place_id) REFERENCES place (id) ON DELETE RESTRICT"
            " ON UPDATE CASCADE"),
        edits=(("item", r"(\"?place\"? \(\"?id\"?\))( ON DELETE CASCADE)?", "place (id) ON DELETE RESTRICT"),),
    ),
    "foreign-key-unchecked": Planted(
        "a foreign key that was never checked against the rows (NOT VALID)",
        pg=("ALTER TABLE item DROP CONSTRAINT {fk}",
            "ALTER TABLE item ADD CONSTRAINT {fk} FOREIGN KEY (place_id) REFERENCES place (id) ON DELETE CASCADE NOT VALID"),
    ),
    "check-missing": Planted(
        "a check is missing",
        any=("ALTER TABLE item DROP CONSTRAINT ck_item_amount",),
        flavors={"mysql": ("ALTER TABLE item DROP CHECK ck_item_amount",)},
        edits=(("item", r"(,\s*CONSTRAINT \"?ck_item_amount\"? CHECK \(\"?amount\"? >= (0|'0')\))", ""),),
    ),
    "check-changed": Planted(
        "a check allows something else",
        any=("ALTER TABLE item DROP CONSTRAINT ck_item_amount",
             "ALTER TABLE item ADD CONSTRAINT ck_item_amount CHECK (amount >= 1)"),
        flavors={"mysql": ("ALTER TABLE item DROP CHECK ck_item_amount",
                           "ALTER TABLE item ADD CONSTRAINT ck_item_amount CHECK (amount >= 1)")},
        edits=(("item", r"(CHECK \(\"?amount\"? >= (0|'0')\))", "CHECK (amount >= 1)"),),
    ),
    "table-missing": Planted("a table is missing", any=("DROP TABLE item",)),
    "table-extra": Planted("a table that nobody declares", any=("CREATE TABLE spare (id integer PRIMARY KEY)",)),
    "table-renamed": Planted("a table has another name", any=("ALTER TABLE item RENAME TO items",)),
    "view-extra": Planted("a view that nobody declares", any=("CREATE VIEW shown AS SELECT id FROM item",)),
    "trigger-extra": Planted(
        "a trigger that nobody declares",
        pg=("CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name = left(NEW.name, 9); RETURN NEW; END'",
            "CREATE TRIGGER cut BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION cut()"),
        my=("CREATE TRIGGER cut BEFORE INSERT ON item FOR EACH ROW SET NEW.name = left(NEW.name, 9)",),
        lite=("CREATE TRIGGER cut AFTER INSERT ON item BEGIN UPDATE item SET name = substr(name, 1, 9); END",),
    ),
}  # fmt: skip


def inspect(url: str) -> Schema:
    """Read a live schema."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    session = engine.connect(target, is_read_only=True)
    try:
        return engine.inspect(session, engine.identify(session), Scope())
    finally:
        session.close()


def rebuild(url: str, flavor: str, schema: Schema) -> None:
    """Empty a database and build a schema in it again."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    if flavor == "sqlite":
        open(target.path, "wb").close()
    else:
        run(url, flavor, _EMPTY[flavor](target))
    session = engine.connect(target, is_read_only=False)
    try:
        for statement in engine.render_schema(schema, engine.identify(session)):
            session.execute(statement)
    finally:
        session.close()


_EMPTY: dict[str, Callable[[Target], tuple[str, ...]]] = {
    "postgres": lambda target: ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"),
    "mysql": lambda target: (
        f"DROP DATABASE {target.database}", f"CREATE DATABASE {target.database} CHARACTER SET utf8mb4"
    ),
}  # fmt: skip
_EMPTY["mariadb"] = _EMPTY["mysql"]


def plant(url: str, flavor: str, planted: Planted, schema: Schema) -> None:
    """Make a difference in a live database that holds ``schema``."""
    if flavor == "sqlite" and planted.edits:
        _edit(parse_target(url).path, planted.edits)
        return
    names = names_of(schema)
    run(url, flavor, tuple(_fill(statement, names) for statement in planted.statements(flavor)))


def names_of(schema: Schema) -> dict[str, str]:
    """Return what the tool called its constraints."""
    tables = {table.name: table for table in schema.tables}
    return {
        "uq": _unique_name(tables["place"]),
        "fk": next((key.name or "" for key in tables["item"].foreign_keys), ""),
    }


def _unique_name(table: Table) -> str:
    constraints = [unique.name or "" for unique in table.uniques]
    return (constraints + [index.name for index in table.indexes if index.is_unique] + [""])[0]


def _fill(statement: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        statement = statement.replace("{" + name + "}", value)
    return statement


def _edit(path: str, edits: tuple[Edit, ...]) -> None:
    """Make the file again with a table's text changed."""
    with closing(sqlite3.connect(path)) as connection:
        order = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, rowid"
        texts = {str(name): str(sql) for name, sql in connection.execute(order) if not str(name).startswith("sqlite_")}
    for table, pattern, wanted in edits:
        texts[table], count = re.subn(pattern, wanted, texts[table], count=1, flags=re.IGNORECASE)
        assert count, (pattern, texts[table])
    open(path, "wb").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for text in texts.values():
            connection.execute(text)


def run(url: str, flavor: str, statements: tuple[str, ...]) -> None:
    """Run statements in a live database."""
    target = parse_target(url)
    if flavor == "sqlite":
        with closing(sqlite3.connect(target.path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)
    elif flavor == "postgres":
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
    else:
        with closing(_mysql(target)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _mysql(target: Target) -> pymysql.Connection:
    return pymysql.connect(
        host=target.host,
        port=target.port,
        user=target.user,
        password=target.password,
        database=target.database,
        autocommit=True,
    )
