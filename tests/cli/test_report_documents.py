"""A baseline and an analysis are made of measured facts; what was not measured says so."""

from __future__ import annotations

import json
import sqlite3

import pytest

from .conftest import Cli


def test_a_baseline_names_every_table_and_the_fingerprint(cli: Cli) -> None:
    document = json.loads(cli("report", "baseline", "--format", "json").out)
    assert document["counts"]["tables"] == 3
    assert [t["name"] for g in document["groups"] for t in g["tables"]] == ["customers", "old_log", "orders"]
    assert json.loads(cli("status", "--format", "json").out)["fingerprint"] == document["fingerprint"]
    page = cli("report", "baseline", "--format", "markdown").out
    assert page.startswith("# Baseline of app")
    assert "customers" in page


def test_an_analysis_tells_drift_and_what_was_not_run(cli: Cli) -> None:
    text = cli("report", "analysis", "--desired", "desired.sql").out
    assert "drift: 6 differences" in text or "drift: " in text
    assert "Migrations" not in text or "not run: no migrations folder is given" in text
    without = cli("report", "analysis").out
    assert "not run: no desired schema" in without
    assert "in sync" not in without


def test_an_analysis_of_an_unreadable_schema_is_not_in_sync(cli: Cli) -> None:
    (cli.folder / "bad.sql").write_text("CREATE TABEL x;")
    ran = cli("report", "analysis", "--desired", "bad.sql", "--format", "json")
    document = json.loads(ran.out)
    assert document["drift"].startswith("not run: ")
    assert ran.code == 0


def test_documents_go_to_a_file_and_a_page_holds_no_markup_of_names(cli: Cli) -> None:
    sqlite3.connect(cli.folder / "app.db").execute('CREATE TABLE "<script>" (a int)')
    assert cli("report", "analysis", "--format", "html", "-o", "page.html").code == 0
    page = (cli.folder / "page.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert cli("report", "baseline", "-o", "no/such/folder/x").code == 2


def test_a_missing_target_is_an_error(cli: Cli) -> None:
    assert cli("report", "baseline", LOCKGATE_URL="").code == 2


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_a_diagram_shows_a_table_and_its_neighbours_only(cli: Cli, form: str) -> None:
    whole = cli("inspect", "--format", form).out
    around = cli("inspect", "--format", form, "--around", "orders").out
    assert "old_log" in whole
    assert "old_log" not in around
    assert "customers" in around
    assert "customers" not in cli("inspect", "--format", form, "--around", "orders", "--depth", "0").out


def test_a_diagram_of_what_differs_says_so_in_words(cli: Cli) -> None:
    picture = cli("inspect", "desired.sql", "--format", "svg", "--changed-from", "sqlite:///app.db").out
    assert "[new]" in picture
    assert "[changed]" in picture
    assert "[gone]" in picture
    assert "<title" in picture


def test_only_diagrams_are_narrowed(cli: Cli) -> None:
    assert cli("inspect", "--around", "orders").code == 2
    assert cli("inspect", "--format", "svg", "--around", "nothing").code == 2
