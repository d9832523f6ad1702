"""Delete a backup from a store: the manifest first, so that half of one is never taken for a whole."""

from __future__ import annotations

from lockgate.backup.manifest import NAME
from lockgate.backup.stores.base import Store
from lockgate.backup.stores.claim import DELETING, Claim, claim
from lockgate.backup.stores.upload import backup_prefix
from lockgate.errors import InputError


def delete_backup(store: Store, target: str, backup: str) -> int:
    """Delete a backup, whole or in part; return how many objects went. Repeat it when it was cut off.

    Raises:
        InputError: There is nothing of it.
        LeaseHeld: Somebody is uploading it.
        StoreFailed: The store refuses (its object lock or rights), or cannot be reached.
    """
    if not backup or "/" in backup or backup in (".", ".."):
        raise InputError(f"{backup!r} is no backup's id", state="nothing was touched")
    with claim(store, target, backup, DELETING) as held:
        return _delete(store, target, backup, held)


def _delete(store: Store, target: str, backup: str, held: Claim) -> int:
    prefix = backup_prefix(target, backup)
    found = store.again(lambda: [item.key for item in store.objects.list_objects(prefix)])
    if not found:
        raise InputError(
            f"there is no backup {backup} of {target}",
            where=store.display,
            state="nothing was touched",
            hint="lockgate backup list --store URL",
        )
    manifest = f"{prefix}/{NAME}"
    for key in sorted(found, key=lambda key: key != manifest):
        held.check()
        store.delete(key)
    if left := store.again(lambda: [item.key for item in store.objects.list_objects(prefix)]):
        raise store.failed(f"{len(left)} objects of {backup} are still there", left[0], "repeat the command")
    return len(found)
