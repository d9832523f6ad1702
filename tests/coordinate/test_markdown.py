"""Sessions as Markdown: the layout teams have, what others wrote into it, and whether all of it agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.coordinate.close import closing_message
from lockgate.coordinate.docs import export_docs
from lockgate.coordinate.export import render_active
from lockgate.coordinate.import_markdown import read_active, read_session
from lockgate.coordinate.sessions import end_session, mark_session
from lockgate.coordinate.validate import validate_docs
from lockgate.errors import InputError
from lockgate.model.procedure import Actor
from lockgate.model.session import SessionState, Step, WorkSession
from tests.coordinate.tools import START, Clock, claim, open_pair

TEAM_PAGE = """# Who works on what

Please keep this current.

## 🟢 Currently Working

| Session ID | Task | Branch | Module | Status | Started | ETA |
|------------|------|--------|--------|--------|---------|-----|
| Session-20260301-OLD-aaaaaa | OLD | main | api | Active | today | soon |

- a remark under the table
| stray | row |

## ⏸️ Paused / Waiting

| Session ID | Task | Branch | Reason | Paused At | Resume When |
|---|---|---|---|---|---|
| _(none)_ | | | | | |

## ✅ Completed Today

| Session ID | Task | Branch | Merged At | Commit |
|---|---|---|---|---|

## 🔴 Blocked

| Session ID | Task | Branch | Blocked By | Since | Action Needed |
|---|---|---|---|---|---|
| _(none)_ | — | — | — | — | — |

## House rules

- be kind
"""
TEAM_SESSION = """# Session: SPRINT-A - Phase one of the schema

**Status**: 🟢 ACTIVE
**Started:** 2026-03-01 08:30 UTC
**Agent Type**: External (Helper 2)
**Platform:** Sandbox
**Sprint:** A
**Branch:** `main`

## Files Being Modified

- `drizzle/schema.ts`
- `drizzle/migrations/*` (new)
- scripts/check.sh - a script
- `table:orders`

## Progress

- [x] Phase 0
- [ ] Phase 1

## Decisions

We keep the old column.

## Notes

Nothing yet.
"""


@pytest.fixture
def book(tmp_path: Path) -> tuple[WorkSession, ...]:
    registry, clock = open_pair("folder", tmp_path, str)[0], Clock()
    first = claim(registry, clock, "A", "table:orders", title="one | two", branch="feat/a", module="api").session
    second = claim(registry, clock, "B", "files:x/**").session
    claim(registry, clock, "C")
    third = claim(registry, clock, "D").session
    mark_session(registry, first.id, SessionState.BLOCKED, now=clock.now, reason="review", next_step="ask Grace")
    mark_session(registry, second.id, SessionState.PAUSED, now=clock.now, reason="lunch")
    end_session(registry, third.id, SessionState.COMPLETED, now=clock.now, commit="a" * 40)
    return registry.read()


def test_a_new_page_has_four_tables_and_one_row_where_there_is_nothing() -> None:
    page = read_active(render_active((), START))
    assert not page.rows and not page.missing and not page.extras
    assert render_active((), START).count("_(none)_") == 4


def test_each_session_stands_in_its_table_and_writing_it_again_changes_nothing(book: tuple[WorkSession, ...]) -> None:
    text = render_active(book, START)
    assert {row.table: row.cells["Task"] for row in read_active(text).rows} == {
        "blocked": "A - one | two",
        "paused": "B",
        "working": "C",
        "completed": "D",
    }
    assert render_active(book, START, text) == text


def test_what_others_wrote_into_the_page_stays_and_only_our_rows_change(book: tuple[WorkSession, ...]) -> None:
    text = render_active(book, START, TEAM_PAGE)
    lost = [line for line in TEAM_PAGE.split("\n") if line not in text.split("\n") and "_(none)_" not in line]
    assert all("OLD" in line or "stray" in line for line in lost)
    page = read_active(text)
    assert "Session-20260301-OLD-aaaaaa" in [row.id for row in page.rows]
    assert len(page.extras) == 2
    assert text.endswith("## House rules\n\n- be kind\n")


def test_a_teams_session_is_read_whatever_its_colons(tmp_path: Path) -> None:
    session, notes = read_session(TEAM_SESSION, "Session-20260301-SPRINT-A-aaaaaa", ttl_s=60, now=START)
    assert (session.task, session.title, session.branch) == ("SPRINT-A", "Phase one of the schema", "main")
    assert (session.actor.kind, session.actor.program, session.started_at[:16]) == (
        "agent",
        "Helper 2",
        "2026-03-01T08:30",
    )
    assert list(map(str, session.claims)) == [
        "files:drizzle/schema.ts",
        "files:drizzle/migrations/*",
        "files:scripts/check.sh",
        "table:orders",
    ]
    assert session.progress == (Step(title="Phase 0", is_done=True), Step(title="Phase 1"))
    assert not notes
    with pytest.raises(InputError, match="is no session"):
        read_session("# Words", "x", ttl_s=60, now=START)


def test_sections_of_others_in_a_sessions_file_stay_when_it_moves(tmp_path: Path) -> None:
    session, _ = read_session(TEAM_SESSION, "Session-20260301-SPRINT-A-aaaaaa", ttl_s=99_999_999, now=START)
    docs = tmp_path / "docs"
    (docs / "sessions/active").mkdir(parents=True)
    file = docs / f"sessions/active/{session.id}.md"
    file.write_text(TEAM_SESSION)
    export_docs(docs, (session,), START)
    assert "## Decisions\n\nWe keep the old column." in file.read_text()
    again = file.read_text()
    assert not export_docs(docs, (session,), START).paths and file.read_text() == again

    from msgspec.structs import replace

    done = replace(session, state=SessionState.COMPLETED, ended_at=START.isoformat())
    export_docs(docs, (done,), START)

    moved = (docs / f"sessions/completed/{session.id}.md").read_text()
    assert not file.exists() and "We keep the old column." in moved and "**Status:** COMPLETED" in moved
    assert validate_docs(docs, (done,), START).is_ok


def test_an_active_row_without_a_file_and_a_file_without_a_row_are_errors(
    tmp_path: Path, book: tuple[WorkSession, ...]
) -> None:
    docs = tmp_path / "docs"
    export_docs(docs, book, START)
    good = validate_docs(docs, book, START)
    assert good.is_ok and good.counts == {"active": 3, "completed": 1, "abandoned": 0}

    active = sorted((docs / "sessions/active").glob("*.md"))
    active[0].rename(docs / "sessions/active/Session-x.md")
    found = validate_docs(docs, book, START)

    assert any("has no file in sessions/active" in text for text in found.errors)
    assert any("Session-x.md: has no row" in text for text in found.errors)


def test_looking_at_nothing_is_an_error(tmp_path: Path) -> None:
    export_docs(tmp_path / "docs", (), START)
    found = validate_docs(tmp_path / "docs", (), START)
    assert found.checked == 0 and "nothing was checked" in found.errors[0]
    assert not validate_docs(tmp_path / "nowhere", None, START).is_ok


def test_the_closing_message_calls_deferred_what_is_deferred() -> None:
    session = WorkSession(
        id="S-1",
        task="T",
        title="Totals",
        actor=Actor(name="a"),
        started_at=START.isoformat(),
        beat_at=START.isoformat(),
        ttl_s=60,
        progress=(Step(title="Phase 0", is_done=True), Step(title="Phase 1")),
    )
    assert closing_message(session, (), ("3.3 contract",)) == (
        "T: Totals\n\n- Phase 0\n- deferred: 3.3 contract\n- not done: Phase 1\n\nSession: S-1 archived\n"
    )
