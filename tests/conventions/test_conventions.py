"""Conventions against live databases: every rule fires, the two-writer probe is real, and a tidy database is clean."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Scope, Session
from lockgate.errors import ConfigError, ScratchUnavailable
from lockgate.model.finding import Checked, Finding, Severity
from lockgate.model.target import parse_target
from lockgate.verify.conventions import rules
from lockgate.verify.conventions.code import read_code_list
from lockgate.verify.conventions.find import check_conventions
from lockgate.verify.conventions.settings import (
    Conventions,
    LockingConvention,
    OwnRule,
    RequiredColumn,
    SoftDeleteConvention,
)

SQLITE = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, deletedAt TEXT)",
    "CREATE TABLE clients (id INTEGER PRIMARY KEY, version TEXT DEFAULT 'a', deleted_at TEXT NOT NULL)",
    "CREATE TABLE inventory (id INTEGER PRIMARY KEY, Amount REAL)",
    "CREATE INDEX bad_name ON inventory (Amount)",
)


class Place:
    """A database and the functions that check it; the probe's scratch is another empty database."""

    def __init__(self, url: str, scratch_url: str, statements: tuple[str, ...]) -> None:
        self.target, self.scratch_target = parse_target(url), parse_target(scratch_url)
        self.engine = load_engine(self.target.engine)
        session = self.engine.connect(self.target, is_read_only=False)
        for sql in statements:
            session.execute(sql)
        self.server = self.engine.identify(session)
        self.live = self.engine.inspect(session, self.server, Scope())
        session.close()
        self.opened: list[Session] = []

    def scratch(self) -> Session:
        """Open the scratch."""
        self.opened.append(self.engine.connect(self.scratch_target, is_read_only=False))
        return self.opened[-1]

    def check(self, conventions: Conventions) -> Checked:
        """Check conventions."""
        try:
            return check_conventions(self.engine, self.server, self.live, conventions, self.scratch)
        finally:
            for session in self.opened:
                session.close()


Make = Callable[[str], str]


@pytest.fixture
def place(make_database: Make) -> Place:
    """An SQLite database with something wrong everywhere."""
    return Place(make_database("sqlite"), make_database("sqlite"), SQLITE)


def named(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    """Return code and object of each finding."""
    return {(f.code, f.object) for f in findings}


def locking(tmp_path: Path, **given: object) -> Conventions:
    """Return conventions of optimistic locking alone."""
    return Conventions(base=tmp_path, locking=LockingConvention(**given))  # type: ignore[arg-type]


def test_plan_code_and_database_are_compared_table_by_table(place: Place, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/models.py").write_text(
        'VERSIONED_TABLES = [\n  "orders",  # "not_this"\n  "inventory",\n  "oders",\n]\n'
    )
    found = place.check(locking(tmp_path, tables=("clients", "inventory"), code=("src/**/*.py",)))
    assert named(found.findings) == {
        ("versioned-lists-differ", "orders"),
        ("versioned-lists-differ", "clients"),
        ("version-column-wrong", "clients.version"),
        ("version-column-missing", "inventory"),
        ("versioned-table-unknown", "oders"),
    }
    missing = next(f for f in found.findings if f.code == "version-column-missing")
    assert missing.severity is Severity.CRITICAL
    assert "inventory has no column version" in missing.message and "src/models.py:1" in missing.message
    unknown = next(f for f in found.findings if f.code == "versioned-table-unknown")
    assert "did you mean orders?" in unknown.message and (unknown.file, unknown.line) == ("src/models.py", 1)
    assert found.checked["tables on lists"] == 4 and found.checked["files of code"] == 1


def test_a_live_table_with_the_column_that_no_list_names_is_a_difference(place: Place, tmp_path: Path) -> None:
    found = place.check(locking(tmp_path, tables=("orders",)))
    assert named(found.findings) == {("versioned-lists-differ", "clients")}
    assert "the database, not of lockgate.toml" in found.findings[0].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no file matches"),
        ("", "none of the 1 files"),
        ("x = 1\n", "none of the 1 files"),
        (b"\xff\xfe\x00binary", "cannot be read"),
    ],
)
def test_code_that_cannot_be_read_is_a_finding(
    place: Place, tmp_path: Path, text: str | bytes | None, message: str
) -> None:
    if text is not None:
        (tmp_path / "m.py").write_bytes(text.encode() if isinstance(text, str) else text)
    found = place.check(locking(tmp_path, tables=("orders",), code=("*.py",)))
    unread = [f for f in found.findings if f.code == "locking-code-unread"]
    assert len(unread) == 1 and message in unread[0].message
    assert "versioned-lists-differ" not in {f.code for f in found.findings if f.object == "orders"}


