"""The corpus: what must be found in each script, and nothing else; and every rule fires somewhere."""

from __future__ import annotations

import pytest

from lockgate.lint.rules import RULES
from lockgate.lint.run import Choice, lint_scripts
from lockgate.lint.script import Script, read_script
from lockgate.workflow.lint_files import LintOptions, find_server
from tests.lint.corpus import FOLDER, QUIET, Case, read_corpus

FILES = {
    "postgres": ("postgres.txt",),
    "mysql": ("mysql_and_mariadb.txt", "mysql.txt"),
    "mariadb": ("mysql_and_mariadb.txt", "mariadb.txt"),
    "sqlite": ("sqlite.txt",),
}
CASES = [
    pytest.param(flavor, case, id=f"{flavor}-{case.file}:{case.line}")
    for flavor, names in FILES.items()
    for name in names
    for case in read_corpus(name)
]
LEAST_STATEMENTS = 150
ELSEWHERE = {"missing-way-back"}
"""Rules that need more than statements; test_lint_files.py makes them fire."""


def script_of(flavor: str, case: Case) -> Script:
    engine, server = find_server(LintOptions(flavor, case.options.get("version", "")))
    is_wrapped = "wrapped" in case.options
    return read_script(case.file, case.sql, engine.split_sql, engine.ddl(), server, is_wrapped=is_wrapped)


def codes_of(flavor: str, case: Case) -> tuple[str, ...]:
    engine, server = find_server(LintOptions(flavor, case.options.get("version", "")))
    choice = Choice(skip=frozenset() if "all" in case.options else QUIET)
    found = lint_scripts([script_of(flavor, case)], engine.ddl(), server, choice)
    return tuple(sorted({finding.code for finding in found.findings}))


@pytest.mark.parametrize(("flavor", "case"), CASES)
def test_just_what_is_wrong_is_found(flavor: str, case: Case) -> None:
    assert codes_of(flavor, case) == case.expected, case.sql


@pytest.mark.parametrize("flavor", FILES)
def test_the_corpus_holds_enough_statements_of_each_engine(flavor: str) -> None:
    cases = [case for name in FILES[flavor] for case in read_corpus(name)]

    assert sum(len(script_of(flavor, case).items) for case in cases) >= LEAST_STATEMENTS


def test_every_rule_fires_in_the_corpus() -> None:
    fired = {code for names in FILES.values() for name in names for case in read_corpus(name) for code in case.expected}

    assert {rule.code for rule in RULES} - fired - ELSEWHERE == set()


def test_every_rule_is_silent_somewhere() -> None:
    for rule in RULES:
        assert any(rule.code not in case.expected for name in FILES["postgres"] for case in read_corpus(name))


def test_every_rule_stands_in_the_comparison() -> None:
    page = (FOLDER.parents[2] / "docs/reference/lint-rules-compared.md").read_text(encoding="utf-8")

    assert [rule.code for rule in RULES if f"`{rule.code}`" not in page] == []


@pytest.mark.parametrize("name", ["postgres_everything.sql", "postgres_18.sql"])
def test_every_statement_that_builds_every_kind_of_object_is_read(name: str) -> None:
    engine, server = find_server(LintOptions("postgres", "18"))
    text = (FOLDER.parents[1] / "engine" / name).read_text(encoding="utf-8")

    unread = [s.text for s in engine.split_sql(text) if engine.ddl().read(s.text, server).unread]

    assert unread == []
