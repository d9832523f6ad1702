"""One HTTP request with every limit it needs: time, size, redirects; what came back is a value, never an exception."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from lockgate.outside.redact import redact

_MOST_BYTES = 1 << 20
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class HttpAnswer:
    """What an address said. ``status`` 0: nothing, and ``error`` says why; ``body`` is cut to a megabyte.

    ``url`` is where the answer came from: another address than the one asked when redirects were followed.
    """

    url: str
    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    duration_s: float = 0.0
    error: str = ""


def send_request(
    url: str,
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 5.0,
    is_following: bool = False,
) -> HttpAnswer:
    """Send a request; the time limit holds for the whole of it, redirects included. Never raises for an answer."""
    started = time.monotonic()
    current = url
    for _ in range(_MOST_REDIRECTS + 1):
        left = timeout_s - (time.monotonic() - started)
        answer = _send_once(current, method, body, headers or {}, max(left, 0.001), started)
        location = answer.headers.get("location", "")
        if not is_following or answer.status not in _REDIRECTS or not location:
            return answer
        current = urljoin(current, location)
        if answer.status == 303:
            method, body = "GET", b""
    return HttpAnswer(current, 0, error="too many redirects", duration_s=time.monotonic() - started)


def _send_once(
    url: str, method: str, body: bytes, headers: Mapping[str, str], timeout_s: float, started: float
) -> HttpAnswer:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return HttpAnswer(redact(url), 0, error=str(error))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return HttpAnswer(redact(url), 0, error="no http or https address")
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection(parts.hostname, port, timeout=timeout_s, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.hostname, port, timeout=timeout_s)
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    until = time.monotonic() + timeout_s
    try:
        connection.connect()
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        connection.close()
        reason = _reason(error)
        reason = "timed out while connecting" if reason == "timed out" else reason
        return HttpAnswer(redact(url), 0, error=reason, duration_s=time.monotonic() - started)
    try:
        connection.request(method, path, body=body or None, headers={"User-Agent": "lockgate", **headers})
        response = connection.getresponse()
        text = _read(response, connection, until)
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        return HttpAnswer(redact(url), 0, error=_reason(error), duration_s=time.monotonic() - started)
    finally:
        connection.close()
    found = {name.lower(): value for name, value in response.getheaders()}
    return HttpAnswer(redact(url), response.status, redact(text), found, duration_s=time.monotonic() - started)


def _read(response: http.client.HTTPResponse, connection: http.client.HTTPConnection, until: float) -> str:
    """Read the body in pieces, so that a slow drip ends at the limit too."""
    data = bytearray()
    while len(data) < _MOST_BYTES:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out while the body was read")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = response.read1(65536)
        if not piece:
            break
        data += piece
    return bytes(data).decode(errors="replace")


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "the name cannot be resolved"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return redact(str(error)) or type(error).__name__
