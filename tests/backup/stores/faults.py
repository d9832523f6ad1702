"""A small HTTP proxy that does what networks and services do: 503, cuts, lost answers, flipped bytes, slowness."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ERROR = '<?xml version="1.0"?><Error><Code>{}</Code><Message>AKIACANARY said no</Message></Error>'
STATUS = {
    "busy": (503, _ERROR.format("SlowDown")),
    "broken": (500, _ERROR.format("InternalError")),
    "expired": (400, _ERROR.format("ExpiredToken")),
    "denied": (403, _ERROR.format("AccessDenied")),
    "hidden_error": (200, _ERROR.format("InternalError")),
}


@dataclass
class Fault:
    """One thing that goes wrong, ``times`` times, for requests of this method whose path holds ``part``.

    ``kind``: a key of `STATUS`, or ``reset`` (cut while the request is read), ``lost`` (carried out, no answer),
    ``truncate`` (half an answer), ``flip`` (one byte of the answer is another), ``slow``.
    """

    kind: str
    method: str
    part: str = ""
    times: int = 1


@dataclass
class FaultProxy:
    """Forwards to a service on loopback; ``faults`` are used up as they fit. ``seen`` is every request."""

    port: int
    faults: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    on_request: Callable[[str, str], None] = lambda method, path: None

    def __post_init__(self) -> None:
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def count(self, method: str, part: str = "") -> int:
        """How many requests of a method had a part in their path."""
        return sum(1 for seen, path, _ in self.seen if seen == method and part in path)

    def take(self, method: str, path: str) -> str:
        """Return the kind of the fault for a request, if one is left."""
        for fault in self.faults:
            if fault.times and fault.method == method and fault.part in path:
                fault.times -= 1
                return fault.kind
        return ""

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: FaultProxy
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        method, size = self.command, int(self.headers.get("Content-Length", 0))
        self.owner.on_request(method, self.path)
        kind = self.owner.take(method, self.path)
        if kind == "reset":
            self.rfile.read(size // 2)
            return self._cut()
        body = self.rfile.read(size)
        self.owner.seen.append((method, self.path, size))
        if kind in STATUS:
            status, text = STATUS[kind]
            return self._answer(status, {"Content-Type": "application/xml"}, text.encode())
        if kind == "slow":
            time.sleep(0.3)
        asking = http.client.HTTPConnection("127.0.0.1", self.owner.port, timeout=60)
        asking.request(method, self.path, body, dict(self.headers))
        answer = asking.getresponse()
        headers, data = dict(answer.getheaders()), answer.read()
        asking.close()
        if kind == "lost":
            return self._cut()
        if kind == "flip" and data:
            data = data[:-1] + bytes([data[-1] ^ 1])
        return self._answer(answer.status, headers, data, is_cut=kind == "truncate")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle

    def _answer(self, status: int, headers: dict[str, str], data: bytes, is_cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = headers.get("Content-Length", str(len(data))) if self.command == "HEAD" else str(len(data))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if is_cut else data)
        if is_cut:
            self._cut()

    def _cut(self) -> None:
        """End the connection as a network does: no goodbye."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