@pytest.mark.parametrize(
    "text",
    [
        'OPTIMISTIC = [  # (all of [them]) = two\n  "orders",\n  "clients",\n]',
        'export const versionedTables = new Set(["orders", `clients`]);',
        "OPTIMISTIC_LOCKED: Final[tuple[str, ...]] = ('orders',\r\n 'clients')",
        "\ufeffconst VERSION_TABLES: string[] = ['orders', /* 'no' */ 'clients'] as const",
    ],
)
def test_lists_of_several_languages_are_found(place: Place, tmp_path: Path, text: str) -> None:
    (tmp_path / "m.ts").write_bytes(text.encode())
    found = place.check(locking(tmp_path, code=("*.ts",)))
    assert {f.code for f in found.findings} == {"version-column-wrong"}
    assert found.checked["tables on lists"] == 2


@pytest.mark.parametrize("text", ["versioned", "versioned = [", "versioned: ", "a", " ", "/*", "# ["])
def test_no_file_makes_the_search_slow(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.ts").write_text(text * (1_000_000 // len(text)))
    started = time.monotonic()
    found = read_code_list(LockingConvention(code=("*.ts",)), tmp_path)
    assert time.monotonic() - started < 20
    assert [f.code for f in found.findings] == ["locking-code-unread"]


def test_a_pattern_that_leads_nowhere_is_an_error(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pattern of files"):
        place.check(locking(tmp_path, code=("",)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("", "is empty"),
        ("# def update_with_version\n", "is empty"),
        ("def other(): ...\n", "does not define update_with_version"),
    ],
)
def test_a_helper_that_is_not_there_is_found(place: Place, tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "h.py").write_text(text)
    wanted = locking(tmp_path, tables=("orders", "clients"), helper="h.py", helper_symbols=("update_with_version",))
    found = [f for f in place.check(wanted).findings if f.code == "locking-helper-missing"]
    assert len(found) == 1 and message in found[0].message


@pytest.mark.parametrize("text", ["def update_with_version(x): ...", "export const update_with_version = () => 1"])
def test_a_helper_that_is_there_is_not_found_missing(place: Place, tmp_path: Path, text: str) -> None:
    (tmp_path / "h.py").write_text(text)
    wanted = locking(tmp_path, tables=("orders", "clients"), helper="h.py", helper_symbols=("update_with_version",))
    assert "locking-helper-missing" not in {f.code for f in place.check(wanted).findings}


def test_soft_delete_is_counted_and_those_lacking_it_are_listed(place: Place, tmp_path: Path) -> None:
    found = place.check(Conventions(base=tmp_path, soft_delete=SoftDeleteConvention()))
    assert named(found.findings) == {("soft-delete-not-nullable", "clients.deleted_at"), ("soft-delete-coverage", "")}
    coverage = next(f for f in found.findings if f.code == "soft-delete-coverage")
    assert "2 tables with deleted_at or deletedAt, 1 without" in coverage.message and "inventory" in coverage.message
    assert found.checked == {"tables with soft delete": 2, "tables without soft delete": 1}


def test_tables_that_must_delete_softly_are_found_when_they_cannot(place: Place, tmp_path: Path) -> None:
    must = SoftDeleteConvention(tables=("*", "gone_*"))
    found = place.check(Conventions(base=tmp_path, soft_delete=must))
    assert ("soft-delete-missing", "inventory") in named(found.findings)
    assert ("convention-without-tables", "gone_*") in named(found.findings)
    agreed = SoftDeleteConvention(tables=("*",), without=("inv*", "clients"))
    found = place.check(Conventions(base=tmp_path, soft_delete=agreed))
    assert {f.code for f in found.findings} == {"soft-delete-not-nullable"}


@pytest.mark.parametrize(
    ("rule", "objects"),
    [
        (OwnRule("a", kind="table", matches="s$"), {"inventory"}),
        (OwnRule("a", kind="column", matches="^[a-z_]+$"), {"orders.deletedAt", "inventory.Amount"}),
        (OwnRule("a", kind="column", matches="^id_", columns="^id$", tables=("orders",)), {"orders.id"}),
        (OwnRule("a", kind="index", matches="^idx_"), {"inventory.bad_name"}),
        (OwnRule("a", requires=RequiredColumn("version")), {"inventory"}),
        (OwnRule("a", requires=RequiredColumn("version", type="^int")), {"inventory", "clients"}),
        (OwnRule("a", requires=RequiredColumn("version", is_nullable=False), without=("inventory",)), {"clients"}),
        (OwnRule("a", forbids_type="real|float"), {"inventory.Amount"}),
        (OwnRule("a", kind="table", matches="x", tables=("nowhere",)), {"nowhere"}),
        (OwnRule("a", kind="view", matches="x"), set()),
        (OwnRule("a", kind="constraint", matches="x"), set()),
    ],
)
def test_rules_of_ones_own_find_what_breaks_them(
    place: Place, tmp_path: Path, rule: OwnRule, objects: set[str]
) -> None:
    found = place.check(Conventions(base=tmp_path, rules=(rule,)))
    assert {f.object for f in found.findings} == objects
    assert {f.code for f in found.findings} <= {"convention-a", "convention-without-tables"}
    assert found.checked == {"own rules": 1, "tables": 3}


def test_a_rule_of_ones_own_has_its_message_and_severity(place: Place, tmp_path: Path) -> None:
    rule = OwnRule("a", message="say s", severity=Severity.CRITICAL, matches="s$")
    finding = place.check(Conventions(base=tmp_path, rules=(rule,))).findings[0]
    assert finding.severity is Severity.CRITICAL
    assert finding.message == "say s: the table inventory does not match s$" and finding.next_step


# The two-writer probe, on every engine.

_TYPES = {"sqlite": ("INTEGER", "TEXT"), "postgres": ("integer", "text"), "mysql": ("int", "varchar(20)")}
_TYPES["mariadb"] = _TYPES["mysql"]
BLIND = "UPDATE {table} SET {version} = {version} + 1 WHERE {key}"
STANDING = "UPDATE {table} SET n = n + 1 WHERE {key} AND {version} = {expected}"
NEVER = "UPDATE {table} SET {version} = {version} + 1 WHERE {key} AND {version} = {expected} + 5"


@pytest.fixture(params=["sqlite", "postgres", "mysql", "mariadb"])
def writers(request: pytest.FixtureRequest, make_database: Make) -> Place:
    """A database of each flavor with tables of which a row is easy, hard and impossible to make up."""
    number, text = _TYPES[request.param]
    version = f"version {number} NOT NULL DEFAULT 1"
    return Place(
        make_database(request.param),
        make_database(request.param),
        (
            f"CREATE TABLE parent (id {number} PRIMARY KEY)",
            f"CREATE TABLE child (id {number} PRIMARY KEY, parent_id {number} NOT NULL, code {text} NOT NULL,"
            f" n {number} NOT NULL, {version}, FOREIGN KEY (parent_id) REFERENCES parent (id),"
            " CHECK (code IN ('open', 'paid')), CHECK (n > 17))",
            f"CREATE TABLE hard (id {number} PRIMARY KEY, n {number} NOT NULL, {version}, CHECK (n > 1000 AND n < 1002"
            " AND n <> 999 + 2))",
            f"CREATE TABLE keyless (n {number} NOT NULL, {version})",
        ),
    )


def test_two_writers_are_kept_apart_and_what_cannot_be_tried_is_unknown(writers: Place, tmp_path: Path) -> None:
    found = writers.check(locking(tmp_path, tables=("child", "hard", "keyless")))
    assert found.findings == ()
    assert found.checked["two-writer probes"] == 1
    assert len(found.unknown) == 2
    assert any("hard: no row could be made up" in text for text in found.unknown)
    assert any("keyless: it has no primary or unique key" in text for text in found.unknown)


@pytest.mark.parametrize("update", [BLIND, STANDING, NEVER], ids=["blind", "standing", "never"])
def test_an_update_that_does_not_compare_or_count_fails_the_probe(writers: Place, tmp_path: Path, update: str) -> None:
    found = writers.check(locking(tmp_path, tables=("child", "hard", "keyless"), update=update))
    assert [(f.code, f.object.split(".")[-1]) for f in found.findings] == [("two-writer-probe-failed", "child")]
    second = "0 rows, the second 0" if update == NEVER else "1 rows, the second 1"
    assert second in found.findings[0].message


def test_a_statement_the_server_refuses_is_unknown_not_green(place: Place, tmp_path: Path) -> None:
    update = "UPDATE {table} SET no_such = 1 WHERE {key}"
    found = place.check(locking(tmp_path, tables=("orders", "clients"), update=update))
    assert any("orders: no such column" in text for text in found.unknown)
    assert found.checked["two-writer probes"] == 0


def test_without_a_scratch_the_probe_is_unknown_and_the_rest_is_checked(place: Place, tmp_path: Path) -> None:
    def nowhere() -> Session:
        raise ScratchUnavailable("there is no scratch", state="nothing was touched")

    wanted = locking(tmp_path, tables=("inventory", "orders"))
    found = check_conventions(place.engine, place.server, place.live, wanted, nowhere)
    assert ("version-column-missing", "inventory") in named(found.findings)
    assert any("did not run" in text for text in found.unknown)


def test_no_list_and_no_column_is_unknown(make_database: Make, tmp_path: Path) -> None:
    empty = Place(make_database("sqlite"), make_database("sqlite"), ("CREATE TABLE t (id INTEGER PRIMARY KEY)",))
    found = empty.check(locking(tmp_path))
    assert found.findings == () and found.unknown == ("no table is listed and none has version",)


def test_every_rule_of_conventions_is_made_to_fire_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    own = {"convention-own"}
    assert [rule.code for rule in rules.RULES if rule.code not in text and rule.code not in own] == []
