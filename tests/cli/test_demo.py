"""The demonstration keeps every promise it prints."""

from __future__ import annotations

import json

import pytest

from .conftest import Cli


def test_the_demonstration_holds_and_leaves_a_report(cli: Cli) -> None:
    ran = cli("demo", "--format", "json", LOCKGATE_URL="")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["status"] == "ok"
    assert len(document["claims"]) >= 15
    assert all(claim["holds"] for claim in document["claims"])
    folder = cli.folder / "demo-report"
    assert "Proof: no row was lost" in (folder / "report.md").read_text()
    assert "<table>" in (folder / "report.html").read_text()
    assert (folder / "plan.json").exists()
    assert not list(folder.glob("erp.db*"))


def test_it_refuses_a_database_that_is_not_empty(cli: Cli) -> None:
    before = cli.dump()
    ran = cli("demo", "--url", "sqlite:///app.db")
    assert ran.code == 4
    assert "empty" in ran.err
    assert cli.dump() == before


def test_it_leaves_a_folder_alone_that_is_not_its_own(cli: Cli) -> None:
    folder = cli.folder / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("keep", encoding="utf-8")
    assert cli("demo", "--out", "mine").code == 2
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "flavor",
    [pytest.param(name, marks=pytest.mark.slow) for name in ("postgres", "mysql", "mariadb")],
)
def test_it_runs_on_servers_too(cli: Cli, request: pytest.FixtureRequest, flavor: str) -> None:
    url: str = request.getfixturevalue(f"{flavor}_url")
    cli.write("lockgate.toml", '[targets.demo]\nurl = "${env:DEMO_URL}"\n')
    ran = cli("demo", "--format", "json", "--target", "demo", DEMO_URL=url)
    assert ran.code == 0, ran.err
    assert all(claim["holds"] for claim in json.loads(ran.out)["claims"])
