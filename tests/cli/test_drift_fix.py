"""`drift --fix` and `--accept` from the command line: nothing is run, and an agreement says who, why and until when."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from lockgate.diff.accept import apply_acceptances
from lockgate.diff.drift import DriftEntry, DriftReport, DriftStatus
from lockgate.errors import ArtifactError
from lockgate.model.accepted import Acceptance, decode_acceptances, encode_acceptances
from lockgate.model.finding import Severity

from .conftest import Cli

ACCEPT = ("--reason", "audit wants it", "--until", "2099-01-01")
DRIFT = ("drift", "--desired", "desired.sql")


def content(cli: Cli) -> bytes:
    """Return the database file's bytes."""
    return (cli.folder / "app.db").read_bytes()


def test_fix_prints_staged_sql_with_risk_and_reverse_and_runs_nothing(cli: Cli) -> None:
    before = content(cli)
    ran = cli(*DRIFT, "--fix")
    assert ran.code == 3
    assert "-- stage 1: expand" in ran.out
    assert "risk" in ran.out
    assert "-- reverse, last step first:" in ran.out
    assert content(cli) == before
    live = sqlite3.connect(":memory:")
    live.executescript("\n".join(sqlite3.connect(cli.folder / "app.db").iterdump()).replace("'007'", "7"))
    live.executescript("UPDATE customers SET name = 'x' WHERE name IS NULL;" + ran.out)
    assert {row[0] for row in live.execute("SELECT name FROM sqlite_schema")} >= {"invoices", "orders_by_customer"}


def test_every_difference_has_its_row_in_the_remediation_document(cli: Cli) -> None:
    document = json.loads(cli(*DRIFT, "--fix", "--format", "json").out)
    assert len(document["fix"]["remediations"]) == len(document["changes"])
    assert all(remedy["step"] for remedy in document["fix"]["remediations"])
    page = cli(*DRIFT, "--fix", "--format", "markdown").out
    assert page.startswith("# Remediation of app")
    assert "### Reverse" in page


def test_fix_has_no_sarif_form(cli: Cli) -> None:
    assert cli(*DRIFT, "--fix", "--format", "sarif").code == 2


def test_an_accepted_difference_stays_and_the_file_says_who_why_and_until_when(cli: Cli) -> None:
    before = content(cli)
    ran = cli(*DRIFT, "--accept", "old_log", *ACCEPT, LOCKGATE_ACTOR="ada")
    assert ran.code == 3
    assert "accepted  drop table old_log: audit wants it (ada, until 2099-01-01)" in ran.out
    (item,) = decode_acceptances((cli.folder / "lockgate-accepted.toml").read_text(), "")
    assert (item.accepted_by, item.reason, str(item.until)) == ("ada", "audit wants it", "2099-01-01")
    assert content(cli) == before
    plan = cli("plan", "--desired", "desired.sql", "--allow", "all", "-o", "-")
    assert "lockgate_p" not in plan.out.split('"backward"')[0] or "old_log" not in plan.out

    sqlite3.connect(cli.folder / "app.db").execute("ALTER TABLE old_log ADD COLUMN more int")
    again = cli(*DRIFT, "--format", "json")
    document = json.loads(again.out)
    assert "old_log" in [change["object"] for change in document["changes"]]
    assert "another one now" in " ".join(document["notes"])


@pytest.mark.parametrize(
    "options",
    [
        ("--accept", "old_log"),
        ("--accept", "old_log", "--reason", "x"),
        ("--accept", "nothing_there", *ACCEPT),
        ("--accept", "old_log", "--reason", "x", "--until", "2020-01-01"),
        ("--accept", "old_log", "--reason", "x", "--until", "soon"),
        ("--reason", "x"),
    ],
)
def test_an_agreement_without_its_parts_is_refused_and_nothing_is_written(cli: Cli, options: tuple[str, ...]) -> None:
    assert cli(*DRIFT, *options).code == 2
    assert not (cli.folder / "lockgate-accepted.toml").exists()


def test_a_broken_file_of_agreements_is_no_file_without_agreements(cli: Cli) -> None:
    (cli.folder / "lockgate-accepted.toml").write_text("[[accepted]\n")
    ran = cli(*DRIFT)
    assert ran.code == 2
    assert "lockgate-accepted.toml" in ran.err


NASTY = 'quote " slash \\ newline \n tab \t del \x7f ünïcode'
ITEM = Acceptance(
    target="app",
    kind="drop_table",
    object=NASTY,
    digest="d",
    reason=NASTY,
    accepted_by="ada",
    accepted_on=date(2026, 1, 1),
)


def test_any_text_survives_the_file() -> None:
    assert decode_acceptances(encode_acceptances((ITEM,)), "") == (ITEM,)


@pytest.mark.parametrize("text", ["", "format_version = 2", "format_version = 1\n[[accepted]]\nobject = 1", "\x00"])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ArtifactError):
        decode_acceptances(text, "file")


def test_an_agreement_to_nothing_is_named(tmp_path: Path) -> None:
    report = DriftReport(
        status=DriftStatus.IN_SYNC, engine="e", server_version="1", target="app", desired="d", checked={"tables": 1}
    )
    out = apply_acceptances(report, (ITEM,), ITEM.accepted_on)
    assert out.status is DriftStatus.IN_SYNC
    assert "does not exist any more" in out.notes[0]
    entry = DriftEntry(
        kind="drop_table", table="", object=NASTY, severity=Severity.INFO, before="", after="", message="", digest="d"
    )
    other = DriftReport(
        status=DriftStatus.DRIFT,
        engine="e",
        server_version="1",
        target="other",
        desired="d",
        checked={"tables": 1},
        changes=(entry,),
    )
    assert apply_acceptances(other, (ITEM,), ITEM.accepted_on).status is DriftStatus.DRIFT
