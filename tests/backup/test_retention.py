"""Which backups are kept: random histories beside a simple oracle, and the cases that somebody would ask about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockgate.backup.retention import Candidate, decide_kept, find_objection
from lockgate.backup.settings import KeepSettings
from lockgate.model.backup import BackupKind

START = datetime(2026, 1, 1, tzinfo=UTC)
FORMS = {"hourly": "%Y%m%d%H", "daily": "%Y%m%d", "weekly": "%G%V", "monthly": "%Y%m", "yearly": "%Y"}
NOTHING = {"last": 0, "hourly": 0, "daily": 0, "weekly": 0, "monthly": 0, "yearly": 0, "minimum": 1}


def _candidate(number: int, at: datetime, **more: object) -> Candidate:
    return Candidate(id=f"b{number}", sequence=number, at=at, **{"kind": BackupKind.FULL, **more})  # type: ignore[arg-type]


@st.composite
def _histories(draw: st.DrawFn) -> list[Candidate]:
    gaps = draw(st.lists(st.integers(1, 60 * 24 * 40), max_size=25))
    found: list[Candidate] = []
    at = START
    for number, minutes in enumerate(gaps, 1):
        at += timedelta(minutes=minutes)
        kind = draw(st.sampled_from([BackupKind.FULL, BackupKind.FULL, BackupKind.LOG, BackupKind.MARK]))
        earlier = [item.id for item in found]
        parents = tuple(draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True))) if earlier else ()
        is_full = kind is BackupKind.FULL
        found.append(
            Candidate(
                id=f"b{number}",
                sequence=number,
                kind=kind,
                at=at,
                parents=() if is_full else parents,
                is_good=draw(st.sampled_from([True, True, True, False])),
                is_verified=draw(st.booleans()),
                is_known=draw(st.sampled_from([True, True, True, True, False])),
            )
        )
    return found


_KEEP = st.builds(
    KeepSettings,
    **{name: st.integers(0, 5) for name in ("last", *FORMS)},
    minimum=st.integers(1, 3),
    within_s=st.sampled_from([0, 3600, 86400, 30 * 86400]),
)


def _oracle(history: list[Candidate], keep: KeepSettings, extra: set[str]) -> set[str]:
    """Every rule by its plainest reading."""
    kept = set(extra) | {item.id for item in history if not item.is_good or not item.is_known}
    for kind in BackupKind:
        good = [item for item in history if item.kind is kind and item.is_good]
        if not good:
            continue
        kept |= {item.id for item in good[len(good) - min(len(good), max(keep.last, keep.minimum)) :]}
        verified = [item for item in good if item.is_verified]
        kept |= {item.id for item in verified[-1:]}
        if keep.within_s:
            kept |= {item.id for item in good if (good[-1].at - item.at).total_seconds() <= keep.within_s}
        for name, form in FORMS.items():
            newest = {item.at.strftime(form): item.id for item in good}
            count = getattr(keep, name)
            periods = sorted(newest, reverse=True)[:count]
            kept |= {newest[period] for period in periods}
            if len(periods) < count:
                kept.add(good[0].id)
    parents = {item.id: item.parents for item in history}
    for item in reversed(history):
        if item.id in kept:
            kept |= set(parents[item.id])
    return kept


@settings(max_examples=150)
@given(_histories(), _KEEP, st.data())
def test_what_is_kept_is_what_the_plainest_reading_of_every_rule_keeps(
    history: list[Candidate], keep: KeepSettings, data: st.DataObject
) -> None:
    ids = [item.id for item in history]
    pinned = set(data.draw(st.lists(st.sampled_from(ids), max_size=2))) if ids else set()
    needed = dict.fromkeys(data.draw(st.lists(st.sampled_from(ids), max_size=2)), "run r") if ids else {}

    decided = decide_kept(data.draw(st.permutations(history)), keep, pinned=pinned, needed=needed)

    kept = {item.id for item in decided if item.rules}
    assert kept == _oracle(history, keep, pinned | set(needed))
    assert [item.id for item in decided] == ids[::-1]
    full = [item for item in history if item.is_good and item.kind is BackupKind.FULL]
    assert sum(item.id in kept for item in full) >= min(len(full), keep.minimum)
    assert pinned | set(needed) <= kept
    assert not any(set(item.parents) - kept for item in history if item.id in kept)


def test_each_kept_backup_names_its_rules() -> None:
    history = [_candidate(number, START + timedelta(hours=12 * number), is_verified=number == 2) for number in range(7)]
    keep = KeepSettings(**{**NOTHING, "last": 1, "daily": 2})

    rules = {item.id: item.rules for item in decide_kept(history, keep, pinned=["b1"], needed={"b0": "run r7"})}

    assert rules == {
        "b6": ("last 1 of 1", "daily 2026-01-04", "minimum 1"),
        "b5": ("daily 2026-01-03",),
        "b4": (),
        "b3": (),
        "b2": ("newest verified",),
        "b1": ("pinned",),
        "b0": ("run r7",),
    }


def test_small_backups_never_push_out_the_full_one_they_begin_at() -> None:
    full = _candidate(1, START)
    logs = [
        _candidate(number, START + timedelta(hours=number), kind=BackupKind.LOG, parents=("b1",))
        for number in range(2, 30)
    ]

    kept = {item.id for item in decide_kept([full, *logs], KeepSettings(**{**NOTHING, "last": 3})) if item.rules}

    assert kept == {"b1", "b27", "b28", "b29"}


def test_a_backup_that_failed_its_verification_neither_counts_nor_goes() -> None:
    history = [_candidate(number, START + timedelta(days=number), is_good=number != 3) for number in range(4)]

    rules = {item.id: item.rules for item in decide_kept(history, KeepSettings(**{**NOTHING, "last": 1}))}

    assert rules["b2"] == ("last 1 of 1", "minimum 1")
    assert rules["b3"] == ("left alone: its newest verification did not pass",)
    assert rules["b1"] == ()


@pytest.mark.parametrize(
    ("now", "count", "is_most_allowed", "objection"),
    [
        (START + timedelta(days=20), 4, False, ""),
        (START + timedelta(days=20), 5, False, "4 of 5 backups would go, more than half"),
        (START + timedelta(days=20), 5, True, ""),
        (START, 4, True, "the clock is behind: it says 2026-01-01 00:00:00 UTC, the newest backup is b3"),
    ],
)
def test_nothing_goes_when_the_clock_is_wrong_or_most_would_go(
    now: datetime, count: int, is_most_allowed: bool, objection: str
) -> None:
    history = [_candidate(number, START + timedelta(days=number)) for number in range(count)]
    keep = KeepSettings(**{**NOTHING, "last": 1 if count == 5 else 2})

    found = find_objection(history, decide_kept(history, keep), now, is_most_allowed=is_most_allowed)

    assert found == objection


def test_a_backup_dated_in_the_future_stops_it_though_the_newest_one_is_not() -> None:
    history = [_candidate(1, START + timedelta(days=400)), _candidate(2, START)]

    found = find_objection(history, decide_kept(history, KeepSettings()), START)

    assert found == "the backup b1 is dated in the future, so the clock was or is wrong"
