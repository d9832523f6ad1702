"""`lockgate validate`: which groups run, what is not run, and what the exit code says."""

from __future__ import annotations

import json

from .conftest import Cli


def test_a_clean_source_is_clean_and_says_how_much_was_checked(cli: Cli) -> None:
    ran = cli("validate", "--desired", "desired.sql", "--only", "source", "--exit-code")
    assert ran.code == 0
    assert "checked 1 declared files" in ran.out


def test_a_group_without_its_database_is_not_run_and_never_green(cli: Cli) -> None:
    del cli.env["LOCKGATE_URL"]
    ran = cli("validate", "--desired", "desired.sql")
    assert ran.code == 2
    assert "source: not run: no database is given" in ran.out


def test_nothing_to_look_at_is_an_error(cli: Cli) -> None:
    ran = cli("validate", "--only", "source")
    assert ran.code == 2
    assert "no desired schema is given" in ran.err


def test_an_unknown_group_names_the_known_ones(cli: Cli) -> None:
    ran = cli("validate", "--skip", "sauce")
    assert ran.code == 2
    assert "source" in ran.err


def test_a_source_that_cannot_be_read_is_not_run(cli: Cli) -> None:
    ran = cli("validate", "--desired", "missing.sql", "--format", "json")
    assert ran.code == 2
    ran = cli("validate", "--only", "source", "--desired", "desired.sql", "--format", "json")
    assert json.loads(ran.out)["status"] == "clean"
