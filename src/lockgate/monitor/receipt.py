"""The proof that an alert reaches people: a receipt for a made-up breach that went all the way; kept with the state."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from lockgate.errors import ConfigError
from lockgate.model.codec import encode_pretty, read_json
from lockgate.model.schema import Value
from lockgate.outside.redact import redact

_FOLDER = "monitoring"
MOST_AGE = timedelta(hours=24)


class Receipt(Value, frozen=True, omit_defaults=False):
    """A synthetic alert: of which monitor, to which channel, by whom, and whether it was taken (``error``: why not)."""

    at: str
    monitor: str
    channel: str
    sentence: str
    by: str
    is_delivered: bool
    key: str = ""
    error: str = ""


def write_receipt(state_dir: Path, receipt: Receipt) -> Path:
    """Keep a receipt, whole or not at all; return its file.

    Raises:
        ConfigError: It cannot be written.
    """
    name = f"{receipt.at.replace(':', '').replace('+0000', 'Z')}-{receipt.key.rpartition('/')[2] or 'alert'}.json"
    path = state_dir / _FOLDER / name
    part = path.with_name(name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(redact(encode_pretty(receipt).decode()), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise ConfigError(
            "the receipt of the alert cannot be kept",
            where=str(path),
            cause=error.strerror or str(error),
            state="the alert was sent",
            hint="choose another place with LOCKGATE_STATE_DIR",
        ) from None
    return path


def read_receipts(state_dir: Path) -> tuple[Receipt, ...]:
    """Return all receipts, the oldest first; a file that is none is left out."""
    found = []
    for path in sorted((state_dir / _FOLDER).glob("*.json")):
        try:
            found.append(read_json(path.read_bytes(), Receipt))
        except (OSError, msgspec.MsgspecError):
            continue
    return tuple(sorted(found, key=lambda receipt: receipt.at))


def monitoring_evidence(state_dir: Path, now: datetime, most_age: timedelta = MOST_AGE) -> tuple[bool, str]:
    """Tell whether the newest alert of a test was delivered, not longer ago than a day; and what is known, in words."""
    receipts = read_receipts(state_dir)
    if not receipts:
        return False, "no alert was ever tested: lockgate monitor test --alert"
    newest = receipts[-1]
    age = now - datetime.fromisoformat(newest.at)
    told = f"the alert of {newest.monitor} to {newest.channel}, sent {newest.at}"
    if not newest.is_delivered:
        return False, f"{told}, was not delivered: {newest.error}"
    if age > most_age:
        return False, f"{told}, is {age.total_seconds() / 3600:.0f} h old: lockgate monitor test --alert"
    return True, f"{told}, was delivered"
