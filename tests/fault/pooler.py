"""A tiny pooler for PostgreSQL: one client's transactions are spread over two connections of the server."""

from __future__ import annotations

import os
import socket
import struct
import threading
from typing import Any

import psycopg


class Pooler:
    """Listens on a free port of loopback; after every ``hold`` transactions the other connection is used."""

    def __init__(self, url: str, hold: int) -> None:
        self._url, self._hold = url, hold
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            self._talk(client)
        except (OSError, EOFError):
            client.close()

    def _talk(self, client: socket.socket) -> None:
        _read_startup(client)
        connections = [psycopg.connect(self._url, sslmode="disable", gssencmode="disable") for _ in range(2)]
        backends = []
        for connection in connections:
            backend = socket.socket(fileno=os.dup(connection.fileno()))
            backend.setblocking(True)
            backends.append(backend)
        _greet(client, connections[0])
        current, done = 0, 0
        while True:
            kind, message = _read_message(client)
            backends[current].sendall(message)
            if kind == b"X":
                client.close()
                return
            if kind not in (b"Q", b"S"):
                continue
            if _until_ready(backends[current], client) == b"I":
                done += 1
                if done % self._hold == 0:
                    current = 1 - current


def _greet(client: socket.socket, connection: psycopg.Connection[Any]) -> None:
    """Let the client in without a password, as the first connection's process."""
    _send(client, b"R", struct.pack("!I", 0))
    for name in ("server_version", "client_encoding", "standard_conforming_strings", "integer_datetimes"):
        value = connection.info.parameter_status(name) or ""
        _send(client, b"S", name.encode() + b"\0" + value.encode() + b"\0")
    _send(client, b"K", struct.pack("!II", connection.info.backend_pid, 0))
    _send(client, b"Z", b"I")


def _send(client: socket.socket, kind: bytes, body: bytes) -> None:
    client.sendall(kind + struct.pack("!I", len(body) + 4) + body)


def _read_startup(client: socket.socket) -> bytes:
    while True:
        length = _exactly(client, 4)
        rest = _exactly(client, struct.unpack("!I", length)[0] - 4)
        if struct.unpack("!I", rest[:4])[0] in (80877103, 80877104):  # SSL, GSS: not here
            client.sendall(b"N")
            continue
        return length + rest


def _until_ready(backend: socket.socket, client: socket.socket) -> bytes:
    """Pass messages on until the server is ready; return its transaction status."""
    while True:
        kind, message = _read_message(backend)
        client.sendall(message)
        if kind == b"Z":
            return message[5:6]


def _read_message(end: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(end, 5)
    return head[:1], head + _exactly(end, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(end: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = end.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data
