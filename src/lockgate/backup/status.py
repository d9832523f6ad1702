"""Whether the backups of a target are as they should be: facts in, one check each out; pure. Unknown is never ok."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median

from lockgate.backup.retention import SKEW
from lockgate.backup.schedule import missed_run, next_run
from lockgate.backup.status_facts import BackupStatus, Check, Facts, State, StoreFacts, span_text
from lockgate.model.backup import BackupKind, Manifest, Verification

TREND = 5
NEXT = 3


def judge(facts: Facts) -> BackupStatus:
    """Judge all facts."""
    checks = (*_recency(facts), *_content(facts), *_around(facts))
    newest = facts.good[0] if facts.good else None
    proven = _newest_verified(facts)
    runs = [next_run(found.when, facts.now) for found in facts.schedules if found.when is not None]
    return BackupStatus(
        target=facts.target,
        state=_worst(checks),
        checks=checks,
        newest=newest.manifest.id if newest else "",
        newest_at=newest.at.isoformat(timespec="seconds") if newest else "",
        newest_bytes=newest.manifest.bytes if newest else None,
        newest_rows=_rows(newest.manifest) if newest and newest.manifest.tables else None,
        backups=len(facts.backups),
        verified=proven.backup if proven else "",
        verified_at=proven.at if proven else "",
        restore_estimate_s=proven.restore_s if proven else -1.0,
        free_bytes=facts.free_bytes,
        next_run=min(runs).isoformat(timespec="minutes") if runs else "",
    )


def _worst(checks: Sequence[Check]) -> State:
    if any(check.state is State.FAIL for check in checks):
        return State.FAIL
    return State.UNKNOWN if any(c.state is State.UNKNOWN and c.matters for c in checks) else State.OK


# how old


def _recency(facts: Facts) -> Iterator[Check]:
    yield _age(facts)
    yield _last_run(facts)
    yield _verified(facts)
    yield _versions(facts)
    yield _clock(facts)


def _age(facts: Facts) -> Check:
    limit = facts.settings.max_age_s
    step = "lockgate backup create"
    if not facts.good:
        there = f"none of {len(facts.backups)} can be restored" if facts.backups else "there is none"
        return Check("age", State.FAIL, f"no good backup: {there}", None, limit, "s", step)
    newest = facts.good[0]
    age = max((facts.now - newest.at).total_seconds(), 0.0)
    text = f"the newest good backup, {newest.manifest.id}, is {span_text(age)} old (limit {span_text(limit)})"
    return Check("age", State.FAIL if age > limit else State.OK, text, age, limit, "s", step if age > limit else "")


def _last_run(facts: Facts) -> Check:
    if facts.is_running:
        return Check("last-run", State.OK, "a backup is being taken now")
    if facts.outcome == "published":
        return Check("last-run", State.OK, "the last run published a backup")
    if facts.outcome == "":
        return Check("last-run", State.UNKNOWN, "the journal tells of no run", matters=bool(facts.backups))
    what = "failed" if facts.outcome == "failed" else "did not come to its end"
    return Check(
        "last-run",
        State.FAIL,
        f"the last run {what}: {facts.outcome_message or 'no reason is known'}",
        next_step="lockgate backup create",
    )


def _verified(facts: Facts) -> Check:
    limit = facts.settings.max_verified_age_s
    proven, step = _newest_verified(facts), "lockgate backup verify"
    if proven is None:
        return Check("verified", State.FAIL, "no backup was ever proven by restoring it", None, limit, "s", step)
    age = max((facts.now - _moment(proven.at)).total_seconds(), 0.0)
    text = f"the last verified restore was {span_text(age)} ago (limit {span_text(limit)})"
    if proven.restore_s >= 0:
        text += f" and took {span_text(proven.restore_s)}: the estimate for a restore"
    failed = age > limit
    return Check("verified", State.FAIL if failed else State.OK, text, age, limit, "s", step if failed else "")


def _versions(facts: Facts) -> Check:
    proven = _newest_verified(facts)
    known = {backup.manifest.id: backup.manifest for backup in facts.backups}
    then = known.get(proven.backup) if proven is not None else None
    if then is None or not facts.good:
        return Check("versions", State.UNKNOWN, "nothing was verified to compare with", matters=False)
    newest = facts.good[0].manifest
    changed = [f"the server from {then.server_version} to {newest.server_version}"] * (
        then.server_version != newest.server_version
    )
    before = {tool.name: tool.version for tool in then.tools}
    changed += [
        f"{tool.name} from {before[tool.name]} to {tool.version}"
        for tool in newest.tools
        if before.get(tool.name, tool.version) != tool.version
    ]
    if not changed:
        return Check("versions", State.OK, "server and tools are those of the last verified restore")
    text = f"changed since the last verified restore: {', '.join(changed)}"
    return Check("versions", State.FAIL, text, next_step="lockgate backup verify")


def _clock(facts: Facts) -> Check:
    ahead = [known for known in facts.backups if known.at > facts.now + SKEW]
    if ahead:
        text = f"{ahead[0].manifest.id} is dated in the future: the clock was or is wrong"
        return Check("clock", State.FAIL, text, next_step="set the clock of this machine")
    return Check("clock", State.OK, "no backup is dated in the future")


# what is in them


def _content(facts: Facts) -> Iterator[Check]:
    yield _size(facts)
    yield _rows_drop(facts)
    yield _few("broken", facts.broken, "cannot be read", "look at lockgate backup list, and move the folders away")
    yield _few("quarantine", facts.quarantined, "did not pass a verification", "find out why, then delete them there")
    yield _few("leftovers", facts.leftovers, "left half-written", "the next lockgate backup create removes them")
    yield _log_gap(facts)
    yield _key(facts)


def _size(facts: Facts) -> Check:
    before = [known.manifest.bytes for known in facts.full[1 : TREND + 1]]
    if len(before) < 2:
        return Check("size", State.UNKNOWN, "too few full backups to see a trend", matters=False)
    usual, size = median(before), facts.full[0].manifest.bytes
    change = (size - usual) / usual if usual else 0.0
    text = f"the newest full backup has {change:+.0%} of the median of the {len(before)} before"
    limits = facts.settings
    limit = limits.size_growth if change > 0 else limits.size_drop
    failed = abs(change) > limit
    step = f"lockgate backup show {facts.full[0].manifest.id}" if failed else ""
    return Check("size", State.FAIL if failed else State.OK, text, change, limit, "part", step)


def _rows_drop(facts: Facts) -> Check:
    if len(facts.full) < 2:
        return Check("rows", State.UNKNOWN, "too few full backups to compare rows", matters=False)
    newest, previous = (known.manifest for known in facts.full[:2])
    now, before = _rows(newest), _rows(previous)
    drop = (before - now) / before if before else 0.0
    limit = facts.settings.rows_drop
    text = f"{now} rows, {before} in the full backup before"
    then = {fact.table: fact.rows for fact in previous.tables}
    there = {fact.table: fact.rows for fact in newest.tables}
    lost = sorted(((rows - there.get(table, 0), table) for table, rows in then.items()), reverse=True)
    if drop > limit:
        text += "; most are gone from " + ", ".join(f"{table} ({count})" for count, table in lost[:3] if count > 0)
    failed = drop > limit
    step = f"lockgate backup show {newest.id}" if failed else ""
    return Check("rows", State.FAIL if failed else State.OK, text, drop, limit, "part", step)


def _few(check_id: str, names: Sequence[str], what: str, step: str) -> Check:
    if not names:
        return Check(check_id, State.OK, f"{what}: none", 0, 0, "count")
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return Check(check_id, State.FAIL, f"{what}: {shown}", len(names), 0, "count", step)


def _log_gap(facts: Facts) -> Check:
    logs = [known for known in facts.backups if known.manifest.kind is BackupKind.LOG]
    if not logs:
        return Check("log-gap", State.UNKNOWN, "there are no backups of the log", matters=False)
    if facts.gaps:
        name, why = facts.gaps[0]
        text = f"{len(facts.gaps)} of {len(logs)} backups of the log cannot be restored: {name}: {why}"
        return Check("log-gap", State.FAIL, text, len(facts.gaps), 0, "count", "lockgate backup create")
    return Check("log-gap", State.OK, f"all {len(logs)} backups of the log follow each other", 0, 0, "count")


def _key(facts: Facts) -> Check:
    newest = facts.good[0] if facts.good else None
    if newest is None or not newest.manifest.is_encrypted:
        return Check("key", State.UNKNOWN, "the newest backup is not encrypted", matters=False)
    if facts.key_problem is None:
        text = "no key is configured here, so it was not tried whether the newest backup can be decrypted"
        return Check("key", State.UNKNOWN, text, matters=facts.has_identity, next_step="set [backup] identity")
    if facts.key_problem:
        text = f"the newest backup cannot be decrypted: {facts.key_problem}"
        return Check("key", State.FAIL, text, next_step="find the right key before you need it")
    return Check("key", State.OK, "the configured key decrypts the newest backup")


# around them


def _around(facts: Facts) -> Iterator[Check]:
    yield _disk(facts)
    yield _prune(facts)
    yield from (_store(store) for store in facts.stores)
    if not facts.stores and facts.settings.is_store_wanted:
        text = "a store is wanted and none is configured"
        yield Check("store", State.FAIL, text, next_step="name one under [backup] stores")
    yield _schedule(facts)


def _disk(facts: Facts) -> Check:
    if facts.free_bytes is None or not facts.full:
        return Check("disk", State.UNKNOWN, "the space left cannot be judged yet", matters=bool(facts.full))
    wanted = NEXT * facts.full[0].manifest.bytes
    failed = facts.free_bytes < wanted
    text = f"{_mib(facts.free_bytes)} are left, the next {NEXT} backups take about {_mib(wanted)}"
    step = "free space, or name another folder under [backup] folder" if failed else ""
    return Check("disk", State.FAIL if failed else State.OK, text, facts.free_bytes, wanted, "bytes", step)


def _prune(facts: Facts) -> Check:
    if not facts.prune_objection:
        return Check("prune", State.OK, "nothing keeps old backups from being pruned")
    text = f"nothing is pruned any more: {facts.prune_objection}"
    return Check("prune", State.FAIL, text, next_step="lockgate backup prune --dry-run")


def _store(store: StoreFacts) -> Check:
    check_id = f"store:{store.name}"
    if store.problem:
        state = State.UNKNOWN if store.holds is None else State.FAIL
        return Check(check_id, state, store.problem, next_step="lockgate backup probe")
    if store.holds:
        return Check(check_id, State.OK, "it can be reached and holds the newest backup")
    if store.is_uploading:
        return Check(check_id, State.UNKNOWN, "the newest backup is being uploaded", matters=False)
    if store.holds is None:
        return Check(check_id, State.UNKNOWN, "it was not asked")
    return Check(check_id, State.FAIL, "it does not hold the newest backup", next_step="lockgate backup copy")


def _schedule(facts: Facts) -> Check:
    step = "lockgate backup schedule install"
    wanted = bool(facts.noted_schedule) or facts.is_schedule_configured or facts.settings.is_schedule_wanted
    if not facts.schedules:
        if facts.unread_schedulers:
            text = f"a scheduler could not be looked into: {facts.unread_schedulers[0]}"
            return Check("schedule", State.UNKNOWN, text, matters=wanted)
        if facts.noted_schedule:
            text = f"the schedule that was installed ({facts.noted_schedule}) is gone"
            return Check("schedule", State.FAIL, text, next_step=step)
        if wanted:
            return Check("schedule", State.FAIL, "a schedule is wanted and none is installed", next_step=step)
        return Check("schedule", State.UNKNOWN, "none is installed, and none is asked for", matters=False)
    found = facts.schedules[0]
    if found.when is None or found.is_edited:
        text = f"{found.place} was changed by hand, so it is not known what it does"
        return Check("schedule", State.UNKNOWN, text, next_step="lockgate backup schedule show")
    if found.is_active is False:
        return Check("schedule", State.FAIL, f"{found.place} is installed and not in force", next_step=step)
    full = (known.at for known in facts.backups if known.manifest.kind is BackupKind.FULL)
    newest = max(full, default=None)
    missed = missed_run(found.when, found.since or facts.now, newest, facts.now)
    if missed is not None and not facts.is_running:
        text = f"the run that was due at {missed:%Y-%m-%d %H:%M} UTC left no backup ({found.when})"
        return Check("schedule", State.FAIL, text, next_step="look at the schedule's log, then lockgate backup create")
    taken = [known for known in facts.backups if known.manifest.reason == "schedule"]
    if found.is_active is None and not any(found.since is None or known.at >= found.since for known in taken):
        text = f"{found.when}, in {found.place}: it took no backup yet, and whether the scheduler runs cannot be seen"
        return Check("schedule", State.UNKNOWN, text, next_step="lockgate backup schedule show")
    following = next_run(found.when, facts.now)
    return Check("schedule", State.OK, f"{found.when}, next at {following:%Y-%m-%d %H:%M} UTC, in {found.place}")


# helpers


def _newest_verified(facts: Facts) -> Verification | None:
    """Return the newest verified restore of a backup that is still there and good."""
    found = [v for known in facts.good for v in known.verifications if v.is_verified]
    return max(found, key=lambda v: _moment(v.at), default=None)


def _rows(manifest: Manifest) -> int:
    return sum(fact.rows for fact in manifest.tables)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _mib(count: float) -> str:
    return f"{count / (1 << 20):,.1f} MiB"
