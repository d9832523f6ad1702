"""Addresses that apprise knows: mail, Slack, Teams, Discord, …; a service is an observer, and never in the way."""

from __future__ import annotations

import logging
import threading
from typing import Any
from urllib.parse import urlsplit

from lockgate.errors import ConfigError
from lockgate.notify.message import Message
from lockgate.outside.redact import redact


def post_by_apprise(url: str, message: Message, *, timeout_s: float) -> tuple[bool, str, bool]:
    """Send a message once; return whether it was taken, what was said instead, and whether to try again.

    It runs beside us, so that a service that hangs is left behind at its limit; whether it got the message is not known
    then, and it is not sent again at once.

    Raises:
        ConfigError: apprise is not installed.
    """
    try:
        import apprise
    except ImportError:
        raise ConfigError(
            "messages need apprise, which is not installed",
            where="[notify.channels]",
            state="nothing was sent",
            hint="pip install 'lockgate[notify]'",
        ) from None
    limit = max(1.0, timeout_s)
    service = apprise.Apprise.instantiate(_limited(url, limit), suppress_exceptions=True)
    if service is None:
        return False, f"apprise knows no address of the kind {url.partition('://')[0]}:// in this form", False
    answer: list[tuple[bool, str]] = []

    def send() -> None:
        try:
            capture: Any = apprise.LogCapture
            with capture(level=logging.WARNING, fmt="%(message)s") as words:
                is_sent = bool(
                    service.notify(body=message.text, title=message.title, notify_type=message.severity.value)
                )
                answer.append((is_sent, redact(words.getvalue())))
        except Exception as error:  # noqa: BLE001 - whatever a service raises is a message that was not delivered
            answer.append((False, redact(f"{type(error).__name__}: {error}")))

    worker = threading.Thread(target=send, name="lockgate-notify", daemon=True)
    worker.start()
    worker.join(2 * limit + 1)
    if not answer:
        return False, f"no answer within {2 * limit + 1:g} s; it may have arrived", False
    is_sent, said = answer[0]
    return is_sent, "" if is_sent else (" ".join(said.split())[-300:] or "the service refused it"), not is_sent


def _limited(url: str, limit: float) -> str:
    """Give apprise our limits where the address sets none of its own; what is too long for a service is cut."""
    query = urlsplit(url).query
    own = {"cto": f"{limit:g}", "rto": f"{limit:g}", "overflow": "truncate"}
    more = "&".join(f"{name}={value}" for name, value in own.items() if f"{name}=" not in query)
    return url + (("&" if query else "?") + more if more else "")
