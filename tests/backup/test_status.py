"""What `backup status` thinks of facts: each check by itself, and that unknown is never healthy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from lockgate.backup.schedule import When
from lockgate.backup.settings import BackupSettings, StatusSettings
from lockgate.backup.status import judge
from lockgate.backup.status_facts import Check, Facts, Known, ScheduleFacts, State, StoreFacts
from lockgate.errors import KeyMissing
from lockgate.model.backup import BackupKind, Level, Tool
from lockgate.report.backup_status import prometheus_text, status_text
from lockgate.workflow.backup_status import Surroundings, list_known, read_backup_status, read_facts
from tests.backup.history import START, History

GIB = 1 << 30


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Seven daily backups, the newest proven, and everything as it should be."""
    history = History(tmp_path_factory.mktemp("status"))
    for day in range(7):
        history.take(rows=1000, verified=Level.SCHEMA if day == 6 else None)
        history.wait(days=1)
    return Facts(
        target="shop",
        now=history.clock,
        backups=list_known(history.repository),
        outcome="published",
        free_bytes=GIB,
        schedules=(ScheduleFacts("crontab", When(), history.clock - timedelta(days=9), is_active=True),),
    )


def _check(facts: Facts, check_id: str) -> Check:
    return next(check for check in judge(facts).checks if check.id == check_id)


def _newest(facts: Facts, **fields: Any) -> Facts:
    newest = facts.backups[0]
    return replace(
        facts, backups=(replace(newest, manifest=with_fields(newest.manifest, **fields)), *facts.backups[1:])
    )


def _refuted(backups: Iterable[Known]) -> tuple[Known, ...]:
    return tuple(replace(known, is_good=False) for known in backups)


def test_all_is_well_and_says_how_long_a_restore_takes(facts: Facts) -> None:
    status = judge(facts)

    assert status.state is State.OK
    assert (status.newest_rows, status.backups, status.restore_estimate_s) == (1000, 7, 12.5)
    assert {check.id for check in status.checks if check.matters} >= {"age", "verified", "last-run", "disk", "schedule"}
    assert not [check for check in status.checks if check.state is State.UNKNOWN and check.matters]


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("age", "fail", {"backups": ()}, "there is none"),
    ("age", "fail", {"later": 3}, "27.0 h old (limit 26.0 h)"),
    ("verified", "fail", {"later": 8 * 24}, "9.0 days ago"),
    ("last-run", "fail", {"outcome": "failed", "outcome_message": "b of t: the disk is full"}, "the disk is full"),
    ("last-run", "fail", {"outcome": "started"}, "did not come to its end"),
    ("last-run", "ok", {"outcome": "started", "is_running": True}, "now"),
    ("last-run", "unknown", {"outcome": ""}, "the journal tells of no run"),
    ("broken", "fail", {"broken": ("b9",)}, "b9"),
    ("quarantine", "fail", {"quarantined": ("b9",)}, "b9"),
    ("leftovers", "fail", {"leftovers": ("b9",)}, "b9"),
    ("prune", "fail", {"prune_objection": "9 of 10 backups would go"}, "nothing is pruned any more: 9 of 10"),
    ("disk", "fail", {"free_bytes": 10}, "the next 3 backups"),
    ("disk", "unknown", {"free_bytes": None}, "cannot be judged"),
    ("store:s3", "ok", {"stores": (StoreFacts("s3", True),)}, "holds the newest"),
    ("store:s3", "fail", {"stores": (StoreFacts("s3", False),)}, "does not hold"),
    ("store:s3", "fail", {"stores": (StoreFacts("s3", False, "it cannot be reached"),)}, "cannot be reached"),
    ("store:s3", "unknown", {"stores": (StoreFacts("s3", None, "no credentials"),)}, "no credentials"),
    ("store", "fail", {"settings": StatusSettings(is_store_wanted=True)}, "none is configured"),
    ("schedule", "fail", {"schedules": (), "is_schedule_configured": True}, "none is installed"),
    ("schedule", "fail", {"schedules": (), "noted_schedule": "cron, crontab"}, "is gone"),
    ("schedule", "fail", {"later": 2}, "left no backup"),
    ("schedule", "unknown", {"schedules": (ScheduleFacts("t", When(), START),)}, "took no backup yet"),
    ("schedule", "unknown", {"schedules": (), "unread_schedulers": ("x",), "noted_schedule": "y"}, "looked into"),
    ("schedule", "unknown", {"schedules": (ScheduleFacts("crontab", None, None, True),)}, "by hand"),
    ("schedule", "fail", {"schedules": (ScheduleFacts("t", When(), None, False, False),)}, "not in force"),
]


