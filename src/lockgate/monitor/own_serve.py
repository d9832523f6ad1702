"""Serve a run's metrics to whoever scrapes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

from lockgate.errors import LockgateError


def serve_metrics(host: str, port: int, text: Callable[[], str], tell: Callable[[str], None]) -> None:
    """Answer ``GET /metrics`` with the text of that moment until Ctrl-C.

    Raises:
        OSError: The address cannot be listened on.
    """

    class Handler(BaseHTTPRequestHandler):
        """Answers one path."""

        def do_GET(self) -> None:
            status, body = 200, ""
            if self.path.split("?")[0] != "/metrics":
                status, body = 404, "only /metrics is here\n"
            else:
                try:
                    body = text()
                except LockgateError as error:
                    status, body = 503, f"{error}\n"
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing of single requests."""

    with HTTPServer((host, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
        thread.start()
        try:
            tell(f"http://{host}:{server.server_address[1]}/metrics")
            while True:
                thread.join(3600)
        except KeyboardInterrupt:
            server.shutdown()
