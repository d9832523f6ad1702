"""Gather the facts about a target's backups and judge them. Nothing is written, and the database is not asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from lockgate.backup.chain import find_gaps
from lockgate.backup.files import StoredFiles
from lockgate.backup.prune import last_outcome, list_candidates
from lockgate.backup.repository import Repository
from lockgate.backup.retention import decide_kept, find_objection
from lockgate.backup.schedulers import Scheduler
from lockgate.backup.settings import BackupSettings, KeepSettings
from lockgate.backup.status import judge
from lockgate.backup.status_facts import BackupStatus, Facts, Known, ScheduleFacts, StoreFacts
from lockgate.backup.stores.base import Patience
from lockgate.backup.stores.open import Place, open_store
from lockgate.backup.stores.read import find_backup, list_backups
from lockgate.errors import ConfigError, InputError, LockgateError
from lockgate.model.backup import BackupKind
from lockgate.workflow.options import utc_now
from lockgate.workflow.schedule_backups import Noted, find_schedules, noted_schedule, when_of
from lockgate.workflow.store_backup import display_of

_NO_CREDENTIALS = "there are no credentials for the store"


@dataclass(frozen=True)
class Surroundings:
    """What is asked besides the repository.

    ``read_identities`` reads the configured age keys (KeyMissing when it cannot). ``schedulers`` are looked into for
    the schedule ``schedule_name``. ``place`` and ``on_secret`` are for opening stores.
    """

    schedulers: Sequence[Scheduler] = ()
    schedule_name: str = ""
    read_identities: Callable[[], Sequence[Any]] = tuple
    place: Place = field(default_factory=lambda: Place({}, Path()))
    on_secret: Callable[[str], None] = lambda text: None


def read_backup_status(
    repository: Repository,
    settings: BackupSettings,
    target: str,
    around: Surroundings,
    now: datetime | None = None,
) -> BackupStatus:
    """Look at everything and judge it; what cannot be looked at is unknown, and no error.

    Raises:
        ConfigError: The repository itself cannot be read.
    """
    return judge(read_facts(repository, settings, target, around, now or utc_now()))


def read_facts(
    repository: Repository, settings: BackupSettings, target: str, around: Surroundings, now: datetime
) -> Facts:
    """Return the facts."""
    backups = list_known(repository)
    notes = repository.notes()
    outcome = last_outcome(notes)
    live = repository.live_stages()
    noted = noted_schedule(repository)
    schedules, unread = _read_schedules(around, noted)
    return Facts(
        target=target,
        now=now,
        backups=backups,
        outcome=outcome.type if outcome else "",
        outcome_message=f"{outcome.backup} of {outcome.at}: {outcome.message}" if outcome else "",
        is_running=bool(live),
        broken=tuple(broken.folder.name for broken in repository.broken()),
        quarantined=repository.quarantined(),
        leftovers=tuple(path.name.partition(".")[0] for path in repository.staged() if path not in live),
        gaps=_find_gaps(repository, backups),
        prune_objection=_find_prune_objection(repository, backups, settings.keep, now),
        free_bytes=_free_bytes(repository.root),
        key_problem=_try_key(repository, backups, around),
        has_identity=bool(settings.identity),
        stores=tuple(_ask_store(url, repository.root.name, backups, around) for url in settings.stores),
        schedules=schedules,
        unread_schedulers=unread,
        noted_schedule=f"{noted.kind}, {noted.place}" if noted else "",
        is_schedule_configured=bool(settings.schedule),
        settings=settings.status,
    )


def list_known(repository: Repository) -> tuple[Known, ...]:
    """Return the published backups, newest first, with what was proven of them."""
    manifests = {backup.id: backup.manifest for backup in repository.backups()}
    proven = repository.verifications()
    return tuple(
        Known(manifests[item.id], item.at, item.is_good, proven.get(item.id, ()))
        for item in list_candidates(repository)
    )


def _find_gaps(repository: Repository, backups: Sequence[Known]) -> tuple[tuple[str, str], ...]:
    """Return the backups of the log that cannot be restored, each with the reason."""
    logs = {known.manifest.id: known for known in backups if known.manifest.kind is BackupKind.LOG}
    found = {name: "what it follows is not good" for name, log in logs.items() if not log.is_good}
    return tuple({**found, **find_gaps(repository)}.items())


def _find_prune_objection(repository: Repository, backups: Sequence[Known], keep: KeepSettings, now: datetime) -> str:
    """Say why the next prune would be refused, as far as can be told without asking the database what it needs."""
    candidates = list_candidates(repository)
    tagged = {k.manifest.id: "may be needed" for k in backups if k.manifest.run or k.manifest.checkpoint}
    decided = decide_kept(candidates, keep, pinned=repository.pinned(), needed=tagged)
    return find_objection(candidates, decided, now)


def _free_bytes(root: Path) -> int | None:
    place = next((folder for folder in (root, *root.absolute().parents) if folder.is_dir()), None)
    try:
        return shutil.disk_usage(place).free if place is not None else None
    except OSError:
        return None


def _try_key(repository: Repository, backups: Sequence[Known], around: Surroundings) -> str | None:
    """Decrypt the smallest file of the newest backup; say what is wrong, None when it was not tried."""
    good = [known.manifest for known in backups if known.is_whole]
    if not good or not good[0].is_encrypted:
        return None
    try:
        identities = around.read_identities()
        if not identities:
            return None
        backup = repository.find(good[0].id)
        smallest = min((file for file in backup.manifest.files if file.is_encrypted), key=lambda file: file.bytes)
        with StoredFiles(backup, identities).open(smallest) as source:
            while source.read(1 << 20):
                pass
    except LockgateError as error:
        return error.cause or error.what
    return ""


def _ask_store(url: str, target: str, backups: Sequence[Known], around: Surroundings) -> StoreFacts:
    """Ask a store for the newest good backup. Without credentials that stays unknown; all else that fails, fails."""
    newest = next((known.manifest.id for known in backups if known.is_whole), "")
    name = "a store"
    place = replace(around.place, patience=Patience(attempts=2), tries=1)  # who watches asks again soon
    try:
        name = display_of(url)
        store = open_store(url, place, around.on_secret)
        name = store.display
        if not newest:
            list_backups(store, target)
            return StoreFacts(name, False)
        find_backup(store, target, newest)
    except ConfigError as error:
        return StoreFacts(name, False, error.what)
    except InputError:
        return _ask_again(name, url, target, newest, place)
    except LockgateError as error:
        problem = f"{error.what}: {error.cause}" if error.cause else error.what
        return StoreFacts(name, None if error.what == _NO_CREDENTIALS else False, problem)
    return StoreFacts(name, True)


def _ask_again(name: str, url: str, target: str, newest: str, place: Place) -> StoreFacts:
    """Tell whether what a store lacks is on its way."""
    try:
        found = list_backups(open_store(url, place), target)
    except LockgateError as error:
        return StoreFacts(name, False, error.what)
    return StoreFacts(name, False, is_uploading=any(item.id == newest and item.is_uploading for item in found))


def _read_schedules(around: Surroundings, noted: Noted | None) -> tuple[tuple[ScheduleFacts, ...], tuple[str, ...]]:
    schedulers = list(around.schedulers)
    extra = noted.scheduler() if noted else None
    name = noted.name if noted else around.schedule_name
    found, unknown = find_schedules([*schedulers, *([extra] if extra is not None else [])], name)
    unique = {item.place: item for item in reversed(found)}
    facts = tuple(
        ScheduleFacts(item.place, when_of(item), _moment(item.since), item.is_edited, item.is_active)
        for item in unique.values()
    )
    return facts, unknown


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
