"""The rows of debts: what ways back could not restore exactly."""

from __future__ import annotations

from lockgate.model import codec
from lockgate.model.run import Debt, DebtState
from lockgate.store.tables import Store

_COLUMNS = "id, run_id, step_number, step_id, check_number, message, body, rows_found, owed_since, state"


def write_debt(store: Store, debt: Debt) -> None:
    """Write a debt; writing it again replaces it."""
    store.write("DELETE FROM {p}debt WHERE id = %s", (debt.id,))
    store.write(
        f"INSERT INTO {{p}}debt ({_COLUMNS}) VALUES ({', '.join(['%s'] * 10)})",
        (
            debt.id,
            debt.run,
            debt.step,
            debt.step_id,
            debt.check,
            debt.message,
            codec.encode(debt).decode(),
            debt.rows_found,
            debt.owed_since,
            debt.state.value,
        ),
    )


def list_owed(store: Store, *, run_id: str = "") -> tuple[Debt, ...]:
    """Return the debts that are owed, of one run or of all, in the order they came."""
    where = " AND run_id = %s" if run_id else ""
    rows = store.read(
        f"SELECT body FROM {{p}}debt WHERE state = 'owed'{where} ORDER BY owed_since, id", (run_id,) if run_id else ()
    )
    return tuple(codec.decode(row[0], Debt, "a debt's row") for row in rows)


def mark_debt(store: Store, debt_id: str, state: DebtState) -> None:
    """Set the state of one debt."""
    store.write("UPDATE {p}debt SET state = %s WHERE id = %s", (state.value, debt_id))


def count_owed(store: Store) -> int:
    """Return how many debts are owed."""
    rows = store.read("SELECT COUNT(*) FROM {p}debt WHERE state = 'owed'")
    return int(rows[0][0] or 0) if rows else 0
