"""Read a migration's file exactly, and the hashes that tools keep of it."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from pathlib import Path

from lockgate.errors import InputError, SourceError

MOST_BYTES = 64 * 1024 * 1024
_NUMBER = re.compile(r"\d+")
_LINE_END = re.compile(r"\r\n|\r|\n")


def read_text(path: Path) -> str:
    """Return a file's text with its line ends as they are; a byte order mark is kept (some tools hash it).

    Raises:
        SourceError: It is not UTF-8, holds zero bytes, is larger than ``MOST_BYTES``, or cannot be read.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError("the migration is larger than 64 MB", file=str(path), cause="it is data, not schema")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError("the file cannot be read", file=str(path), cause=error.strerror or str(error)) from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SourceError("the file is not UTF-8 text", file=str(path), line=line, cause=error.reason) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise SourceError("the file is not SQL text", file=str(path), line=line, cause="it holds a zero byte")
    return text


def list_folder(folder: Path) -> tuple[Path, ...]:
    """Return what stands in a folder, by name.

    Raises:
        InputError: There is no such folder, or it cannot be read.
    """
    try:
        return tuple(sorted(folder.iterdir(), key=lambda path: path.name))
    except OSError as error:
        raise InputError(
            f"the migrations folder {str(folder)!r} cannot be read",
            where=str(folder),
            cause=error.strerror or str(error),
            state="nothing was touched",
            hint="give a folder of migrations, or TOOL:FOLDER",
        ) from None


def is_sql(path: Path) -> bool:
    """Tell whether it is an SQL file that a tool would look at; hidden files and editors' copies are none."""
    return path.name.lower().endswith(".sql") and not path.name.startswith(".") and path.is_file()


def number_of(name: str) -> str:
    """Return the digits a name begins with, as written."""
    match = _NUMBER.match(name)
    return match[0] if match else ""


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_any_newline(text: str) -> tuple[str, ...]:
    """Return the SHA-256 of the text as it is, with LF and with CRLF line ends."""
    unix = text.replace("\r\n", "\n")
    return tuple(dict.fromkeys(sha256_hex(t) for t in (text, unix, unix.replace("\n", "\r\n"))))


def crc32_of_lines(text: str) -> str:
    """Return the CRC-32 of the lines without their ends, as a signed 32-bit number in decimal.

    A byte order mark before the first line does not count; neither do kinds of line ends.
    """
    value = 0
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        value = zlib.crc32(line.encode(), value)
    return str(value - (1 << 32) if value >= 1 << 31 else value)


def sha384_hex(text: str) -> str:
    """Return the SHA-384 of the text's UTF-8 bytes in hex."""
    return hashlib.sha384(text.encode()).hexdigest()


def chained_sha256(named: list[tuple[str, str]]) -> list[str]:
    """Return, file by file, the base64 SHA-256 over all names and texts so far."""
    digest, found = hashlib.sha256(), []
    for name, text in named:
        digest.update(name.encode() + text.encode())
        found.append(base64.b64encode(digest.digest()).decode())
    return found
