"""A gate sees when a difference has no row in the remediation document, however the document came to be so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lockgate.model.actions import Document
from lockgate.model.checks import RemediationCheck
from lockgate.model.outcome import Outcome
from lockgate.model.procedure import TaskState
from tests.runbook.target.bench import Bench, open_bench

ODD = "create table a | `b` \\ <c> **d**"
DESIRED = """CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE "a | `b` \\ <c> **d**" (id INTEGER PRIMARY KEY);
CREATE INDEX by_note ON orders (note);
"""


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    with open_bench(sqlite_url, tmp_path / "book", DESIRED, "CREATE TABLE orders (id INTEGER PRIMARY KEY)") as made:
        yield made


@pytest.mark.parametrize("name", ["fix.md", "fix.html", "fix.txt"])
def test_a_document_as_it_was_written_has_every_difference(bench: Bench, name: str) -> None:
    assert bench.do(Document(make="remediation", output=name)).state is TaskState.DONE
    found = bench.ask(RemediationCheck(path=name))

    assert found.outcome is Outcome.OK, found.found
    assert set(found.items) == {ODD, "add column orders.note", "add index orders.by_note"}
    assert found.evidence[0].name == name


def _without_row(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("| add column"))


def _row(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("| add column"))


SPOILED: dict[str, Callable[[str], str]] = {
    "the row is gone": _without_row,
    "the row says nothing": lambda text: text.replace(_row(text), "| add column orders.note | - | TBD | |"),
    "the row is a comment": lambda text: text.replace(_row(text), f"<!--\n{_row(text)}\n-->"),
    "it is named in a sentence only": lambda text: _without_row(text) + "\nadd column orders.note is fine\n",
    "another object is meant": lambda text: text.replace("orders.note", "orders.note_2"),
    "nothing is in it": lambda text: "",
}


@pytest.mark.parametrize("how", list(SPOILED))
def test_one_difference_without_a_row_closes_the_gate(bench: Bench, how: str) -> None:
    bench.do(Document(make="remediation", output="fix.md"))
    bench.write("fix.md", SPOILED[how]((bench.folder / "fix.md").read_text()))
    found = bench.ask(RemediationCheck(path="fix.md"))

    assert found.outcome is Outcome.FAIL
    assert "add column orders.note" in found.items
    assert "of 3 differences without one" in found.found


def test_people_may_write_it_in_their_own_columns(bench: Bench) -> None:
    rows = ["add index orders.by_note", "add column `orders.note`", ODD.replace("|", "\\|").replace("\\ <", "\\\\ \\<")]
    rows[2] = rows[2].replace("`", "\\`").replace("**", "\\*\\*")
    bench.write("own.md", "|who|what|fix|\n|---|---|---|\n" + "\n".join(f"|Ann|**{row}**|stage 1|" for row in rows))
    found = bench.ask(RemediationCheck(path="own.md"))

    assert found.outcome is Outcome.OK, found.found


def test_a_difference_that_came_later_is_missing_and_one_that_is_mended_is_not(bench: Bench) -> None:
    bench.do(Document(make="remediation", output="fix.md"))
    bench.sql("ALTER TABLE orders ADD COLUMN note TEXT", "CREATE TABLE stray (id INTEGER PRIMARY KEY)")
    found = bench.ask(RemediationCheck(path="fix.md"))

    assert found.outcome is Outcome.FAIL
    assert found.items == ("drop table stray",)


def test_what_cannot_be_read_is_not_known_and_what_is_not_there_fails(bench: Bench) -> None:
    assert bench.ask(RemediationCheck(path="none.md")).outcome is Outcome.FAIL
    (bench.folder / "bytes.md").write_bytes(b"| \xff |")
    assert bench.ask(RemediationCheck(path="bytes.md")).outcome is Outcome.UNKNOWN
    (bench.folder / "folder.md").mkdir()
    assert bench.ask(RemediationCheck(path="folder.md")).outcome is Outcome.UNKNOWN
    bench.do(Document(make="remediation", output="fix.md"))
    bench.write("schema.sql", "CREATE TABLE orders (")
    found = bench.ask(RemediationCheck(path="fix.md"))
    assert found.outcome is Outcome.UNKNOWN
    assert "not measured" in found.found
