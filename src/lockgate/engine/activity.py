"""What a server tells of the sessions on it: who waits for whom, how many there are, how far replicas are behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Blocked(NamedTuple):
    """A session that waits for a lock: for how long, for whom (``by``), and whether one of those is ours.

    Where a server does not tell who blocks it, ``by`` is empty and ``is_ours`` says whether a statement of ours could.
    """

    session_id: str
    description: str
    waited_s: float
    by: tuple[str, ...] = ()
    is_ours: bool = False


@dataclass(frozen=True)
class Activity:
    """One look at a server. None: it does not tell, and ``untold`` says why, by the field's name.

    ``blocked`` leaves our own sessions out. ``longest_s`` is the age of the oldest open transaction of others and
    ``longest`` whose it is; ``used`` of ``allowed`` connections; ``deadlocks`` since the server started; ``lags`` are
    replicas and how many seconds they are behind, this server itself as ``this server`` when it is one.
    """

    blocked: tuple[Blocked, ...] | None = None
    longest_s: float | None = None
    longest: str = ""
    used: int | None = None
    allowed: int | None = None
    deadlocks: int | None = None
    lags: tuple[tuple[str, float], ...] | None = None
    untold: Mapping[str, str] = field(default_factory=dict)
