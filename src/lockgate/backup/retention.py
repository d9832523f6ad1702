"""Which backups are kept and by which rule; pure. What no rule keeps may go, unless something speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from lockgate.backup.settings import KeepSettings
from lockgate.model.backup import BackupKind
from lockgate.model.schema import Value

SKEW = timedelta(minutes=5)
"""How far ahead of the clock an id may be: two backups within a second, or a clock that was set back a little."""


@dataclass(frozen=True)
class Candidate:
    """One published backup as retention sees it.

    ``at`` is the time in its id, which only goes up with ``sequence``. ``is_good`` is false when its newest
    verification did not pass; it counts for nothing then, and is left where it is. ``is_known``: the journal tells that
    it was published here.
    """

    id: str
    sequence: int
    kind: BackupKind
    at: datetime
    parents: tuple[str, ...] = ()
    is_good: bool = True
    is_verified: bool = False
    is_known: bool = True


class Kept(Value, frozen=True, omit_defaults=False):
    """A backup and every rule that keeps it; without one it may go."""

    id: str
    rules: tuple[str, ...] = ()


_PERIODS: tuple[tuple[str, Callable[[datetime], tuple[int, ...]], str], ...] = (
    ("hourly", lambda at: (at.year, at.month, at.day, at.hour), "%Y-%m-%d %H:00"),
    ("daily", lambda at: (at.year, at.month, at.day), "%Y-%m-%d"),
    ("weekly", lambda at: tuple(at.isocalendar())[:2], "%G-W%V"),
    ("monthly", lambda at: (at.year, at.month), "%Y-%m"),
    ("yearly", lambda at: (at.year,), "%Y"),
)


def decide_kept(
    candidates: Iterable[Candidate],
    keep: KeepSettings,
    *,
    pinned: Iterable[str] = (),
    needed: Mapping[str, str] | None = None,
) -> tuple[Kept, ...]:
    """Return all backups, the newest first, each with the rules that keep it.

    Each kind is counted for itself, so that small ones never push out the full ones. Only good ones count. ``pinned``
    are ids, ``needed`` says by id what still needs a backup. Parents of whatever is kept are kept.
    """
    items = sorted(candidates, key=lambda item: item.sequence, reverse=True)
    rules: dict[str, list[str]] = {item.id: [] for item in items}
    for _, group in groupby(sorted(items, key=lambda item: item.kind.value), key=lambda item: item.kind.value):
        _count(sorted(group, key=lambda item: item.sequence, reverse=True), keep, rules)
    for backup_id in pinned:
        rules.get(backup_id, []).append("pinned")
    for backup_id, why in (needed or {}).items():
        rules.get(backup_id, []).append(why)
    for item in items:
        if not item.is_good:
            rules[item.id].append("left alone: its newest verification did not pass")
        elif not item.is_known:
            rules[item.id].append("left alone: the journal does not tell of it")
    _keep_parents(items, rules)
    return tuple(Kept(id=item.id, rules=tuple(rules[item.id])) for item in items)


def find_objection(
    candidates: Sequence[Candidate], decided: Sequence[Kept], now: datetime, *, is_most_allowed: bool = False
) -> str:
    """Say why nothing may be pruned now; empty when nothing speaks against it."""
    newest = max(candidates, key=lambda item: item.sequence, default=None)
    future = [item for item in candidates if item.at > now + SKEW]
    if future and newest in future:
        return f"the clock is behind: it says {now:%Y-%m-%d %H:%M:%S} UTC, the newest backup is {newest.id}"
    if future:
        return f"the backup {future[0].id} is dated in the future, so the clock was or is wrong"
    going = sum(not item.rules for item in decided)
    if going * 2 > len(decided) and not is_most_allowed:
        return f"{going} of {len(decided)} backups would go, more than half"
    return ""


def _count(items: Sequence[Candidate], keep: KeepSettings, rules: dict[str, list[str]]) -> None:
    """Note the rules that keep backups of one kind; ``items`` are the newest first."""
    good = [item for item in items if item.is_good]
    if not good:
        return
    for number, item in enumerate(good[: keep.last], 1):
        rules[item.id].append(f"last {number} of {keep.last}")
    if keep.within_s:
        for item in good:
            if item.at >= good[0].at - timedelta(seconds=keep.within_s):
                rules[item.id].append(f"within {_span(keep.within_s)} of the newest")
    for name, bucket, form in _PERIODS:
        for item in _representatives(good, getattr(keep, name), bucket):
            rules[item.id].append(f"{name} {item.at.strftime(form)}")
    for item in good[: keep.minimum]:
        rules[item.id].append(f"minimum {keep.minimum}")
    verified = next((item for item in good if item.is_verified), None)
    if verified is not None:
        rules[verified.id].append("newest verified")


def _representatives(
    good: Sequence[Candidate], count: int, bucket: Callable[[datetime], tuple[int, ...]]
) -> list[Candidate]:
    """Return the newest of each of ``count`` periods; the oldest of all too, while fewer periods have any.

    So a young repository keeps its whole length, as restic does.
    """
    found: list[Candidate] = []
    last: tuple[int, ...] = ()
    for item in good:
        if len(found) == count:
            return found
        if bucket(item.at) != last:
            found.append(item)
            last = bucket(item.at)
    if len(found) < count and found[-1] is not good[-1]:
        found.append(good[-1])
    return found


def _keep_parents(items: Sequence[Candidate], rules: dict[str, list[str]]) -> None:
    """Keep what kept ones need, and what those need."""
    parents = {item.id: item.parents for item in items}
    waiting = [item.id for item in items if rules[item.id]]
    done = set(waiting)
    while waiting:
        child = waiting.pop()
        for parent in parents[child]:
            if parent not in rules:
                continue
            rules[parent].append(f"parent of {child}")
            if parent not in done:
                done.add(parent)
                waiting.append(parent)


def _span(seconds: int) -> str:
    for name, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{name}"
    return f"{seconds}s"
