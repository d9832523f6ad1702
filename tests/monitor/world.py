"""A small real HTTP server (a service and the Prometheus API), a clock that stands still, and scripted sources."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lockgate.monitor.base import Reading
from lockgate.monitor.source import SourceContext


class Clock:
    """Time that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def context(self, folder: Path, environment: Mapping[str, str] | None = None) -> SourceContext:
        return SourceContext(folder, environment or {"PATH": "/usr/bin:/bin"}, self.now, self.clock)


class Scripted:
    """A source that gives what it is told to, then goes on with the last."""

    def __init__(self, clock: Clock, *rows: dict[str, Any], evidence: tuple[str, ...] = ()) -> None:
        self.clock, self.rows, self.lines = clock, list(rows), evidence
        self.is_closed = False

    def begin(self) -> Reading:
        return self.read()

    def read(self) -> Reading:
        row = self.rows.pop(0) if len(self.rows) > 1 else self.rows[0]
        return Reading(**{"at": self.clock.now().isoformat(), **row})

    def evidence(self) -> tuple[str, ...]:
        return self.lines

    def close(self) -> None:
        self.is_closed = True


class Service:
    """What the server answers: ``pages`` by path as (status, body) or a function; ``metrics`` by query."""

    def __init__(self) -> None:
        self.url = ""
        self.pages: dict[str, tuple[int, str] | Callable[[], tuple[int, str]]] = {}
        self.metrics: dict[str, str | list[str]] = {}
        self.names: list[str] = []
        self.tokens: list[str] = []
        self.posted: list[str] = []

    def answer(self, path: str) -> tuple[int, str]:
        parts = urlsplit(path)
        if parts.path == "/api/v1/label/__name__/values":
            return 200, json.dumps({"status": "success", "data": self.names})
        if parts.path == "/api/v1/query":
            return self._query(parse_qs(parts.query)["query"][0])
        page = self.pages.get(parts.path, (404, "no such page"))
        return page() if callable(page) else page

    def _query(self, query: str) -> tuple[int, str]:
        if query.startswith("!"):
            return 400, json.dumps({"status": "error", "errorType": "bad_data", "error": "parse error"})
        values = self.metrics.get(query, [])
        series = [{"metric": {}, "value": [0, value]} for value in ([values] if isinstance(values, str) else values)]
        return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": series}})


@contextmanager
def serve() -> Iterator[Service]:
    """Serve a service on a free port of loopback until the block ends."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.tokens.append(self.headers.get("Authorization", ""))
            status, body = service.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            try:
                self.wfile.write(body.encode())
            except OSError:
                pass

        def do_POST(self) -> None:
            service.posted.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
