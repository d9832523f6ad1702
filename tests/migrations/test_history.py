"""What a database says was applied, from each tool's own table, against the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lockgate.engine.base import Scope
from lockgate.errors import ConfigError
from lockgate.model.finding import Finding, Severity
from lockgate.model.target import parse_target
from lockgate.source.migrations.detect import read_folder
from lockgate.source.migrations.folder import Folder
from lockgate.verify.migrations.check import check_history
from lockgate.verify.migrations.history import read_history
from lockgate.workflow.subject import ValidateOptions
from lockgate.workflow.validate import validate

from .bookkeeping import TABLES, Database
from .folders import codes, write_drizzle, write_files

SQL = "CREATE TABLE t{} (id integer);\n"
FLAVORS = ("sqlite", "postgres", "mysql", "mariadb")
HASHED = {"drizzle", "drizzle-folders", "flyway", "prisma", "sqlx"}
QUIET = {"migration-edits-unknown"}


def make_folder(tool: str, path: Path) -> Folder:
    """Write four migrations in a tool's format and read them."""
    texts = [SQL.format(number) for number in range(1, 5)]
    stamps = [f"2024010{number}120000" for number in range(1, 5)]
    match tool:
        case "drizzle":
            write_drizzle(path, [(f"{n:04d}_m", text) for n, text in enumerate(texts)])
        case "drizzle-folders" | "prisma":
            write_files(path, {f"{stamp}_m/migration.sql": text for stamp, text in zip(stamps, texts, strict=True)})
        case "flyway":
            write_files(path, {f"V{n}__m.sql": text for n, text in enumerate(texts, 1)})
        case "golang-migrate":
            write_files(path, {f"{n:06d}_m.up.sql": text for n, text in enumerate(texts, 1)})
        case "goose":
            write_files(path, {f"{n:05d}_m.sql": f"-- +goose Up\n{text}" for n, text in enumerate(texts, 1)})
        case "dbmate":
            write_files(path, {f"{s}_m.sql": f"-- migrate:up\n{t}" for s, t in zip(stamps, texts, strict=True)})
        case "numbered" | "sqlx":
            write_files(path, {f"{n:04d}_m.sql": text for n, text in enumerate(texts, 1)})
        case _:
            write_files(path, {f"{stamp}_m.sql": text for stamp, text in zip(stamps, texts, strict=True)})
    return read_folder(f"{tool.removesuffix('-folders')}:{path}")


def find(database: Database, folder: Folder) -> tuple[Finding, ...]:
    """Read the history and check it, as ``validate`` does."""
    live = database.engine.inspect(database.session, database.engine.identify(database.session), Scope())
    history = read_history(folder.tool, live, database.session, database.engine)
    return check_history(folder, history, live)


