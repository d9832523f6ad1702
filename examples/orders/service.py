"""A small HTTP service over a database: orders are read and placed, and every request leaves a line in a log.

``python -m examples.orders.service --url sqlite:///orders.db --port 8089 --log access.log``; with port 0 it takes one
that is free. The first line it prints is the port.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

READ = "SELECT id, customer_id, state, note, total_cents FROM orders WHERE id = {p}"
PLACE = "INSERT INTO orders (customer_id, state, note, total_cents) VALUES ({p}, 'new', {p}, {p})"
HEALTH = "SELECT count(*) FROM customers"


class Database:
    """Short connections to SQLite, PostgreSQL, MySQL or MariaDB, by URL."""

    def __init__(self, url: str) -> None:
        self.url, self.parts = url, urlsplit(url)
        self.mark = "?" if self.parts.scheme == "sqlite" else "%s"

    def run(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one statement in a transaction of its own and return its rows."""
        with self._cursor() as cursor:
            cursor.execute(sql.format(p=self.mark), values)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        connection = self._connect()
        try:
            cursor = connection.cursor()
            yield cursor
            connection.commit()
        finally:
            connection.close()

    def _connect(self) -> Any:
        if self.parts.scheme == "sqlite":
            return sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=5)
        if self.parts.scheme.startswith("postgres"):
            import psycopg

            return psycopg.connect(self.url, connect_timeout=5)
        import pymysql

        return pymysql.connect(
            host=self.parts.hostname or "127.0.0.1",
            port=self.parts.port or 3306,
            user=unquote(self.parts.username or ""),
            password=unquote(self.parts.password or ""),
            database=self.parts.path.lstrip("/"),
            connect_timeout=5,
        )


class Log:
    """One line a request: when, status, what, how long; an error adds a line with ERROR."""

    def __init__(self, path: Path) -> None:
        self._file, self._lock = open(path, "a", encoding="utf-8"), threading.Lock()  # noqa: SIM115 - as long as we

    def write(self, text: str) -> None:
        """Append a line with the time before it."""
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock:
            self._file.write(f"{stamp} {text}\n")
            self._file.flush()


def make_handler(database: Database, log: Log) -> type[BaseHTTPRequestHandler]:
    """Return the handler of requests."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _answer(self) -> None:
            started = time.monotonic()
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            try:
                status, document = answer(database, self.command, self.path, body)
            except Exception as error:  # noqa: BLE001 - the top of a request
                status, document = 500, {"error": type(error).__name__}
                log.write(f"ERROR {self.command} {self.path}: {str(error).splitlines()[0]}")
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            log.write(f"status={status} {self.command} {self.path} {(time.monotonic() - started) * 1000:.1f}ms")

    return Handler


def answer(database: Database, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Answer one request."""
    if path == "/health":
        return 200, {"status": "ok", "customers": database.run(HEALTH)[0][0]}
    if method == "POST" and path == "/orders":
        order = json.loads(body)
        database.run(PLACE, (order["customer"], order.get("note", ""), order["total_cents"]))
        return 201, {"status": "placed"}
    if path.startswith("/orders/"):
        rows = database.run(READ, (int(path.rsplit("/", 1)[1]),))
        names = ("id", "customer", "state", "note", "total_cents")
        return (200, dict(zip(names, rows[0], strict=True))) if rows else (404, {"error": "no such order"})
    return 404, {"error": "no such page"}


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--log", type=Path, default=Path("access.log"))
    options = parser.parse_args()
    handler = make_handler(Database(options.url), Log(options.log))
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