@pytest.mark.parametrize(("check_id", "state", "change", "words"), CASES)
def test_each_thing_that_is_wrong_or_not_known_makes_the_whole_so(
    facts: Facts, check_id: str, state: str, change: dict[str, Any], words: str
) -> None:
    fields = dict(change)
    now = facts.now + timedelta(hours=fields.pop("later", 0))

    changed = replace(facts, now=now, **fields)

    found = _check(changed, check_id)
    assert (found.state.value, found.matters) == (state, True)
    assert words in found.message
    if state != "ok":
        assert judge(changed).state is not State.OK


def test_sizes_and_rows_are_compared_with_what_was_usual(facts: Facts) -> None:
    size = facts.backups[0].manifest.bytes
    file = facts.backups[0].manifest.files[0]

    for factor, state in ((0.5, "fail"), (0.8, "ok"), (1.9, "ok"), (2.2, "fail")):
        changed = _newest(facts, files=(with_fields(file, bytes=int(size * factor)),))
        assert _check(changed, "size").state.value == state, factor
    table = facts.backups[0].manifest.tables[0]
    for rows, state in ((500, "fail"), (801, "ok")):
        assert _check(_newest(facts, tables=(with_fields(table, rows=rows),)), "rows").state.value == state
    emptied = _check(_newest(facts, tables=()), "rows")
    assert emptied.state is State.FAIL and "t (1000)" in emptied.message
    young = replace(facts, backups=facts.backups[:1])
    assert {_check(young, name).state for name in ("size", "rows")} == {State.UNKNOWN}
    assert judge(young).state is State.OK


def test_a_scheduler_that_cannot_be_seen_is_known_to_run_by_what_it_took(facts: Facts) -> None:
    unseen = replace(facts, schedules=(ScheduleFacts("crontab", When(), facts.now - timedelta(days=2)),))

    assert _check(unseen, "schedule").state is State.UNKNOWN
    assert _check(_newest(unseen, reason="schedule"), "schedule").state is State.OK


def test_versions_and_the_clock_are_compared(facts: Facts) -> None:
    newest, previous, *others = facts.backups
    proven = with_fields(newest.verifications[0], backup=previous.manifest.id)
    earlier = replace(
        facts, backups=(replace(newest, verifications=()), replace(previous, verifications=(proven,)), *others)
    )

    found = _check(_newest(earlier, server_version="3.46.0"), "versions")

    assert found.state is State.FAIL and "from 3.45.1 to 3.46.0" in found.message
    tools = _newest(earlier, tools=(Tool(name="sqlite3", version="4"),))
    assert "sqlite3 from 3.45.1 to 4" in _check(tools, "versions").message
    assert _check(replace(facts, now=facts.now - timedelta(days=3)), "clock").state is State.FAIL


def test_a_proof_of_a_backup_that_is_gone_compares_nothing(facts: Facts) -> None:
    newest, *others = facts.backups
    proven = with_fields(newest.verifications[0], backup="20200101T000000Z-0001-full")
    lost = replace(facts, backups=(replace(newest, verifications=(proven,)), *others))

    assert _check(lost, "versions").state is State.UNKNOWN


