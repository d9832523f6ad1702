"""What is told, and what became of it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Severity(Enum):
    """How loud a message is; apprise's names."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Message:
    """One message. ``key`` names it for ever: the same key is sent to a channel once. ``facts`` are for programs."""

    key: str
    title: str
    text: str
    severity: Severity = Severity.INFO
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What became of a message on one channel.

    ``is_delivered``: every address of the channel took it. ``is_new``: something was sent now; else it was sent before.
    ``attempts`` counts requests of now. ``error`` says what each address that failed said; secrets are masked.
    """

    key: str
    channel: str
    is_delivered: bool
    at: str
    attempts: int = 0
    error: str = ""
    is_new: bool = True
