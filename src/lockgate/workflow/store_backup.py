"""Copy backups to further places, look at them there, and bring them back into the repository of this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from lockgate.backup.process import boot_id, is_running
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import BackupSettings
from lockgate.backup.stores.base import Store
from lockgate.backup.stores.open import Place, open_store
from lockgate.backup.stores.read import fetch_backup, find_backup, verify_stored
from lockgate.backup.stores.upload import Uploaded, put_backup
from lockgate.backup.verify import VerifyOptions, verify_backup
from lockgate.engine.base import Engine, ScratchOptions
from lockgate.errors import InputError, Interrupted, LockgateError, StoreFailed
from lockgate.model.backup import Level, Verification

Tell = Callable[[str], None]
_FETCHING = ".fetch"


@dataclass(frozen=True)
class Copy:
    """What became of one copy: ``uploaded`` when it is there and was read back, else ``error``."""

    store: str
    uploaded: Uploaded | None = None
    error: LockgateError | None = None

    @property
    def line(self) -> str:
        """What became of it, for people."""
        if self.uploaded is None:
            return f"NOT copied to {self.store}: {self.error}"
        if not self.uploaded.is_new:
            return f"was in {self.uploaded.store} already, all of it read back"
        return f"copied to {self.uploaded.store}: {self.uploaded.sent_files} files sent, all of it read back"


def store_backup(
    repository: Repository,
    backup: Backup,
    urls: Sequence[str],
    place: Place,
    tell: Tell = lambda text: None,
    on_secret: Callable[[str], None] = lambda text: None,
) -> tuple[Copy, ...]:
    """Copy a published backup to every store, one after the other; a store that fails does not hinder the next.

    Each outcome is noted in the journal. Use `refuse_missing_copies` on what is returned.

    Raises:
        Interrupted: A stop was asked for.
    """
    return tuple(_copy(repository, backup, url, place, tell, on_secret) for url in urls)


def refuse_missing_copies(backup: Backup, copies: Sequence[Copy]) -> None:
    """Fail when a copy is missing; the backup on this machine is as good as it was.

    Raises:
        StoreFailed: A copy is missing; says which, and where there are good ones.
    """
    missing = [copy for copy in copies if copy.error is not None]
    if not missing:
        return
    first = missing[0]
    good = ", ".join(copy.store for copy in copies if copy.error is None)
    raise StoreFailed(
        f"the backup {backup.id} was not copied to {', '.join(copy.store for copy in missing)}",
        where=first.error.where if first.error else "",
        cause="; ".join(": ".join(part for part in (e.what, e.cause) if part) for c in missing if (e := c.error)),
        state=f"it is published and whole in {backup.folder}" + (f" and in {good}" if good else ""),
        hint=f"lockgate backup probe, then: lockgate backup copy {backup.id}",
    )


def _copy(
    repository: Repository, backup: Backup, url: str, place: Place, tell: Tell, on_secret: Callable[[str], None]
) -> Copy:
    shown = "a store"
    try:
        shown = display_of(url)
        store = open_store(url, place, on_secret)
        shown = store.display
        with repository.reading():
            for parent in backup.manifest.parents:
                _copy_needed(repository, parent, store, tell)
            done = put_backup(store, repository.root.name, backup, tell)
    except KeyboardInterrupt:
        repository.note("store_failed", backup.id, f"{shown}: stopped on request")
        raise Interrupted(
            f"copying {backup.id} was stopped on request",
            where=shown,
            state=f"it is published and whole in {backup.folder}; the copy is not, and is taken for none",
            hint=f"lockgate backup copy {backup.id}",
        ) from None
    except Interrupted:
        raise
    except LockgateError as error:
        repository.note("store_failed", backup.id, f"{shown}: {error.what}")
        return Copy(shown, error=error)
    repository.note("stored", backup.id, shown)
    return Copy(shown, uploaded=done)


def _copy_needed(repository: Repository, parent: str, store: Store, tell: Tell) -> None:
    """Copy a backup that another one needs, unless the store has it whole."""
    try:
        find_backup(store, repository.root.name, parent)
    except InputError:
        put_backup(store, repository.root.name, repository.find(parent), tell)
        repository.note("stored", parent, store.display)


def display_of(url: str) -> str:
    """Return a store's address without what may be secret, even when it cannot be read."""
    scheme, colon, rest = url.partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}" if colon else url.partition("?")[0]


def fetch_into(store: Store, repository: Repository, name: str, tell: Tell = lambda text: None) -> tuple[Backup, ...]:
    """Bring a backup, and all that is needed to restore it, into the repository; what is there is checked and kept.

    Returns them, those needed first first.

    Raises:
        InputError: There is no such backup.
        BackupDamaged, StoreFailed: It cannot be had; what was fetched stays for the next time.
    """
    wanted = find_backup(store, repository.root.name, name)
    if wanted.manifest is None:
        raise AssertionError("only whole backups are found")
    return tuple(_fetch_one(store, repository, each, tell) for each in (*wanted.manifest.parents, wanted.id))


def _fetch_one(store: Store, repository: Repository, backup: str, tell: Tell) -> Backup:
    was_there = (repository.published / backup).exists()
    found = fetch_backup(
        store, repository.root.name, backup, repository.published, tell, work=repository.root / _FETCHING
    )
    if not was_there:
        repository.note("fetched", backup, store.display)
    return found


def verify_in_store(
    engine: Engine,
    store: Store,
    repository: Repository,
    name: str,
    settings: BackupSettings,
    *,
    level: Level,
    identities: Sequence[Any] = (),
    scratch_url: str = "",
    tell: Tell = lambda text: None,
) -> Verification:
    """Prove the copy in a store. Beyond its bytes it is fetched into a folder of its own, gone afterwards.

    Raises:
        InputError: There is no such backup.
        StoreFailed: It cannot be read: nothing is known then.
        KeyMissing, ScratchUnavailable: Nothing could be found out.
    """
    found = verify_stored(store, repository.root.name, name, tell)
    if not found.is_passed or level is Level.CHECKSUM:
        found = replace(found, asked=level)
    else:
        options = VerifyOptions(
            level=level,
            identities=identities,
            jobs=settings.jobs,
            scratch=ScratchOptions(url=scratch_url, holds_rows=True),
            assertions=settings.assertions,
        )
        found = _verify_fetched(engine, store, repository, found.backup, options, tell)
    repository.note("verified", found.backup, found.problem, found)
    return found


def _verify_fetched(
    engine: Engine, store: Store, repository: Repository, backup: str, options: VerifyOptions, tell: Tell
) -> Verification:
    work = repository.root / _FETCHING
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear_dead(work)
    folder = Path(tempfile.mkdtemp(prefix=f"verify-{boot_id()}-{os.getpid()}-", dir=work))
    try:
        fetched = fetch_backup(store, repository.root.name, backup, folder, tell)
        for parent in fetched.manifest.parents:
            fetch_backup(store, repository.root.name, parent, folder, tell)
        found = verify_backup(engine, fetched, options, tell)
        return replace(found, place=store.display)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_dead(work: Path) -> None:
    """Remove what verifications left whose process was killed."""
    for folder in work.glob("verify-*-*-*"):
        _, boot, pid, _ = folder.name.split("-", 3)
        if boot != boot_id() or not (pid.isdigit() and is_running(int(pid))):
            shutil.rmtree(folder, ignore_errors=True)
