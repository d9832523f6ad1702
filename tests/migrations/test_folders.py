"""Each tool's folder is told from the others, read in the tool's order, and hostile ones give one clear finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.errors import ConfigError, InputError
from lockgate.model.finding import Severity
from lockgate.source.migrations.check import check_folder
from lockgate.source.migrations.detect import detect_tool, read_folder
from lockgate.source.migrations.folder import Kind
from lockgate.source.migrations.sql import build_files, check_marks
from lockgate.source.migrations.text import crc32_of_lines

from .folders import codes, write_drizzle, write_files

SQL = "CREATE TABLE t (id integer);\n"


@pytest.mark.parametrize(
    ("tool", "files", "order"),
    [
        ("drizzle", {"20240101000000_a/migration.sql": SQL, "20240101000000_a/snapshot.json": '{"id": "1"}'},
         ["20240101000000_a"]),
        ("flyway", {"V2__b.sql": SQL, "V1.10__a.sql": SQL, "sub/V1.2__c.sql": SQL, "U2__b.sql": SQL, "R__v.sql": SQL,
                    "afterMigrate.sql": SQL}, ["1.2", "1.10", "2", "R v"]),
        ("golang-migrate", {"10_b.up.sql": SQL, "2_a.up.sql": SQL, "2_a.down.sql": SQL}, ["2", "10"]),
        ("goose", {"00002_b.sql": "-- +goose Up\n" + SQL, "00001_a.sql": "-- +goose Up\n" + SQL}, ["1", "2"]),
        ("dbmate", {"20240102000000_b.sql": f"-- migrate:up\n{SQL}", "20240101000000_a.sql": "-- migrate:up\n"},
         ["20240101000000", "20240102000000"]),
        ("prisma", {"migration_lock.toml": 'provider = "sqlite"\n', "20240101000000_a/migration.sql": SQL},
         ["20240101000000_a"]),
        ("timestamps", {"20240101120000_a.sql": SQL, "20240101120001_b.sql": SQL},
         ["20240101120000", "20240101120001"]),
        ("numbered", {"0010_b.sql": SQL, "002-a.sql": SQL, "002-a.down.sql": "DROP", "rollback/0010_b.sql": SQL},
         ["002", "0010"]),
        ("atlas", {"atlas.sum": "h1:x=\n", "20240101120000_a.sql": SQL}, ["20240101120000"]),
    ],
)  # fmt: skip
def test_a_folder_is_told_by_its_signs_and_read_in_its_tools_order(
    tmp_path: Path, tool: str, files: dict[str, str], order: list[str]
) -> None:
    folder = write_files(tmp_path, files)
    assert detect_tool(str(folder))[0] == tool
    read = read_folder(str(folder))
    assert [migration.id for migration in read.migrations] == order
    assert set(codes(check_folder(read))) <= {"migration-empty"}
    assert read_folder(f"{tool}:{folder}") == read


def test_supabase_is_told_by_where_the_folder_is(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "supabase" / "migrations", {"20240101120000_a.sql": SQL})
    assert detect_tool(str(folder))[0] == "supabase"


def test_a_journalled_drizzle_folder_is_read_in_the_journals_order(tmp_path: Path) -> None:
    folder = write_drizzle(tmp_path, [("0001_b", SQL), ("0000_a", SQL)])
    read = read_folder(str(folder))
    assert [migration.id for migration in read.migrations] == ["0001_b", "0000_a"]
    assert [migration.line for migration in read.migrations] == [9, 16]
    assert read_folder(str(folder / "meta" / "_journal.json")) == read


@pytest.mark.parametrize(
    ("argument", "tool"), [("alembic.ini", "alembic"), ("manage.py", "django"), ("shop.settings", "django")]
)
def test_migrations_that_are_programs_go_to_their_own_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str, tool: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if "settings" not in argument:
        write_files(tmp_path, {argument: ""})
    assert detect_tool(argument) == (tool, Path(argument))
    assert detect_tool(f"{tool}:{argument}") == (tool, Path(argument))


def test_a_folder_of_two_tools_must_be_named(tmp_path: Path) -> None:
    write_files(tmp_path, {"1_a.sql": "-- +goose Up\nSELECT 1;", "2_b.sql": "-- migrate:up\nSELECT 1;"})
    with pytest.raises(InputError) as caught:
        read_folder(str(tmp_path))
    assert "dbmate or goose" in str(caught.value)
    assert "dbmate:" in caught.value.hint
    assert read_folder(f"goose:{tmp_path}").tool.name == "goose"


@pytest.mark.parametrize("argument", ["nothing-here", "sauce:folder", "."])
def test_what_is_no_folder_of_migrations_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((InputError, ConfigError)) as caught:
        read_folder(argument)
    assert caught.value.state == "nothing was touched"


@pytest.mark.parametrize(
    ("journal", "word"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("[]", "object"),
        ("{}", "entries"),
        ('{"entries": [1]}', "entry 0"),
        ('{"entries": [{"when": 1}]}', "no tag"),
        ('{"entries": [{"tag": "../x", "when": 1}]}', "file name"),
        ('{"entries": [{"tag": "x", "when": "1"}]}', "whole number"),
        ('{"entries": [{"tag": "x", "when": true}]}', "whole number"),
        ("[" * 100_000, "JSON"),
        ("<<<<<<< HEAD\n{}", "JSON"),
    ],
)
def test_a_journal_that_cannot_be_read_is_a_finding_with_its_line(tmp_path: Path, journal: str, word: str) -> None:
    read = read_folder(str(write_files(tmp_path, {"meta/_journal.json": journal})))
    assert codes(read.unread) == ["migration-journal-unreadable"]
    assert word in read.unread[0].message
    assert read.unread[0].file.endswith("_journal.json")


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"SELECT 1;\n\0", b"\x89PNG\r\n\x1a\n\0\0"])
def test_a_file_that_is_no_text_is_a_finding(tmp_path: Path, data: bytes) -> None:
    folder = write_drizzle(tmp_path, [("0000_a", SQL)])
    (folder / "0000_a.sql").write_bytes(data)
    assert codes(read_folder(str(folder)).unread) == ["migration-file-unreadable"]


def test_a_listed_migration_without_its_file_is_named_with_the_journals_line(tmp_path: Path) -> None:
    folder = write_drizzle(tmp_path, [("0000_a", SQL), ("0001_b", SQL)])
    (folder / "0001_b.sql").unlink()
    found = [f for f in check_folder(read_folder(str(folder))) if f.code == "migration-file-missing"]
    assert [(f.object, f.line, f.severity) for f in found] == [("0001_b", 16, Severity.CRITICAL)]


def test_a_file_outside_the_journal_never_runs_and_the_counts_are_said(tmp_path: Path) -> None:
    folder = write_drizzle(tmp_path, [(f"{n:04d}_m", SQL) for n in range(27)])
    write_files(folder, {"0027_extra.sql": SQL})
    found = check_folder(read_folder(str(folder)))
    assert codes(found) == ["migration-orphan-file"]
    assert "27 journal entries, 28 files" in found[0].message


def test_ten_numbers_doubled_in_the_journal_are_ten_warnings(tmp_path: Path) -> None:
    doubled = [20, 21, 22, 23, 24, 25, 26, 30, 31, 38]
    tags = sorted(f"{n:04d}_{letter}" for n in range(40) for letter in ("ab" if n in doubled else "a"))
    found = check_folder(read_folder(str(write_drizzle(tmp_path, [(tag, SQL) for tag in tags]))))
    assert codes(found) == ["migration-number-duplicate"] * 10
    assert {f.severity for f in found} == {Severity.WARNING}


def test_a_number_doubled_outside_the_journal_is_critical(tmp_path: Path) -> None:
    folder = write_drizzle(tmp_path, [("0000_a", SQL), ("0001_b", SQL)])
    write_files(folder, {"0001_c.sql": SQL})
    found = {f.code: f for f in check_folder(read_folder(str(folder)))}
    assert set(found) == {"migration-orphan-file", "migration-number-duplicate"}
    assert found["migration-number-duplicate"].severity is Severity.CRITICAL
    assert "0001_c.sql" in found["migration-number-duplicate"].message


@pytest.mark.parametrize(
    "files",
    [
        {"V1__a.sql": SQL, "sub/V1.0__b.sql": SQL},
        {"1_a.up.sql": SQL, "01_b.up.sql": SQL},
        {"1_a.sql": "-- +goose Up\nSELECT 1;", "001_b.sql": "-- +goose Up\nSELECT 1;"},
        {"0020_a.sql": SQL, "0020_b.sql": SQL},
        {"20240101000000_a.sql": SQL, "20240101000000_b.sql": SQL},
    ],
)
def test_a_doubled_number_is_critical_where_the_number_is_the_migration(tmp_path: Path, files: dict[str, str]) -> None:
    found = check_folder(read_folder(str(write_files(tmp_path, files))))
    assert codes(found) == ["migration-number-duplicate"]
    assert found[0].severity is Severity.CRITICAL


def test_every_subfolder_is_looked_through_for_doubled_numbers(tmp_path: Path) -> None:
    folder = write_drizzle(tmp_path, [("0000_a", SQL)])
    write_files(folder, {"manual/0007_x.sql": SQL, "manual/0007_y.sql": SQL, "rollback/0000_a.sql": SQL})
    found = check_folder(read_folder(str(folder)))
    assert codes(found) == ["migration-number-duplicate"]
    assert "manual" in found[0].message


@pytest.mark.parametrize(
    ("whens", "late"),
    [((1, 3, 2), ["0002_c"]), ((1, 1, 2), ["0001_b"]), ((5, 2, 3), ["0001_b", "0002_c"]), ((1, 2, 3), [])],
)
def test_a_time_that_does_not_rise_is_found(tmp_path: Path, whens: tuple[int, ...], late: list[str]) -> None:
    tags = ["0000_a", "0001_b", "0002_c"]
    found = check_folder(read_folder(str(write_drizzle(tmp_path, [(tag, SQL) for tag in tags], whens=whens))))
    assert [f.object for f in found] == late
    assert set(codes(found)) <= {"migration-out-of-order"}


def test_snapshots_that_are_missing_or_do_not_follow_each_other_are_found(tmp_path: Path) -> None:
    folder = write_drizzle(tmp_path, [(f"{n:04d}_m", SQL) for n in range(4)])
    (folder / "meta/0001_snapshot.json").unlink()
    assert codes(check_folder(read_folder(str(folder)))) == ["migration-snapshot-missing"]
    write_files(folder, {"meta/0003_snapshot.json": json.dumps({"id": "x", "prevId": "somebody else"})})
    found = check_folder(read_folder(str(folder)))
    assert codes(found) == ["migration-snapshot-chain", "migration-snapshot-missing"]
    assert {f.severity for f in found} == {Severity.WARNING}


def test_the_newest_baseline_of_flyway_takes_the_place_of_what_came_before(tmp_path: Path) -> None:
    files = {f"V{n}__m.sql": SQL for n in range(1, 5)} | {"B2__base.sql": SQL, "B3__base.sql": SQL}
    read = read_folder(str(write_files(tmp_path, files)))
    assert [m.id for m in read.runs] == ["B3", "4"]
    assert [m.id for m in read.migrations if m.kind is Kind.SUPERSEDED] == ["1", "B2", "2", "3"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"V1__a.java": "class V1__a {}", "V2__b.sql": SQL}, "migration-not-sql"),
        ({"V1__a.sql": "CREATE TABLE ${schema}.t (id int);"}, "migration-placeholder"),
        ({"1_a.go": "package m", "2_b.sql": "-- +goose Up\nSELECT 1;"}, "migration-not-sql"),
        ({"20240101000000_a.rb": "class A", "20240102000000_b.sql": SQL}, "migration-not-sql"),
        ({"migration_lock.toml": "", "20240101000000_a/README.md": "x"}, "migration-file-missing"),
    ],
)
def test_what_cannot_be_read_makes_the_folder_unread(tmp_path: Path, files: dict[str, str], code: str) -> None:
    assert codes(read_folder(str(write_files(tmp_path, files))).unread) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT 1;\n", "migration-without-up"),
        ("SELECT 0;\n-- +goose Up\nSELECT 1;", "migration-mark-misplaced"),
        ("-- +goose NO TRANSACTION\nSELECT 0;\n-- +goose Up\nSELECT 1;", "migration-mark-misplaced"),
        ("-- +goose Up\nSELECT '\n-- +goose Down\n';", "migration-mark-misplaced"),
        ("-- +goose Up\nSELECT 1;\n-- +goose Up\nSELECT 2;", "migration-mark-misplaced"),
        ("-- +goose Up\n-- nothing\n-- +goose Down\nSELECT 1;", "migration-empty"),
        ("-- +goose ENVSUB ON\n-- +goose Up\nSELECT '${X}';", "migration-placeholder"),
        ("\ufeff-- +goose NO TRANSACTION\r\n-- +goose up\r\nSELECT 1;\r\n-- +goose down\r\nSELECT 2;", ""),
    ],
)
def test_marks_that_mislead_are_found(tmp_path: Path, text: str, code: str) -> None:
    folder = read_folder(f"goose:{write_files(tmp_path, {'1_a.sql': text})}")
    assert codes(check_marks(folder, load_engine("postgres"))) == ([code] if code else [])


def test_a_breakpoint_in_a_string_is_no_breakpoint_but_a_finding(tmp_path: Path) -> None:
    text = "INSERT INTO t VALUES ('--> statement-breakpoint');--> statement-breakpoint\nSELECT 2"
    folder = read_folder(str(write_drizzle(tmp_path, [("0000_a", text)])))
    engine = load_engine("mysql")
    assert codes(check_marks(folder, engine)) == ["migration-mark-misplaced"]
    (file,) = build_files(folder, engine)
    assert [s.text for s in engine.split_sql(file.text)] == [
        "INSERT INTO t VALUES ('--> statement-breakpoint')",
        "SELECT 2",
    ]
    assert [s.line for s in engine.split_sql(file.text)] == [1, 2]


def test_only_the_way_up_runs_and_lines_stay_in_place(tmp_path: Path) -> None:
    text = "-- head\n-- migrate:up transaction:false\nSELECT 1;\n\nSELECT 2\n-- migrate:down\nDROP TABLE t;\n"
    folder = read_folder(str(write_files(tmp_path, {"1_a.sql": text})))
    engine = load_engine("sqlite")
    (file,) = build_files(folder, engine)
    assert [(s.text, s.line) for s in engine.split_sql(file.text)] == [("SELECT 1", 3), ("SELECT 2", 5)]


def test_flyways_checksum_does_not_know_line_ends_nor_a_byte_order_mark() -> None:
    # The check value of CRC-32 is 0xcbf43926; Flyway keeps it as a signed number.
    assert crc32_of_lines("1234\n56789\n") == crc32_of_lines("\ufeff12\r\n345\r6789") == str(0xCBF43926 - (1 << 32))
