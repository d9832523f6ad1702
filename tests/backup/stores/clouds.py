"""A small stand-in for what Google Cloud Storage and Azure answer, with the conditions of each; not the services."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

_DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


class Cloud:
    """Objects by path (``/bucket/key``). ``seen`` are the conditions of each PUT."""

    def __init__(self) -> None:
        cloud = self

        class Handler(_Handler):
            owner = cloud

        self.objects: dict[str, tuple[bytes, int]] = {}
        self.parts: dict[str, bytes] = {}
        self.seen: list[tuple[str, str]] = []
        self.changes = 0
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def put(self, path: str, data: bytes) -> int:
        """Store an object; return its version."""
        self.changes += 1
        self.objects[path] = (data, self.changes)
        return self.changes

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: Cloud
    protocol_version = "HTTP/1.1"
    refusals: ClassVar = {"*": 409, "0": 412}

    def do_PUT(self) -> None:
        """Store an object, a part (block), or put blocks together."""
        body, path, query = self._read()
        if "partNumber" in query or query.get("comp") == "block":
            name = query.get("partNumber", query.get("blockid", ""))
            self.owner.parts[f"{path}#{name}"] = body
            return self._answer(200, tag=name)
        with self.owner.lock:
            there = self.owner.objects.get(path)
            wanted = self.headers.get("x-goog-if-generation-match") or self.headers.get("If-None-Match", "")
            same = self.headers.get("If-Match", "")
            self.owner.seen.append((path, wanted or same))
            if wanted in ("0", "*") and there is not None:
                return self._answer(self.refusals[wanted])
            if wanted not in ("", "0", "*") and (there is None or str(there[1]) != wanted):
                return self._answer(412)
            if same and (there is None or f'"{there[1]}"' != same):
                return self._answer(412)
            if query.get("comp") == "blocklist":
                names = re.findall(rb"<(?:Uncommitted|Latest)>([^<]*)<", body)
                body = b"".join(self.owner.parts[f"{path}#{name.decode()}"] for name in names)
            version = self.owner.put(path, body)
        return self._answer(201, tag=str(version))

    def do_POST(self) -> None:
        """Begin or end an upload in parts, or delete a batch."""
        body, path, query = self._read()
        if "uploads" in query:
            xml = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
            return self._answer(200, xml.encode())
        if query.get("comp") == "batch":
            return self._batch(body.decode())
        numbers = re.findall(rb"<PartNumber>(\d+)<", body)
        data = b"".join(self.owner.parts[f"{path}#{number.decode()}"] for number in numbers)
        version = self.owner.put(path, data)
        xml = f'<CompleteMultipartUploadResult><ETag>"{version}"</ETag></CompleteMultipartUploadResult>'
        return self._answer(200, xml.encode())

    def do_GET(self) -> None:
        """Give an object, or a list."""
        _, path, query = self._read()
        if "list-type" in query or query.get("comp") == "list":
            return self._list(path, query)
        there = self.owner.objects.get(path)
        if there is None:
            return self._answer(404)
        start = int((self.headers.get("Range") or "bytes=0-").split("=")[1].split("-")[0])
        more = (
            {"Content-Range": f"bytes {start}-{len(there[0]) - 1}/{len(there[0])}"} if "Range" in self.headers else {}
        )
        return self._answer(206 if more else 200, there[0][start:], tag=str(there[1]), more=more)

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        """Delete an object."""
        _, path, _ = self._read()
        self._answer(204 if self.owner.objects.pop(path, None) else 404)

    def _batch(self, body: str) -> None:
        boundary, answers = "answer", []
        for number, path in enumerate(re.findall(r"^DELETE (\S+) HTTP", body, re.MULTILINE)):
            gone = self.owner.objects.pop(unquote(urlsplit(path).path), None)
            status = "202 Accepted" if gone else "404 The specified blob does not exist."
            answers.append(
                f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: {number}\r\n\r\n"
                f"HTTP/1.1 {status}\r\nx-ms-request-id: 1\r\n\r\n"
            )
        data = ("".join(answers) + f"--{boundary}--\r\n").encode()
        self._answer(202, data, more={"Content-Type": f"multipart/mixed; boundary={boundary}"})

    def _list(self, path: str, query: dict[str, str]) -> None:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        keys = {key.removeprefix(path + "/"): value for key, value in self.owner.objects.items()}
        found = {key: value for key, value in sorted(keys.items()) if key.startswith(prefix)}
        folders = {
            prefix + key[len(prefix) :].split(delimiter)[0] + delimiter
            for key in found
            if delimiter and delimiter in key[len(prefix) :]
        }
        found = {key: value for key, value in found.items() if not any(key.startswith(name) for name in folders)}
        write = _azure_list if query.get("comp") == "list" else _google_list
        self._answer(200, write(found, sorted(folders)).encode())

    def _read(self) -> tuple[bytes, str, dict[str, str]]:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        return body, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))

    def _answer(self, status: int, data: bytes = b"", tag: str = "", more: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        headers = {"Content-Length": str(len(data)), "Last-Modified": _DATE, **(more or {})}
        if tag:
            headers |= {"ETag": f'"{tag}"', "x-goog-generation": tag if tag.isdigit() else "1"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _google_list(found: dict[str, tuple[bytes, int]], folders: list[str]) -> str:
    items = "".join(
        f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f'<ETag>"{version}"</ETag><Size>{len(data)}</Size></Contents>'
        for key, (data, version) in found.items()
    )
    names = "".join(f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in folders)
    return f"<ListBucketResult>{items}{names}</ListBucketResult>"


def _azure_list(found: dict[str, tuple[bytes, int]], folders: list[str]) -> str:
    items = "".join(
        f"<Blob><Name>{escape(key)}</Name><Properties><Last-Modified>{_DATE}</Last-Modified><Content-Length>{len(data)}"
        f"</Content-Length><Content-Type>x/y</Content-Type><Etag>{version}</Etag></Properties></Blob>"
        for key, (data, version) in found.items()
    )
    names = "".join(f"<BlobPrefix><Name>{escape(name)}</Name></BlobPrefix>" for name in folders)
    return f"<EnumerationResults><Blobs>{items}{names}</Blobs><NextMarker/></EnumerationResults>"
