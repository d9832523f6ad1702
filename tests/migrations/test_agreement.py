"""Folder, declared schema and live database: the odd one out is named in words, and what is unknown is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.diff.agreement import compare_sides
from lockgate.engine import load_engine
from lockgate.engine.base import Scope, ScratchOptions
from lockgate.model.finding import CheckStatus, FindingReport, Severity
from lockgate.model.schema import Schema, Unmanaged
from lockgate.model.target import parse_target
from lockgate.source.migrations.detect import read_folder
from lockgate.workflow.subject import ValidateOptions
from lockgate.workflow.validate import validate

from .bookkeeping import Database
from .folders import codes, write_drizzle, write_files

BASE = "CREATE TABLE orders (id integer PRIMARY KEY, total integer);"
NOTE = "CREATE TABLE orders (id integer PRIMARY KEY, total integer, note text);"
TEXT = "CREATE TABLE orders (id integer PRIMARY KEY, total text);"
REAL = "CREATE TABLE orders (id integer PRIMARY KEY, total real);"
NONE = "CREATE TABLE customers (id integer PRIMARY KEY);"


@pytest.fixture
def schema_of(make_database: Callable[[str], str]) -> Callable[[str], Schema]:
    """A function that reads the schema of SQL in a file of its own."""

    def read(sql: str) -> Schema:
        database = Database(make_database("sqlite"))
        database.run(*(s.text for s in database.engine.split_sql(sql)))
        schema = database.engine.inspect(database.session, database.engine.identify(database.session), Scope())
        database.session.close()
        return schema

    return read


@pytest.mark.parametrize(
    ("live", "folder", "declared", "code", "words"),
    [
        (BASE, NOTE, NOTE, "agreement-live-differs",
         "the live database lacks column orders.note, which migrations and declared schema have: the live "
         "database is behind"),
        (NOTE, BASE, BASE, "agreement-live-differs",
         "the live database has column orders.note, which migrations and declared schema do not have: "
         "it came into the live database alone"),
        (NOTE, BASE, NOTE, "agreement-folder-differs",
         "the migrations lack column orders.note, which live database and declared schema have: the migrations "
         "are behind"),
        (BASE, NOTE, BASE, "agreement-folder-differs",
         "the migrations have column orders.note, which live database and declared schema do not have: "
         "it came into the migrations alone"),
        (BASE, BASE, NOTE, "agreement-declared-differs",
         "the declared schema has column orders.note, which live database and migrations do not have: "
         "it came into the declared schema alone"),
        (NOTE, NOTE, BASE, "agreement-declared-differs",
         "the declared schema lacks column orders.note, which live database and migrations have: "
         "the declared schema is behind"),
        (TEXT, BASE, BASE, "agreement-live-differs",
         "column orders.total is type text in the live database, and type integer in migrations and declared schema: "
         "the live database is the odd one"),
        (BASE, TEXT, BASE, "agreement-folder-differs",
         "column orders.total is type text in the migrations, and type integer in live database and declared schema: "
         "the migrations are the odd one"),
        (BASE, BASE, TEXT, "agreement-declared-differs",
         "column orders.total is type text in the declared schema, and type integer in live database and migrations: "
         "the declared schema is the odd one"),
        (BASE, TEXT, REAL, "agreement-all-differ",
         "column orders.total is three different things: type integer in the live database, type text in the "
         "migrations, "
         "type real in the declared schema"),
    ],
)  # fmt: skip
def test_the_odd_one_out_is_named(
    schema_of: Callable[[str], Schema], live: str, folder: str, declared: str, code: str, words: str
) -> None:
    sides = {"live": schema_of(live), "folder": schema_of(folder), "declared": schema_of(declared)}
    findings, count = compare_sides(sides)
    assert [(f.code, f.message) for f in findings] == [(code, words)]
    assert count >= 4


def test_three_that_agree_give_no_finding(schema_of: Callable[[str], Schema]) -> None:
    schema = schema_of(NOTE)
    assert compare_sides({"live": schema, "folder": schema, "declared": schema}) == ((), 5)


def test_what_belongs_to_something_that_differs_is_left_to_that(schema_of: Callable[[str], Schema]) -> None:
    findings, _ = compare_sides({"live": schema_of(BASE), "folder": schema_of(NONE), "declared": schema_of(NOTE)})
    assert codes(findings) == ["agreement-folder-differs"] * 2 + ["agreement-two-differ"]


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (("live", "folder"), "the live database lacks column orders.note, which the migrations have"),
        (("live", "declared"), "the live database lacks column orders.note, which the declared schema has"),
        (("folder", "declared"), "the migrations lack column orders.note, which the declared schema has"),
    ],
)
def test_of_two_nobody_can_say_which_is_wrong(
    schema_of: Callable[[str], Schema], sides: tuple[str, str], words: str
) -> None:
    findings, _ = compare_sides({sides[0]: schema_of(BASE), sides[1]: schema_of(NOTE)})
    assert [(f.code, f.message, f.severity) for f in findings] == [("agreement-two-differ", words, Severity.CRITICAL)]


def run(url: str, folder: Path, *only: str, desired: str = "") -> FindingReport:
    """Validate a database against a folder and a schema file."""
    options = ValidateOptions(
        target=parse_target(url), migrations=str(folder), desired=desired, only=only, scratch=ScratchOptions()
    )
    return validate(options).report


@pytest.mark.parametrize(
    ("flavor", "dialect"), [("postgres", "postgresql"), ("mysql", "mysql"), ("mariadb", "mysql"), ("sqlite", "sqlite")]
)
def test_a_skipped_migration_is_found_from_both_ends(
    flavor: str, dialect: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    """The outage that began it all: code and migrations had a column, production had not."""
    tags = [
        (
            "0000_orders",
            "CREATE TABLE orders (id int PRIMARY KEY, total int);--> statement-breakpoint\nCREATE INDEX i ON "
            "orders (total);",
        ),
        ("0001_note", "ALTER TABLE orders ADD note int;\n"),
        ("0002_items", "CREATE TABLE items (id int PRIMARY KEY);\n"),
    ]
    folder = write_drizzle(tmp_path / "drizzle", tags, dialect=dialect)
    desired = write_files(tmp_path, {"s.sql": "CREATE TABLE orders (id int PRIMARY KEY, total int, note int); "
                                     "CREATE INDEX i ON orders (total); CREATE TABLE items (id int PRIMARY "
                                     "KEY);"})  # fmt: skip
    database = Database(make_database(flavor))
    database.begin("drizzle")
    database.run("DROP TABLE users_table")
    migrations = read_folder(str(folder)).migrations
    for migration in (migrations[0], migrations[2]):
        database.run(*migration.text.split("--> statement-breakpoint"))
        database.record(read_folder(str(folder)), [migration])
    groups = ("migrations", "history", "replay", "agreement")
    report = run(database.url, folder, *groups, desired=str(desired / "s.sql"))
    assert codes(report.findings) == ["agreement-live-differs", "migration-out-of-order"]
    assert report.checked["replayed migrations"] == 3
    assert not report.unknown
    database.run(migrations[1].text)
    database.record(read_folder(str(folder)), [migrations[1]])
    assert run(database.url, folder, *groups, desired=str(desired / "s.sql")).status is CheckStatus.CLEAN
    database.session.close()


def test_the_first_statement_that_fails_is_named_and_the_rest_is_unknown(sqlite_url: str, tmp_path: Path) -> None:
    write_files(tmp_path, {
        "0001_a.sql": "CREATE TABLE a (id integer);\n",
        "0002_b.sql": "-- later\nCREATE TABLE b (id integer);\n\nALTER TABLE missing ADD note text;\n",
        "0003_c.sql": "CREATE TABLE c (id integer);\n",
    })  # fmt: skip
    report = run(sqlite_url, tmp_path, "replay", "agreement")
    (found,) = report.findings
    assert (found.code, Path(found.file).name, found.line) == ("migration-statement-fails", "0002_b.sql", 4)
    assert "no such table: missing" in found.message
    assert "ALTER TABLE missing" in found.message
    assert any("the 1 migrations after" in text for text in report.unknown)
    assert any("what they add up to is not known" in text for text in report.unknown)


def test_a_string_without_an_end_is_named_with_its_line(postgres_url: str, tmp_path: Path) -> None:
    write_files(tmp_path, {"0001_a.sql": "CREATE TABLE a (id integer);\nSELECT 'open;\n"})
    (found,) = run(postgres_url, tmp_path, "replay").findings
    assert (found.code, found.line) == ("migration-statement-fails", 2)


def test_a_folder_that_cannot_be_read_is_unknown_and_never_agrees(sqlite_url: str, tmp_path: Path) -> None:
    folder = write_drizzle(tmp_path, [("0000_a", BASE), ("0001_b", "SELECT 1;")])
    (folder / "0001_b.sql").unlink()
    Database(sqlite_url).run(BASE)
    report = run(sqlite_url, folder, "replay", "agreement")
    assert report.status is CheckStatus.NOT_RUN
    assert len(report.unknown) == 2


def test_a_migration_may_go_to_its_own_database_and_to_no_other(mariadb_url: str, tmp_path: Path) -> None:
    own = parse_target(mariadb_url).database
    database = Database(mariadb_url)
    database.run("CREATE TABLE a (id int PRIMARY KEY)")
    database.session.close()
    write_files(tmp_path, {"0001_a.sql": f"USE `{own}`;\nCREATE TABLE a (id int PRIMARY KEY);"})
    assert run(mariadb_url, tmp_path, "replay", "agreement").status is CheckStatus.CLEAN
    write_files(tmp_path, {"0002_b.sql": "CREATE DATABASE other_one;\nUSE other_one;\nCREATE TABLE b (id int);"})
    report = run(mariadb_url, tmp_path, "replay", "agreement")
    assert not report.findings
    assert "0002_b.sql:2 goes to another database" in report.unknown[0]


def test_a_file_of_which_nothing_runs_leaves_the_sum_unknown(sqlite_url: str, tmp_path: Path) -> None:
    """Left out in silence, the folder would seem to lack what stands in it."""
    write_files(tmp_path, {"1_a.sql": "-- +goose Up\nCREATE TABLE a (id int);", "2_b.sql": "CREATE TABLE b (id int);"})
    report = run(sqlite_url, tmp_path, "migrations", "replay", "agreement")
    assert codes(report.findings) == ["migration-without-up"]
    assert len(report.unknown) == 2


def test_migrations_for_another_engine_are_refused(sqlite_url: str, tmp_path: Path) -> None:
    from lockgate.errors import ConfigError

    folder = write_drizzle(tmp_path, [("0000_a", BASE)], dialect="mysql")
    with pytest.raises(ConfigError):
        run(sqlite_url, folder, "replay")


def test_what_could_not_be_read_is_named_for_each_side() -> None:
    from lockgate.diff.agreement import iter_unmanaged

    odd = Schema(engine="x", unmanaged=(Unmanaged(kind="operator", name="=>", reason="not modelled"),))
    assert list(iter_unmanaged({"live": odd, "folder": odd})) == [
        "operator => (not modelled) was not compared, in the live database and the migrations"
    ]
    assert load_engine("sqlite").name