@pytest.mark.parametrize("flavor", FLAVORS)
def test_every_tools_table_is_read_on_every_engine(
    flavor: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    database = Database(make_database(flavor))
    for tool in TABLES:
        folder = make_folder(tool, tmp_path / tool)
        one, two, three, four = folder.migrations
        newest_only = tool == "golang-migrate"
        expected_quiet = set() if tool in HASHED else QUIET
        database.begin(tool)
        assert codes(find(database, folder)) == ["migration-history-missing"], tool
        database.record(folder, [four] if newest_only else folder.migrations)
        assert set(codes(find(database, folder))) == expected_quiet, tool
        database.end(tool)

        database.begin(tool)
        database.record(folder, [two] if newest_only else [one])
        database.record(folder, [] if newest_only else [two], is_edited=tool in HASHED)
        found = find(database, folder)
        expected = {"migration-unapplied"} | ({"migration-edited"} if tool in HASHED else expected_quiet)
        assert set(codes(found)) == expected, tool
        assert {f.object for f in found if f.code == "migration-unapplied"} == {three.id, four.id}, tool
        database.end(tool)
    database.session.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """A database of one file: what a tool's table says is the same on every engine."""
    database = Database(sqlite_url)
    yield database
    database.session.close()


@pytest.mark.parametrize("tool", ["flyway", "golang-migrate", "prisma", "atlas", "sqlx"])
def test_a_migration_that_failed_half_way_is_named(tool: str, sqlite: Database, tmp_path: Path) -> None:
    folder = make_folder(tool, tmp_path)
    sqlite.begin(tool)
    sqlite.record(folder, [] if tool == "golang-migrate" else folder.migrations[:1])
    sqlite.record(folder, folder.migrations[1:2], is_failed=True)
    found = {f.code: f for f in find(sqlite, folder)}
    assert found["migration-failed"].object == folder.migrations[1].id
    assert found["migration-failed"].severity is Severity.CRITICAL


@pytest.mark.parametrize("tool", [tool for tool in TABLES if tool not in ("drizzle", "golang-migrate")])
def test_what_was_passed_over_and_what_the_folder_lost_are_named(tool: str, sqlite: Database, tmp_path: Path) -> None:
    folder = make_folder(tool, tmp_path / "a")
    one, two, three, four = folder.migrations
    sqlite.begin(tool)
    sqlite.record(folder, [one, three, four])
    found = {f.code: f for f in find(sqlite, folder)}
    assert found["migration-out-of-order"].object == two.id
    Path(four.file).unlink()
    if tool in ("drizzle-folders", "prisma"):
        Path(four.file).parent.rmdir()
    found = {f.code: f for f in find(sqlite, read_folder(f"{tool.removesuffix('-folders')}:{folder.path}"))}
    assert found["migration-applied-unknown"].object == four.id


def test_golang_migrate_that_stands_at_a_lost_version_is_named(sqlite: Database, tmp_path: Path) -> None:
    folder = make_folder("golang-migrate", tmp_path)
    sqlite.begin("golang-migrate")
    sqlite.record(folder, folder.migrations[3:])
    Path(folder.migrations[3].file).unlink()
    assert "migration-applied-unknown" in codes(find(sqlite, read_folder(str(tmp_path))))


def test_drizzles_own_schema_in_postgresql_is_read_and_is_no_difference(postgres_url: str, tmp_path: Path) -> None:
    database = Database(postgres_url)
    folder = read_folder(
        str(write_drizzle(tmp_path, [("0000_a", "CREATE TABLE a (id integer)")], dialect="postgresql"))
    )
    database.run("CREATE SCHEMA drizzle", "CREATE TABLE a (id integer)")
    database.run(
        "CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)"
    )
    (migration,) = folder.migrations
    database.run(
        "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) "
        f"VALUES ('{migration.hashes[0]}', {migration.when})"
    )
    target = parse_target(postgres_url)
    groups = ("migrations", "history", "replay", "agreement")
    report = validate(ValidateOptions(target=target, migrations=str(tmp_path), only=groups)).report
    assert (report.findings, report.unknown) == ((), ())
    database.session.close()


def drizzle(sqlite: Database, path: Path, **options: object) -> Folder:
    """Write three journalled migrations and make Drizzle's table."""
    sqlite.begin("drizzle")
    tags = ["0000_a", "0001_b", "0002_c"]
    return read_folder(str(write_drizzle(path, [(tag, SQL.format(tag)) for tag in tags], **options)))  # type: ignore[arg-type]


def test_drizzle_skips_for_ever_what_is_older_than_its_newest_row(sqlite: Database, tmp_path: Path) -> None:
    folder = drizzle(sqlite, tmp_path)
    sqlite.record(folder, [folder.migrations[0], folder.migrations[2]])
    (found,) = find(sqlite, folder)
    assert (found.code, found.object, found.severity) == ("migration-out-of-order", "0001_b", Severity.CRITICAL)
    assert "skipped, and will be for ever" in found.message


def test_an_entry_out_of_order_says_what_this_database_made_of_it(sqlite: Database, tmp_path: Path) -> None:
    folder = drizzle(sqlite, tmp_path, whens=(100, 300, 200))
    sqlite.record(folder, folder.migrations[:2])
    report = run(sqlite, tmp_path)
    assert codes(report) == ["migration-out-of-order"]
    assert "will skip it for ever" in report[0].message
    sqlite.record(folder, folder.migrations[2:])
    report = run(sqlite, tmp_path)
    assert [(f.code, f.severity) for f in report] == [("migration-out-of-order", Severity.WARNING)]
    assert "this database has it" in report[0].message


def run(database: Database, path: Path) -> tuple[Finding, ...]:
    """Run the groups that look at folder and history."""
    target = parse_target(database.url)
    options = ValidateOptions(target=target, migrations=str(path), only=("migrations", "history"))
    return validate(options).report.findings


def test_a_changed_time_in_the_journal_would_apply_a_migration_again(sqlite: Database, tmp_path: Path) -> None:
    sqlite.record(drizzle(sqlite, tmp_path), drizzle_rows(tmp_path))
    later = read_folder(str(write_drizzle(tmp_path, texts(tmp_path), whens=(10, 20, 9_999_999_999_999))))
    assert "migration-applied-again" in codes(find(sqlite, later))


def drizzle_rows(path: Path) -> tuple[object, ...]:
    """Return the folder's migrations."""
    return read_folder(str(path)).migrations  # type: ignore[return-value]


def texts(path: Path) -> list[tuple[str, str]]:
    """Return tags and texts of a folder."""
    return [(m.id, m.text) for m in read_folder(str(path)).migrations]


def test_a_table_of_another_name_is_given_after_the_folder(sqlite: Database, tmp_path: Path) -> None:
    folder = make_folder("goose", tmp_path)
    sqlite.begin("goose")
    sqlite.record(folder, folder.migrations)
    sqlite.run("ALTER TABLE goose_db_version RENAME TO versions_of_mine")
    (found,) = find(sqlite, folder)
    assert found.code == "migration-history-missing"
    assert f"{tmp_path}?table=NAME" in found.next_step
    assert codes(find(sqlite, read_folder(f"{tmp_path}?table=versions_of_mine"))) == ["migration-edits-unknown"]
    assert codes(find(sqlite, read_folder(f"goose:{tmp_path}?table=versions_of_mine"))) == ["migration-edits-unknown"]
    with pytest.raises(ConfigError):
        read_folder(f"{tmp_path}?tabel=x")


@pytest.mark.parametrize("damage", ["cut journal", "lost file", "binary file"])
def test_what_cannot_be_read_is_not_taken_for_missing(damage: str, sqlite: Database, tmp_path: Path) -> None:
    folder = drizzle(sqlite, tmp_path)
    sqlite.record(folder, folder.migrations)
    match damage:
        case "cut journal":
            (tmp_path / "meta/_journal.json").write_text('{"entries": [')
        case "lost file":
            (tmp_path / "0001_b.sql").unlink()
        case "binary file":
            (tmp_path / "0001_b.sql").write_bytes(b"\0")
    options = ValidateOptions(target=parse_target(sqlite.url), migrations=str(tmp_path), only=("migrations", "history"))
    report = validate(options).report
    assert "migration-applied-unknown" not in codes(report.findings)
    assert len(report.findings) == 1 or damage == "cut journal"
    assert any("has every applied migration" in text for text in report.unknown)


def test_line_ends_alone_are_no_edit_for_drizzle_nor_prisma(sqlite: Database, tmp_path: Path) -> None:
    for tool in ("drizzle", "prisma", "flyway"):
        folder = make_folder(tool, tmp_path / tool)
        sqlite.begin(tool)
        sqlite.record(folder, folder.migrations)
        for migration in folder.migrations:
            Path(migration.file).write_bytes(migration.text.replace("\n", "\r\n").encode())
        assert find(sqlite, read_folder(folder.path if tool != "prisma" else f"prisma:{folder.path}")) == ()


def test_a_row_without_an_entry_and_a_row_twice_are_told_apart(sqlite: Database, tmp_path: Path) -> None:
    folder = drizzle(sqlite, tmp_path)
    sqlite.record(folder, folder.migrations)
    sqlite.record(folder, folder.migrations[:1])
    sqlite.run("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('abc', 5)")
    assert codes(find(sqlite, folder)) == ["migration-applied-twice", "migration-applied-unknown"]


def test_a_row_without_a_time_is_said_and_leaves_the_question_open(sqlite: Database, tmp_path: Path) -> None:
    folder = drizzle(sqlite, tmp_path)
    sqlite.record(folder, folder.migrations)
    sqlite.run("INSERT INTO __drizzle_migrations (hash) VALUES ('abc')")
    assert codes(find(sqlite, folder)) == ["migration-history-unreadable"]
    options = ValidateOptions(target=parse_target(sqlite.url), migrations=str(tmp_path), only=("history",))
    assert validate(options).report.unknown


def test_another_tools_table_of_the_same_name_is_not_read_as_its_own(sqlite: Database, tmp_path: Path) -> None:
    folder = make_folder("golang-migrate", tmp_path)
    sqlite.begin("dbmate")
    assert "migration-history-unreadable" in codes(find(sqlite, folder))


def test_flyways_baseline_undo_and_repeatables_are_followed(sqlite: Database, tmp_path: Path) -> None:
    folder = make_folder("flyway", tmp_path)
    write_files(tmp_path, {"R__views.sql": "SELECT 1;"})
    folder = read_folder(str(tmp_path))
    sqlite.begin("flyway")
    columns = "(installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)"
    sqlite.run(
        f"INSERT INTO flyway_schema_history {columns} VALUES "
        "(1, '2', 'base', 'BASELINE', 'x', NULL, 'me', 1, true), (2, '3', 'm', 'SQL', 'x', 5, 'me', 1, true), "
        "(3, '3', 'm', 'UNDO_SQL', 'x', NULL, 'me', 1, true), (4, NULL, 'views', 'SQL', 'x', 7, 'me', 1, true)"
    )
    found = find(sqlite, folder)
    assert [(f.code, f.object, f.severity.value) for f in found] == [
        ("migration-unapplied", "R views", "info"),
        ("migration-unapplied", "3", "warning"),
        ("migration-unapplied", "4", "warning"),
    ]


def test_a_baseline_script_stands_for_the_versions_before_it(sqlite: Database, tmp_path: Path) -> None:
    make_folder("flyway", tmp_path)
    folder = read_folder(str(write_files(tmp_path, {"B2__base.sql": "SELECT 1;"})))
    sqlite.begin("flyway")
    sqlite.record(folder, folder.runs)
    assert find(sqlite, folder) == ()
    sqlite.run("DELETE FROM flyway_schema_history")
    sqlite.record(folder, [m for m in folder.migrations if not m.id.startswith("B")])
    assert find(sqlite, folder) == ()


def test_an_empty_database_is_one_finding_and_not_one_for_each_migration(sqlite: Database, tmp_path: Path) -> None:
    folder = make_folder("flyway", tmp_path)
    (found,) = find(sqlite, folder)
    assert found.code == "migration-unapplied"
    assert "none of 4 migrations is applied (1 to 4)" in found.message


@pytest.mark.parametrize(("flavor", "dialect"), [("mariadb", "mysql"), ("sqlite", "sqlite")])
def test_a_migration_that_stopped_half_way_without_a_record_is_found(
    flavor: str, dialect: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    """MySQL commits each statement by itself: what ran before the failure stays, and Drizzle records nothing."""
    database = Database(make_database(flavor))
    database.begin("drizzle")
    database.run("DROP TABLE users_table")
    second = "CREATE TABLE b (id int PRIMARY KEY);--> statement-breakpoint\nCREATE TABLE c (id int PRIMARY KEY);"
    tags = [
        ("0000_a", "CREATE TABLE a (id int PRIMARY KEY);"),
        ("0001_bc", second),
        ("0002_d", "CREATE TABLE d (id int);"),
    ]
    folder = read_folder(str(write_drizzle(tmp_path, tags, dialect=dialect)))
    database.run("CREATE TABLE a (id int PRIMARY KEY)")
    database.record(folder, folder.migrations[:1])
    options = ValidateOptions(target=parse_target(database.url), migrations=str(tmp_path), only=("replay",))
    assert validate(options).report.findings == ()
    for statement, words in (("b", "1 of 2"), ("c", "all 2")):
        database.run(f"CREATE TABLE {statement} (id int PRIMARY KEY)")
        (found,) = validate(options).report.findings
        assert (found.code, found.object) == ("migration-half-applied", "0001_bc")
        assert f"{words} of its changes are in the database: create table b" in found.message
    database.session.close()