def test_backups_that_cannot_be_restored_are_none(facts: Facts) -> None:
    found = judge(replace(facts, backups=_refuted(facts.backups)))

    assert (found.newest, found.verified) == ("", "")
    assert {c.id for c in found.checks if c.state is State.FAIL} >= {"age", "verified"}


def test_logs_need_all_that_is_before_them(facts: Facts, tmp_path: Path) -> None:
    history = History(tmp_path)
    full = history.take()
    log = history.take(kind=BackupKind.LOG, parents=(full.id,), since=full.manifest.position)
    lost = history.take(kind=BackupKind.LOG, parents=(full.id,), since=log.manifest.position)

    read = read_facts(history.repository, BackupSettings(), "shop", Surroundings(), history.clock)

    assert [name for name, _ in read.gaps] == [lost.id]
    assert _check(read, "log-gap").state is State.FAIL
    assert [known.manifest.id for known in read.good] == [log.id, full.id]


def test_a_key_is_tried_on_the_newest_backup(tmp_path: Path) -> None:
    from pyrage import x25519

    right, wrong = x25519.Identity.generate(), x25519.Identity.generate()
    history = History(tmp_path, recipients=(str(right.to_public()),))
    history.take(verified=Level.SCHEMA)

    def state(read_identities: Any, identity: str = "key.txt") -> tuple[str, bool]:
        settings = BackupSettings(identity=identity)
        around = Surroundings(read_identities=read_identities)
        status = read_backup_status(history.repository, settings, "shop", around, history.clock)
        found = next(check for check in status.checks if check.id == "key")
        return found.state.value, found.matters

    def no_file() -> Any:
        raise KeyMissing("the key file cannot be read", cause="no such file")

    assert state(lambda: [right]) == ("ok", True)
    assert state(lambda: [wrong]) == ("fail", True)
    assert state(no_file) == ("fail", True)
    assert state(tuple, "") == ("unknown", False)
    assert state(tuple) == ("unknown", True)


def test_what_lies_about_is_found_and_a_store_is_asked(tmp_path: Path) -> None:
    history = History(tmp_path / "backups")
    (tmp_path / "second").mkdir()
    history.take()
    (history.root / "b" / "cut").mkdir()
    (history.root / ".quarantine" / "bad").mkdir(parents=True)
    (history.root / ".stage" / "20260101T000000Z-0002-full.deadbeef.1").mkdir(parents=True)
    settings = BackupSettings(stores=(str(tmp_path / "second"), str(tmp_path / "gone"), "s3://bucket/x"))

    read = read_facts(history.repository, settings, "shop", Surroundings(), history.clock + timedelta(days=900))

    assert (read.broken, read.quarantined) == (("cut",), ("bad",))
    assert [store.holds for store in read.stores] == [False, False, None]
    assert read.stores[1].problem and not read.stores[0].problem


def test_prometheus_reads_our_metrics(facts: Facts) -> None:
    text = prometheus_text(judge(replace(facts, target='a "b"\\c')))

    samples = [line for line in text.splitlines() if not line.startswith("#")]
    pattern = re.compile(r'lockgate_backup_[a-z_]+\{target="a \\"b\\"\\\\c"(,[a-z]+="[^"]*")*\} [0-9.e+-]+')
    assert all(pattern.fullmatch(line) for line in samples)
    names = [line.split("{")[0] for line in samples]
    assert set(names) == {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert set(names) == {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    assert len(samples) == len(set(samples))
    empty = prometheus_text(judge(replace(facts, backups=(), schedules=())))
    assert "lockgate_backup_healthy" in empty and "newest_timestamp" not in empty and "restore_estimate" not in empty


def test_people_read_the_worst_first(facts: Facts) -> None:
    lines = status_text(judge(replace(facts, broken=("b9",), free_bytes=None))).splitlines()

    assert lines[0] == "backups of shop: UNHEALTHY"
    assert lines[1].startswith("FAIL     broken") and lines[3].startswith("unknown  disk")
