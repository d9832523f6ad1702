"""Work sessions in the target: one row each, and one without an id that is locked while claims are compared."""

from __future__ import annotations

from lockgate.errors import FailedError, LockgateError, StatementFailed
from lockgate.store.tables import Store, is_missing_table, session_statements

_GUARD = ""


def read_sessions(store: Store, *, is_locked: bool = False) -> list[tuple[str, str]]:
    """Return id and JSON of every session; empty when the table is not there."""
    end = store.dialect.for_update if is_locked else ""
    rows = store.read("SELECT id, body FROM {p}session WHERE id <> %s ORDER BY id" + end, (_GUARD,))
    return [(str(name), str(body)) for name, body in rows]


def ensure_session_table(store: Store) -> None:
    """Make the table and its guard, once; several may do it at the same moment.

    Raises:
        FailedError: They cannot be written.
    """
    if _has_guard(store):
        return
    problem: LockgateError | None = None
    for _ in range(3):
        try:
            for statement in session_statements(store.dialect):
                store.session.execute(statement)
            store.write(
                "INSERT INTO {p}session (id, state, changed_at, body) VALUES (%s, %s, %s, %s)",
                (_GUARD, "registry", "", "{}"),
            )
        except StatementFailed as error:
            # Another one made the table, the schema around it, or the guard, a moment before us.
            problem = error
        if _has_guard(store):
            return
    raise FailedError(
        "the registry of sessions cannot be made in the target",
        where=store.session.target.display,
        cause=str(problem),
        state="nothing was claimed",
        hint="use a login that may create tables, or set registry in [session]",
    )


def lock_registry(store: Store, at: str) -> None:
    """Hold the guard's row to the end of the open transaction: no other change can come in between."""
    store.write("UPDATE {p}session SET changed_at = %s WHERE id = %s", (at, _GUARD))


def write_session(store: Store, name: str, state: str, at: str, body: str) -> None:
    """Write a session, new or changed."""
    store.write("DELETE FROM {p}session WHERE id = %s", (name,))
    store.write("INSERT INTO {p}session (id, state, changed_at, body) VALUES (%s, %s, %s, %s)", (name, state, at, body))


def carry_sessions(old: Store, new: Store) -> None:
    """Let a restored database have the sessions of the one whose place it takes: they are of now, not of its rows."""
    sessions = old.read("SELECT id, state, changed_at, body FROM {p}session WHERE id <> %s", (_GUARD,))
    if not sessions:
        return
    ensure_session_table(new)
    new.write("DELETE FROM {p}session WHERE id <> %s", (_GUARD,))
    for name, state, at, body in sessions:
        write_session(new, str(name), str(state), str(at), str(body))


def _has_guard(store: Store) -> bool:
    try:
        return bool(store.read("SELECT id FROM {p}session WHERE id = %s", (_GUARD,)))
    except StatementFailed as error:
        if is_missing_table(error):
            return False
        raise
