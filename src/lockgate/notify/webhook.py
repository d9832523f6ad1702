"""Our own webhooks: JSON, signed, with a time and a key by which a receiver tells a message that comes again.

See docs/reference/webhooks.md for what a receiver does.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from lockgate.notify.message import Message
from lockgate.outside.http import send_request

FORMAT_VERSION = 1
SIGNATURE, TIMESTAMP, KEY = "Lockgate-Signature", "Lockgate-Timestamp", "Idempotency-Key"
TOLERANCE_S = 300
_ONCE_MORE = (408, 425, 429)


def build_body(message: Message, channel: str) -> bytes:
    """Return the JSON of a message: the same bytes however often it is sent."""
    document: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "key": message.key,
        "channel": channel,
        "severity": message.severity.value,
        "title": message.title,
        "text": message.text,
        "facts": dict(message.facts),
    }
    return msgspec.json.encode(document, order="sorted")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return ``v1=`` and HMAC-SHA256 over the time, a dot and the body, hexadecimal."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"v1={digest}"


def is_genuine(
    secret: str, headers: Mapping[str, str], body: bytes, now: datetime, *, tolerance_s: int = TOLERANCE_S
) -> bool:
    """Tell a receiver whether a request is ours and fresh; one that was kept and sent again is neither.

    Args:
        headers: Names in any case.
    """
    found = {name.lower(): value for name, value in headers.items()}
    timestamp = found.get(TIMESTAMP.lower(), "")
    if not timestamp.isdigit() or abs(now.timestamp() - int(timestamp)) > tolerance_s:
        return False
    return hmac.compare_digest(sign(secret, timestamp, body), found.get(SIGNATURE.lower(), ""))


def idempotency_key(message: Message, channel: str) -> str:
    """Return what names this message on this channel in every attempt, after a crash too."""
    return hashlib.sha256(f"{channel}\n{message.key}".encode()).hexdigest()[:32]


def post_webhook(
    url: str, secret: str, message: Message, channel: str, *, now: datetime, timeout_s: float
) -> tuple[bool, str, bool]:
    """Send a message once; return whether it was taken, what was said instead, and whether to try again."""
    body = build_body(message, channel)
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        TIMESTAMP: timestamp,
        SIGNATURE: sign(secret, timestamp, body),
        KEY: idempotency_key(message, channel),
    }
    answer = send_request(url, method="POST", body=body, headers=headers, timeout_s=timeout_s)
    # 409: the receiver has it already.
    if 200 <= answer.status < 300 or answer.status == 409:
        return True, "", False
    is_worth_it = answer.status in (0, *_ONCE_MORE) or answer.status >= 500
    return False, answer.error or f"it answered {answer.status}", is_worth_it
