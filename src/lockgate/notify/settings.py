"""What ``[notify]`` in lockgate.toml sets; parsed here, read by the faces only; references stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lockgate.errors import ConfigError

Fail = Callable[[str, str, str], ConfigError]
"""``fail(key, what is wrong, what is allowed)`` makes the error that names the file and the line."""
Duration = Callable[[str, str], int]
"""``duration(text, where)`` reads ``5s`` as seconds."""

DEFAULT_LEAD = ("24h", "15m")
TEMPLATE_NAMES = ("before", "during", "after", "breach", "takeover", "test")


@dataclass(frozen=True)
class WebhookSettings:
    """An address that gets signed JSON; both may be references (``${env:NAME}``)."""

    url: str
    secret: str


@dataclass(frozen=True)
class NotifySettings:
    """Channels by name.

    ``channels`` are lists of addresses as apprise writes them, ``webhooks`` our own signed ones; one name may have
    both. ``timeout_s`` is for one attempt, ``retries`` how many follow the first. ``lead`` is when messages are due
    that are told before a start. ``templates`` replace our own words by name.
    """

    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    webhooks: Mapping[str, WebhookSettings] = field(default_factory=dict)
    timeout_s: float = 5.0
    retries: int = 2
    lead: tuple[str, ...] = DEFAULT_LEAD
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All channels, in order."""
        return tuple(sorted({*self.channels, *self.webhooks}))


def parse_notify_settings(table: Mapping[str, Any], fail: Fail, duration: Duration) -> NotifySettings:
    """Read the table ``[notify]``.

    Raises:
        ConfigError: A key is unknown or its value not allowed.
    """
    allowed = ("channels", "webhooks", "timeout", "retries", "lead", "templates")
    for key in table:
        if key not in allowed:
            raise fail(key, "is no key Lockgate knows", f"allowed here: {', '.join(sorted(allowed))}")
    retries = table.get("retries", 2)
    if not isinstance(retries, int) or isinstance(retries, bool) or not 0 <= retries <= 10:
        raise fail("retries", f"is {retries!r}", "allowed is a whole number from 0 to 10")
    lead = _list(table.get("lead", list(DEFAULT_LEAD)), "lead", fail)
    for item in lead:
        duration(item, "notify.lead")
    return NotifySettings(
        channels={
            name: _list([value] if isinstance(value, str) else value, f"channels.{name}", fail)
            for name, value in _table(table, "channels", fail).items()
        },
        webhooks={name: _webhook(name, value, fail) for name, value in _table(table, "webhooks", fail).items()},
        timeout_s=float(duration(str(table.get("timeout", "5s")), "notify.timeout")),
        retries=retries,
        lead=lead,
        templates=_templates(_table(table, "templates", fail), fail),
    )


def _webhook(name: str, value: Any, fail: Fail) -> WebhookSettings:
    if not isinstance(value, dict) or set(value) != {"url", "secret"} or not all(map(_is_text, value.values())):
        raise fail(f"webhooks.{name}", "is no webhook", 'allowed is {url = "https://…", secret = "${env:NAME}"}')
    if "${" not in value["secret"]:
        raise fail(
            f"webhooks.{name}.secret", "is written into the file", "allowed is a reference: ${env:NAME} or ${file:PATH}"
        )
    return WebhookSettings(url=value["url"], secret=value["secret"])


def _templates(table: Mapping[str, Any], fail: Fail) -> dict[str, str]:
    for key, value in table.items():
        if not _is_text(value):
            raise fail(f"templates.{key}", "has the wrong type", "allowed is a text in quotes")
    return dict(table)


def _table(table: Mapping[str, Any], key: str, fail: Fail) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise fail(key, "has the wrong type", f"allowed is a table: [notify.{key}]")
    return value


def _list(value: Any, key: str, fail: Fail) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(map(_is_text, value)):
        raise fail(key, "has the wrong type", "allowed is a text or a list of texts")
    return tuple(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
