"""Channels by name: their addresses with references resolved, every secret of them masked from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from lockgate.errors import ConfigError
from lockgate.notify.settings import NotifySettings
from lockgate.outside.redact import add_secret

Resolve = Callable[[str, str], str]
"""``resolve(text, where)`` puts values in the place of ``${env:…}`` and ``${file:…}``."""

_LONG = 8


@dataclass(frozen=True)
class Address:
    """One place that messages go to. ``name`` is what may be shown: the channel, a number and the kind of service."""

    name: str
    kind: str
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Channel:
    """A name for addresses that all get the same messages."""

    name: str
    addresses: tuple[Address, ...]


def open_channel(settings: NotifySettings, name: str, resolve: Resolve) -> Channel:
    """Return a channel with its addresses.

    Raises:
        ConfigError: There is no such channel, or a reference of it leads nowhere.
    """
    found: list[Address] = []
    for number, text in enumerate(settings.channels.get(name, ()), start=1):
        url = resolve(text, f"notify.channels.{name}")
        hide_address(url)
        scheme = url.partition("://")[0] if "://" in url else "?"
        found.append(Address(f"{name}#{number} ({scheme})", "github" if scheme == "github" else "apprise", url))
    webhook = settings.webhooks.get(name)
    if webhook is not None:
        url = resolve(webhook.url, f"notify.webhooks.{name}.url")
        secret = resolve(webhook.secret, f"notify.webhooks.{name}.secret")
        add_secret(secret)
        hide_address(url)
        found.append(Address(f"{name} (webhook)", "webhook", url, secret))
    if not found:
        raise ConfigError(
            f"there is no channel {name}",
            where=f"[notify.channels] {name}",
            cause=f"configured are: {', '.join(settings.names) or 'none'}",
            state="nothing was sent",
            hint=f'add {name} = "slack://…" under [notify.channels] in lockgate.toml',
        )
    return Channel(name, tuple(found))


def hide_address(url: str) -> None:
    """Mask an address and everything in it that may be a key: long parts of its path, its login, its parameters."""
    add_secret(url)
    try:
        parts = urlsplit(url)
        login = (parts.username or "", parts.password or "")
    except ValueError:
        return
    pieces = [*login, *(piece for piece in parts.path.split("/") if len(piece) >= _LONG)]
    pieces += [value for _, value in parse_qsl(parts.query) if len(value) >= _LONG]
    if parts.scheme not in ("http", "https", "json", "jsons", "github", "mailto", "mailtos"):
        pieces.append(parts.netloc if len(parts.netloc) >= _LONG else "")
    for piece in pieces:
        if len(piece) >= _LONG:
            add_secret(piece)
            add_secret(unquote(piece))


def open_all(settings: NotifySettings, resolve: Resolve) -> Mapping[str, Channel]:
    """Return every channel that is configured.

    Raises:
        ConfigError: A reference leads nowhere.
    """
    return {name: open_channel(settings, name, resolve) for name in settings.names}
