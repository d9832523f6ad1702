"""What ``[backup]`` in lockgate.toml sets; parsed here, read by the faces only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lockgate.errors import ConfigError

Fail = Callable[[str, str, str], ConfigError]
"""``fail(key, what is wrong, what is allowed)`` makes the error that names the file and the line."""
Duration = Callable[[str, str], int]
"""``duration(text, where)`` reads ``26h`` as seconds."""

KEEP_KEYS = ("last", "hourly", "daily", "weekly", "monthly", "yearly", "minimum")
COMPRESSIONS = ("zstd", "gzip", "none")
POLICIES = ("full", "tables", "off")


@dataclass(frozen=True)
class KeepSettings:
    """How many backups are kept: the newest, one for each of so many hours, days, …; ``minimum`` good ones always."""

    last: int = 7
    hourly: int = 0
    daily: int = 7
    weekly: int = 4
    monthly: int = 12
    yearly: int = 3
    minimum: int = 2
    within_s: int = 0


@dataclass(frozen=True)
class StatusSettings:
    """When ``backup status`` calls something unhealthy. Ages in seconds, ``size_*`` as parts of the usual size."""

    max_age_s: int = 26 * 3600
    max_verified_age_s: int = 8 * 86400
    size_drop: float = 0.3
    size_growth: float = 1.0
    rows_drop: float = 0.2
    is_schedule_wanted: bool = False
    is_store_wanted: bool = False


@dataclass(frozen=True)
class BackupSettings:
    """Everything about backups of one target.

    ``folder`` is the repository on this machine, ``stores`` further places by URL. ``recipients`` are age public keys;
    ``identity`` is the file with the key that verifying and restoring need. ``before_change`` is what `apply` takes
    before its first stage (empty: full for protected targets, else off), ``between_stages`` whether it takes one before
    each later stage too (``auto``: the log where the server keeps it, else the tables that the stage touches).
    ``verify`` is the level that `backup create` proves at once (empty: not at once), and `apply` (empty: all of it).
    ``hooks`` are commands by name (``stop``, ``start``, ``state``).
    """

    folder: str = ""
    stores: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    identity: str = ""
    compression: str = "zstd"
    level: int = 2
    jobs: int = 2
    lock_timeout_ms: int = 5000
    tool: str = ""
    before_change: str = ""
    between_stages: str = "off"
    verify: str = ""
    log: bool = False
    assertions: tuple[str, ...] = ()
    keep: KeepSettings = KeepSettings()
    status: StatusSettings = StatusSettings()
    schedule: str = ""
    hooks: Mapping[str, str] = field(default_factory=dict)


_KEYS = (
    "folder", "stores", "recipients", "identity", "compression", "level", "jobs", "lock_timeout", "tool",
    "before_change", "between_stages", "verify", "log", "assertions", "keep", "status", "schedule", "hooks",
)  # fmt: skip
_LEVELS = ("", "checksum", "readable", "restored", "rows", "schema")


def parse_backup_settings(table: Mapping[str, Any], fail: Fail, duration: Duration) -> BackupSettings:
    """Read the table ``[backup]`` (a target's own laid over the file's).

    Raises:
        ConfigError: A key is unknown or its value not allowed.
    """
    for key in table:
        if key not in _KEYS:
            raise fail(key, "is no key Lockgate knows", f"allowed here: {', '.join(sorted(_KEYS))}")
    return BackupSettings(
        folder=_text(table, "folder", fail),
        stores=_list(table, "stores", fail),
        recipients=_list(table, "recipients", fail),
        identity=_text(table, "identity", fail),
        tool=_text(table, "tool", fail),
        schedule=_text(table, "schedule", fail),
        assertions=_list(table, "assertions", fail),
        compression=_one_of(table, "compression", COMPRESSIONS, fail),
        level=_number(table, "level", 2, 1, 19, fail),
        jobs=_number(table, "jobs", 2, 1, 64, fail),
        lock_timeout_ms=1000 * duration(str(table.get("lock_timeout", "5s")), "backup.lock_timeout"),
        before_change=_one_of(table, "before_change", ("", *POLICIES), fail),
        between_stages=_one_of(table, "between_stages", ("off", "auto"), fail),
        verify=_one_of(table, "verify", _LEVELS, fail),
        log=_flag(table, "log", fail),
        keep=_keep(table.get("keep", {}), fail, duration),
        status=_status(table.get("status", {}), fail, duration),
        hooks=_hooks(table.get("hooks", {}), fail),
    )


def _keep(table: Mapping[str, Any], fail: Fail, duration: Duration) -> KeepSettings:
    for key in table:
        if key not in (*KEEP_KEYS, "within"):
            raise fail(f"keep.{key}", "is no key Lockgate knows", f"allowed here: {', '.join((*KEEP_KEYS, 'within'))}")
    usual = KeepSettings()
    numbers = {key: _number(table, key, getattr(usual, key), 0, 100_000, fail, "keep.") for key in KEEP_KEYS}
    within = duration(str(table["within"]), "backup.keep.within") if "within" in table else 0
    if numbers["minimum"] < 1:
        raise fail("keep.minimum", "is below 1", "at least one good backup is always kept")
    return KeepSettings(**numbers, within_s=within)


def _status(table: Mapping[str, Any], fail: Fail, duration: Duration) -> StatusSettings:
    allowed = ("max_age", "max_verified_age", "size_drop", "size_growth", "rows_drop", "schedule", "store")
    for key in table:
        if key not in allowed:
            raise fail(f"status.{key}", "is no key Lockgate knows", f"allowed here: {', '.join(allowed)}")
    usual = StatusSettings()
    return StatusSettings(
        max_age_s=duration(str(table.get("max_age", "26h")), "backup.status.max_age"),
        max_verified_age_s=duration(str(table.get("max_verified_age", "8d")), "backup.status.max_verified_age"),
        size_drop=_part(table, "size_drop", usual.size_drop, fail),
        size_growth=_part(table, "size_growth", usual.size_growth, fail),
        rows_drop=_part(table, "rows_drop", usual.rows_drop, fail),
        is_schedule_wanted=_flag(table, "schedule", fail, "status."),
        is_store_wanted=_flag(table, "store", fail, "status."),
    )


def _hooks(table: Mapping[str, Any], fail: Fail) -> dict[str, str]:
    for key, value in table.items():
        if key not in ("stop", "start", "state") or not isinstance(value, str):
            raise fail(f"hooks.{key}", "is no hook Lockgate knows", "allowed here: state, stop, start, each a command")
    return dict(table)


def _text(table: Mapping[str, Any], key: str, fail: Fail) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise fail(key, "has the wrong type", "allowed is a text in quotes")
    return value


def _list(table: Mapping[str, Any], key: str, fail: Fail) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise fail(key, "has the wrong type", "allowed is a list of texts")
    return tuple(value)


def _one_of(table: Mapping[str, Any], key: str, allowed: tuple[str, ...], fail: Fail) -> str:
    value = table.get(key, allowed[0])
    if value not in allowed:
        raise fail(key, f"is {value!r}", f"allowed are {', '.join(name for name in allowed if name)}")
    return str(value)


def _number(table: Mapping[str, Any], key: str, usual: int, least: int, most: int, fail: Fail, prefix: str = "") -> int:
    value = table.get(key, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise fail(prefix + key, f"is {value!r}", f"allowed is a whole number from {least} to {most}")
    return value


def _part(table: Mapping[str, Any], key: str, usual: float, fail: Fail) -> float:
    value = table.get(key, usual)
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise fail(f"status.{key}", f"is {value!r}", "allowed is a number from 0 on, such as 0.3 for 30 %")
    return float(value)


def _flag(table: Mapping[str, Any], key: str, fail: Fail, prefix: str = "") -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise fail(prefix + key, "has the wrong type", "allowed is true or false")
    return value
