"""A TCP proxy on loopback that behaves badly on demand: late, deaf, gone, or cut in the middle of a packet."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

_CHUNK = 65536
_LINGER_NONE = struct.pack("ii", 1, 0)


class Proxy:
    """Passes bytes to a server. ``delay_s`` holds every packet; `cut` resets all; `refuse` takes no new connection.

    ``cut_after`` bytes from the server (counted from when it is set) the connection is reset in the middle of a packet;
    ``is_deaf`` swallows what comes from the server, as a lost network does.
    """

    def __init__(self, host: str, port: int) -> None:
        self.delay_s = 0.0
        self.cut_after: int | None = None
        self.is_deaf = False
        self.is_refusing = False
        self.cuts = 0
        self._server = (host, port)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, url: str) -> str:
        """Return the URL of a database with the proxy in its way."""
        parts = urlsplit(url)
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{self.port}"))

    def cut(self) -> None:
        """Reset every connection now, both sides."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            self.cuts += 1
            for side in pair:
                _reset(side)

    def close(self) -> None:
        """End the proxy and its connections."""
        self.is_refusing = True
        _reset(self._listener)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.is_refusing:
                    raise ConnectionRefusedError
                server = socket.create_connection(self._server, timeout=10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._pairs.append((client, server))
            for source, sink, is_answer in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pump, args=(source, sink, is_answer), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if self.delay_s:
                    time.sleep(self.delay_s)
                if is_answer and self.is_deaf:
                    continue
                if is_answer and self.cut_after is not None:
                    if len(data) > self.cut_after:
                        sink.sendall(data[: self.cut_after])
                        self.cut_after = None
                        self.cut()
                        return
                    self.cut_after -= len(data)
                sink.sendall(data)
        for side in (source, sink):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


def _reset(side: socket.socket) -> None:
    """Close a socket with a reset instead of a farewell; wake whoever reads from it."""
    with suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        side.close()
