"""Every rule on schema and data fires on a real server that can have its defect; a clean database has no finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import FailedError
from lockgate.model.finding import Checked, Finding, Severity
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.model.target import parse_target
from lockgate.verify.defects import rules_columns, rules_data, rules_schema
from lockgate.verify.defects.find import find_schema_defects
from lockgate.verify.defects.rows import find_data_defects
from lockgate.verify.defects.settings import DefectSettings
from tests.defects.bad import BAD, CLEAN
from tests.servers import TestServers

FLAVORS = ("sqlite", "postgres", "mysql", "mariadb")


class Stand:
    """A database of one flavor, made by statements, under a read-only session."""

    def __init__(self, url: str, statements: tuple[str, ...]) -> None:
        self.target = parse_target(url)
        self.engine: Engine = load_engine(self.target.engine)
        writer = self.engine.connect(self.target, is_read_only=False)
        for sql in statements:
            run(writer, sql)
        writer.close()
        self.session: Session = self.engine.connect(self.target, is_read_only=True)
        self.server: Server = self.engine.identify(self.session)
        self.live: Schema = self.engine.inspect(self.session, self.server, Scope())

    def schema(self) -> Checked:
        """Check the schema."""
        return find_schema_defects(self.engine, self.session, self.server, self.live, DefectSettings())

    def data(self, settings: DefectSettings | None = None) -> Checked:
        """Check the rows."""
        settings = settings or DefectSettings()
        return find_data_defects(self.engine, self.session, self.server, self.live, settings)


def run(session: Session, sql: str) -> None:
    """Run a statement; one marked so fails, and leaves something behind."""
    text, _, mark = sql.partition("  -- ")
    if not mark:
        session.query(text)
        return
    with pytest.raises(FailedError):
        session.query(text.replace("INDEX", "INDEX CONCURRENTLY", 1))


Make = Callable[[str, tuple[str, ...]], Stand]


@pytest.fixture(scope="module")
def make(servers: TestServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """A function that makes a stand; each is made once for the module."""
    made: dict[tuple[str, tuple[str, ...]], Stand] = {}
    with ExitStack() as stack:

        def build(flavor: str, statements: tuple[str, ...]) -> Stand:
            if (flavor, statements) not in made:
                if flavor == "sqlite":
                    file: Path = tmp_path_factory.mktemp("defects") / "db.db"
                    file.touch()
                    url = f"sqlite:///{file}"
                else:
                    url = stack.enter_context(servers.get(flavor).fresh_database())
                stand = Stand(url, statements)
                stack.callback(stand.session.close)
                made[flavor, statements] = stand
            return made[flavor, statements]

        yield build


def named(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    """Return code and object of each finding."""
    return {(f.code, f.object) for f in findings}


@pytest.mark.parametrize("flavor", FLAVORS)
def test_every_defect_of_a_schema_is_found_and_nothing_else(make: Make, flavor: str) -> None:
    found = make(flavor, BAD[flavor].statements).schema()
    assert named(found.findings) == BAD[flavor].schema
    assert found.checked["tables"] and found.checked["columns"] and found.checked["views"]
    assert all(f.next_step and f.message for f in found.findings)


@pytest.mark.parametrize("flavor", FLAVORS)
def test_every_defect_of_rows_is_found_and_nothing_else(make: Make, flavor: str) -> None:
    found = make(flavor, BAD[flavor].statements).data()
    assert named(found.findings) == BAD[flavor].data
    assert found.checked["questions to rows"] and found.checked["sequences and auto-increments"]


@pytest.mark.parametrize("flavor", FLAVORS)
def test_a_clean_database_has_no_finding(make: Make, flavor: str) -> None:
    stand = make(flavor, CLEAN[flavor])
    assert stand.schema().findings == () and stand.schema().unknown == ()
    assert stand.data().findings == () and stand.data().unknown == ()


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_a_database_whose_new_tables_get_another_charset_is_found(make: Make, flavor: str) -> None:
    stand = make(
        flavor,
        (
            "CREATE TABLE t (id bigint PRIMARY KEY, n varchar(9))",
            "ALTER DATABASE CHARACTER SET latin1",
        ),
    )
    found = stand.schema().findings
    assert [f.code for f in found] == ["charset-of-database"]
    assert "latin1" in found[0].message and "utf8mb4" in found[0].message


def test_every_rule_fires_somewhere() -> None:
    """But for the one that has a test of its own above."""
    fired = {code for bad in BAD.values() for code, _ in bad.schema | bad.data}
    rules = {r.code for r in (*rules_schema.RULES, *rules_columns.RULES, *rules_data.RULES)}
    elsewhere = {"charset-of-database"}
    assert rules - elsewhere == fired


def test_rows_of_a_large_table_are_not_counted_and_said_to_be_unknown(make: Make) -> None:
    found = make("sqlite", CLEAN["sqlite"]).data(DefectSettings(max_rows=1))
    assert found.findings == ()
    assert any("child" in text and "more than the limit of 1" in text for text in found.unknown)
    assert not any(text.startswith("parent.") for text in found.unknown)


def test_a_table_without_statistics_is_counted_no_further_than_the_limit(make: Make) -> None:
    found = make("postgres", CLEAN["postgres"]).data(DefectSettings(max_rows=1))
    assert any("child" in text and "more rows than the limit of 1" in text for text in found.unknown)
    assert not any("parent" in text.split(":")[0].split(".")[1] for text in found.unknown)


def test_the_limit_of_counters_can_be_set(make: Make) -> None:
    stand = make("postgres", BAD["postgres"].statements)
    early = {f.object for f in stand.data(DefectSettings(overflow_percent=99)).findings if f.code == "counter-near-end"}
    assert early == set()


def test_orphans_are_counted(make: Make) -> None:
    stand = make("sqlite", BAD["sqlite"].statements)
    orphan = next(f for f in stand.data().findings if f.code == "orphan-rows")
    assert orphan.message.startswith("1 row of child hold") and orphan.severity is Severity.CRITICAL
