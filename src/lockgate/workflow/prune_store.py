"""Delete from a store what no rule keeps: the same rules as on this machine, over what is in the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from lockgate.backup.prune import Pruned, find_unsuccess
from lockgate.backup.repository import Repository, is_id, time_of
from lockgate.backup.retention import Candidate, decide_kept, find_objection
from lockgate.backup.settings import KeepSettings
from lockgate.backup.stores.base import Store
from lockgate.backup.stores.read import InStore, list_backups
from lockgate.backup.stores.remove import delete_backup
from lockgate.model.backup import Manifest, Verification
from lockgate.workflow.options import utc_now


def prune_store(
    repository: Repository,
    store: Store,
    keep: KeepSettings,
    find_needed: Callable[[Sequence[Manifest]], Mapping[str, str]],
    *,
    is_dry_run: bool = False,
    is_most_allowed: bool = False,
    now: datetime | None = None,
) -> Pruned:
    """Delete from a store what no rule keeps, the newest first, so that nothing is left without what it needs.

    There is no second phase in a store: what goes is gone. What is there in part, or whose manifest cannot be read, is
    left alone. ``find_needed`` says what of it is needed.

    Raises:
        StoreFailed: It cannot be read, or refuses; what was deleted before stays deleted.
        LeaseHeld: Somebody else works on the repository.
    """
    moment = now or utc_now()
    found = list_backups(store, repository.root.name)
    candidates = _candidates(repository, store, found)
    needed = find_needed([item.manifest for item in found if item.manifest is not None])
    decided = decide_kept(candidates, keep, pinned=repository.pinned(), needed=needed)
    objection = (
        find_unsuccess(repository.notes(), candidates)
        or _find_uploading(found)
        or find_objection(candidates, decided, moment, is_most_allowed=is_most_allowed)
    )
    going = () if objection else tuple(item.id for item in decided if not item.rules)
    if going and not is_dry_run:
        with repository.lock("prune a store"):
            for backup_id in going:
                delete_backup(store, repository.root.name, backup_id)
                repository.note("unstored", backup_id, store.display)
    sizes = {item.id: item.manifest.bytes for item in found if item.manifest is not None}
    known = {item.id for item in candidates}
    return Pruned(
        kept=tuple(item for item in decided if item.rules or objection),
        deleted=going,
        freed_bytes=sum(sizes[backup_id] for backup_id in going),
        untouched=tuple(item.id for item in found if item.id not in known),
        objection=objection,
    )


def _candidates(repository: Repository, store: Store, found: tuple[InStore, ...]) -> tuple[Candidate, ...]:
    """Return what is whole in a store as retention sees it; a copy that failed a verification counts for nothing."""
    at_home, proven = repository.verifications(), repository.verifications(store.display)
    whole = [item.manifest for item in found if item.manifest is not None and is_id(item.id)]
    bad = {manifest.id for manifest in whole if _is_refuted(proven.get(manifest.id, ()))}
    good = {manifest.id for manifest in whole} - bad
    return tuple(
        Candidate(
            id=manifest.id,
            sequence=manifest.sequence,
            kind=manifest.kind,
            at=time_of(manifest.id),
            parents=manifest.parents,
            is_good=manifest.id in good and all(parent in good for parent in manifest.parents),
            is_verified=any(item.is_verified for item in (*at_home.get(manifest.id, ()), *proven.get(manifest.id, ()))),
        )
        for manifest in whole
    )


def _is_refuted(verifications: tuple[Verification, ...]) -> bool:
    newest = next((item for item in reversed(verifications) if item.is_conclusive), None)
    return newest is not None and not newest.is_passed


def _find_uploading(found: tuple[InStore, ...]) -> str:
    item = next((item for item in found if item.is_uploading), None)
    return (
        f"{item.id} is being uploaded by {item.marker.holder}" if item is not None and item.marker is not None else ""
    )
