"""Send a message to a channel: once for its key, tried again where that helps, recorded; never raises."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lockgate.errors import LockgateError
from lockgate.notify.by_apprise import post_by_apprise
from lockgate.notify.channels import Address, Channel
from lockgate.notify.github import post_comment
from lockgate.notify.ledger import FAILED, SENDING, SENT, Ledger, Line
from lockgate.notify.message import Delivery, Message
from lockgate.notify.webhook import post_webhook
from lockgate.outside.redact import redact

_BUDGET_S = 15.0
_REPEATED = "(sent again after an interruption; it may have reached you before)"


@dataclass(frozen=True)
class Sender:
    """How messages are sent. ``retries`` follow the first attempt, after 1, 2, 4 … seconds; none begins after 15 s."""

    ledger: Ledger
    timeout_s: float = 5.0
    retries: int = 2
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep

    def send(self, channel: Channel, message: Message) -> Delivery:
        """Send to every address that has not had this key yet; what fails is in the delivery."""
        attempts, is_new, errors = 0, False, []
        for address in channel.addresses:
            try:
                with self.ledger.locked(channel.name):
                    line = self._send_to(address, channel, message)
            except LockgateError as error:
                errors.append(f"{address.name}: {redact(str(error))}")
                continue
            if line is None:
                continue
            attempts, is_new = attempts + line.attempts, True
            if line.error:
                errors.append(f"{address.name}: {redact(line.error)}")
        return Delivery(
            key=message.key,
            channel=channel.name,
            is_delivered=not errors,
            at=self._stamp(),
            attempts=attempts,
            error="; ".join(errors),
            is_new=is_new,
        )

    def _send_to(self, address: Address, channel: Channel, message: Message) -> Line | None:
        """Send to one address; None: it has the message."""
        before = self.ledger.last(message.key, channel.name, address.name)
        if before is not None and before.state == SENT:
            return None
        about = Line(
            at=self._stamp(),
            state=SENDING,
            key=message.key,
            channel=channel.name,
            address=address.name,
            title=message.title,
        )
        self.ledger.write(about)
        if before is not None and before.state == SENDING and address.kind != "webhook":
            message = replace(message, text=f"{message.text}\n{_REPEATED}")
        is_sent, error, attempts = self._try(address, channel, message)
        line = Line(
            at=self._stamp(),
            state=SENT if is_sent else FAILED,
            key=about.key,
            channel=about.channel,
            address=about.address,
            error=redact(error),
            attempts=attempts,
        )
        self.ledger.write(line)
        return line

    def _try(self, address: Address, channel: Channel, message: Message) -> tuple[bool, str, int]:
        attempt, begun = 0, self.now()
        while True:
            attempt += 1
            is_sent, error, is_worth_it = self._post(address, channel, message)
            is_late = (self.now() - begun).total_seconds() > _BUDGET_S
            if is_sent or not is_worth_it or is_late or attempt > self.retries:
                return is_sent, error, attempt
            self.sleep(min(30.0, 2.0 ** (attempt - 1)))

    def _post(self, address: Address, channel: Channel, message: Message) -> tuple[bool, str, bool]:
        clean = replace(message, title=redact(message.title), text=redact(message.text))
        if address.kind == "webhook":
            return post_webhook(
                address.url, address.secret, clean, channel.name, now=self.now(), timeout_s=self.timeout_s
            )
        if address.kind == "github":
            return post_comment(address.url, clean, timeout_s=self.timeout_s)
        return post_by_apprise(address.url, clean, timeout_s=self.timeout_s)

    def _stamp(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds")
