"""The fencing token: a number raised each time the lease is taken, which every write of the journal must still find.

The lease ends with its session. A runner that does not know yet that its session has ended (it was frozen, or a pooler
gave it another one) finds a higher token and writes nothing any more.
"""

from __future__ import annotations

from lockgate.errors import LeaseHeld
from lockgate.store import lease
from lockgate.store.meta import read_meta, write_meta
from lockgate.store.tables import Store

_NAME = "fencing_token"


def raise_token(store: Store) -> int:
    """Take the next token, in a transaction of its own, and return it."""
    store.session.begin(is_chunk=True)
    try:
        token = int(read_meta(store, _NAME, is_locked=True) or 0) + 1
        write_meta(store, _NAME, str(token))
        store.session.commit()
    except BaseException:
        store.session.rollback()
        raise
    return token


def read_token(store: Store) -> int:
    """Return the newest token, 0 when none was ever taken."""
    return int(read_meta(store, _NAME) or 0)


def keep_above(store: Store, token: int) -> None:
    """Raise the newest token to one of another database that this one takes the place of; never lower it."""
    if token > read_token(store):
        write_meta(store, _NAME, str(token))


def check_token(store: Store, token: int, lease_name: str) -> None:
    """Refuse, within the open transaction, when somebody has taken the lease since.

    Raises:
        LeaseHeld: The token is not the newest; names who took the lease.
    """
    found = read_meta(store, _NAME, is_locked=True)
    if found != str(token):
        error = LeaseHeld(
            "this runner has lost the lease to another one, and writes nothing any more",
            holder=lease.read_holder(store, lease_name)
            or f"a runner with token {found or 'unknown'} (ours is {token})",
            hint="lockgate status",
        )
        error.state = "what was done after the lease was lost was rolled back; the other runner decides about the rest"
        raise error
