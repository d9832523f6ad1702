"""Keep secrets out of everything that is printed or written, by value; imports nothing heavy."""

from __future__ import annotations

import re
import sys
from typing import Any, TextIO
from urllib.parse import quote, quote_plus, unquote, urlsplit

MASK = "****"
_SHORTEST = 3
_SHORTEST_BASE64 = 8
_secrets: set[str] = set()


def add_secret(value: str) -> None:
    """Mask this value, and its URL-encoded and base64 forms, in all output from now on.

    Very short values cannot be masked.
    """
    if len(value) >= _SHORTEST:
        _secrets.update({value, quote(value, safe=""), quote_plus(value), *_base64_forms(value)})


def _base64_forms(value: str) -> set[str]:
    """Return what of a value is the same wherever it stands in something encoded by base64; too short is left out."""
    from base64 import b64encode, urlsafe_b64encode

    forms = set()
    for before in range(3):
        data = b"\0" * before + value.encode()
        first, last = -(-before * 8 // 6), len(data) * 8 // 6
        forms |= {encode(data).decode()[first:last] for encode in (b64encode, urlsafe_b64encode)}
    return {form for form in forms if len(form) >= _SHORTEST_BASE64}


def add_secrets_of_url(url: str) -> None:
    """Mask the password of a database URL, if it has one."""
    try:
        raw = urlsplit(url).password or ""
    except ValueError:
        return
    add_secret(raw)
    add_secret(unquote(raw))


def redact(text: str) -> str:
    """Return the text with every known secret, and the password part of every URL, masked."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _URL_PASSWORD.sub(rf"\1{MASK}@", text)


_URL_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+]*://[^\s/:@'\"]*:)(?!\*\*\*\*@)[^\s/@'\"]+@", re.IGNORECASE)


class RedactingStream:
    """A text stream that masks secrets in what is written to it; everything else goes to the stream inside."""

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner

    def write(self, text: str) -> int:
        """Write the text with secrets masked."""
        self._inner.write(redact(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def install_redaction() -> None:
    """Mask secrets on stdout and stderr of this process. Idempotent."""
    if not isinstance(sys.stdout, RedactingStream):
        sys.stdout = RedactingStream(sys.stdout)
    if not isinstance(sys.stderr, RedactingStream):
        sys.stderr = RedactingStream(sys.stderr)
