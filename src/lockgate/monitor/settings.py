"""What ``[monitors]`` in lockgate.toml sets: monitors that runbooks may name; parsed here, read by the faces only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lockgate.errors import ConfigError
from lockgate.model.runbook import Monitor

Fail = Callable[[str, str, str], ConfigError]
"""``fail(key, what is wrong, what is allowed)`` makes the error that names the file and the line."""


def parse_monitors(table: Mapping[str, Any], fail: Fail, duration: Callable[[str, str], int]) -> dict[str, Monitor]:
    """Read the table ``[monitors]``: a monitor by each name, written as in a runbook.

    Raises:
        ConfigError: One is no monitor; it names the key and what is allowed.
    """
    found = {}
    for name, written in table.items():
        if not isinstance(written, dict):
            raise fail(name, "is no monitor", f'allowed is a table: [monitors.{name}] with source = "http", …')
        options = {key: _text(value) for key, value in dict(written.get("options", {})).items()}
        try:
            found[name] = msgspec.convert({**written, "options": options, "name": name}, Monitor, strict=False)
        except msgspec.ValidationError as error:
            words, _, place = str(error).partition(" - at `$.")
            inner = place.rstrip("`")
            raise fail(
                f"{name}.{inner}" if inner else name, f"is no part of a monitor: {words}", "see the monitors' reference"
            ) from None
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
