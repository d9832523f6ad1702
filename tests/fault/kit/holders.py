"""Others who stand in the way: transactions that stay open, rows and tables that are held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fault.kit.clients import Client, Failure


@contextmanager
def open_transaction(url: str, table: str, seconds: float, *, row: int = 0) -> Iterator[threading.Event]:
    """Hold a transaction that has read a table (or changed one row of it) for some seconds, from now.

    Gives an event that is set when it has ended.
    """
    client = Client(url)
    over = threading.Event()
    client.execute("BEGIN")
    if row:
        client.execute(f"UPDATE {table} SET id = id WHERE id = ?", (row,))
    else:
        client.query(f"SELECT id FROM {table} WHERE id = 1")
    leave = threading.Event()

    def hold() -> None:
        leave.wait(seconds)
        try:
            client.execute("COMMIT")
        except Failure:
            pass
        client.close()
        over.set()

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield over
    finally:
        leave.set()
        thread.join()
