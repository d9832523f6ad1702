"""Every case reads to the SQL that the real drizzle-kit wrote for it (`python -m tools.drizzle_kit` writes it anew)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lockgate.engine import load_engine
from lockgate.model.finding import Finding
from lockgate.model.server import Server
from lockgate.source.declaration import Declaration, SourceContext
from lockgate.source.drizzle import read_drizzle

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
ENGINES = {"mysql": "mysql", "postgresql": "postgres", "sqlite": "sqlite", "turso": "sqlite"}


class Expect(NamedTuple):
    """What ``expect.json`` of a case says; findings as ``code file:line``."""

    findings: list[str]
    unread: list[str]


def read_case(case: Path, dialect: str) -> Declaration:
    """Read a case's project."""
    engine = load_engine(ENGINES[dialect])
    server = Server(engine=engine.name, flavor=engine.name, version=(0,), version_text="")
    return read_drizzle(str(case), SourceContext(engine, server))


def expect_of(case: Path) -> Expect:
    """Return what a case expects."""
    file = case / "expect.json"
    data: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return Expect(data.get("findings", []), data.get("unread", []))


def dialect_of(case: Path) -> str:
    """Return the dialect of a case's config."""
    text = next(case.glob("drizzle.config.*")).read_text()
    found = re.search(r"dialect['\"]?\s*:\s*['\"](\w+)", text)
    assert found is not None
    return found[1]


def statements_of(text: str) -> list[str]:
    """Split drizzle-kit's SQL: each statement starts at the left with a word in capitals."""
    text = text.replace("--> statement-breakpoint", "")
    return sorted(" ".join(part.split()) for part in re.split(r"\n(?=CREATE |ALTER )", "\n" + text) if part.strip())


def places_of(findings: tuple[Finding, ...]) -> list[str]:
    """Return findings as a case writes them."""
    return sorted(f"{f.code} {re.sub(r'^.*cases/[^/]+/', '', f.place)}" for f in findings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_reads_to_the_sql_of_drizzle_kit(case: Path) -> None:
    """Statement by statement, in any order; a case without expected SQL is one with unread parts."""
    declaration = read_case(case, dialect_of(case))
    expect = expect_of(case)
    assert places_of(declaration.unread) == sorted(expect.unread)
    assert places_of(declaration.findings) == sorted(expect.findings)
    if (case / "expected.sql").exists():
        assert statements_of(declaration.files[0].text) == statements_of((case / "expected.sql").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_statement_has_its_line(case: Path) -> None:
    """The map gives a file and line that exist, for every line a statement starts on."""
    file = read_case(case, dialect_of(case)).files[0]
    lines = file.text.splitlines()
    for number, (name, line) in file.lines.items():
        assert lines[number - 1].startswith(("CREATE ", "ALTER "))
        assert 1 <= line <= len(Path(name).read_text().splitlines())
