"""``drift --cross-check`` compares with what the project's own drizzle-kit says; a stand-in says it here."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.errors import ConfigError, UnreadSource
from lockgate.model.target import parse_target
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

SCHEMA = """
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
export const users = sqliteTable('users', { id: integer('id').primaryKey(), name: text('name').notNull() });
"""
SQL = "CREATE TABLE `users` (\n\t`id` integer PRIMARY KEY NOT NULL,\n\t`name` text NOT NULL\n);\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose drizzle-kit prints a file, on a machine with a `node`."""
    folder = tmp_path / "project"
    tools = folder / "node_modules" / ".bin"
    tools.mkdir(parents=True)
    (folder / "schema.ts").write_text(SCHEMA)
    (folder / "drizzle.config.json").write_text('{"dialect": "sqlite", "schema": "./schema.ts"}')
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    for program, script in ((node, "exit 0"), (tools / "drizzle-kit", "echo Reading config; cat answer.sql")):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{node.parent}:/usr/bin:/bin")
    return folder


def measure(project: Path, url: str) -> int:
    """Return how many differences the live database has."""
    target = parse_target(url)
    options = DriftOptions(is_cross_checked=True)
    return len(measure_drift(load_engine(target.engine), target, f"drizzle:{project}", options).changes)


def test_the_verdict_comes_when_both_agree(project: Path, sqlite_url: str) -> None:
    """The users table is missing in the live database, and that is all."""
    (project / "answer.sql").write_text(SQL)
    assert measure(project, sqlite_url) == 1


def test_a_difference_is_a_finding_and_no_verdict(project: Path, sqlite_url: str) -> None:
    """Neither reading can be trusted then."""
    (project / "answer.sql").write_text(SQL.replace("text NOT NULL", "text"))
    with pytest.raises(UnreadSource) as raised:
        measure(project, sqlite_url)
    assert [finding.code for finding in raised.value.findings] == ["drizzle-cross-check"]
    assert "users.name" in raised.value.findings[0].message


def test_what_is_missing_is_named(project: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No SQL from it, no node, no drizzle-kit: each one clear error."""
    (project / "answer.sql").write_text("TypeError: boom\n")
    with pytest.raises(ConfigError, match="could not export"):
        measure(project, sqlite_url)
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(ConfigError, match="needs Node"):
        measure(project, sqlite_url)
    (project / "node_modules/.bin/drizzle-kit").unlink()
    with pytest.raises(ConfigError, match="own drizzle-kit"):
        measure(project, sqlite_url)


def test_other_sources_have_none(tmp_path: Path, sqlite_url: str) -> None:
    """SQL files are what they are."""
    (tmp_path / "schema.sql").write_text("CREATE TABLE t (a int);")
    target = parse_target(sqlite_url)
    with pytest.raises(ConfigError, match="no cross-check"):
        measure_drift(load_engine("sqlite"), target, str(tmp_path / "schema.sql"), DriftOptions(is_cross_checked=True))
