"""Read what people write as a trigger (``Error rate > 1%``) as a rule with every default spelled out; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lockgate.model.runbook import Rule
from lockgate.monitor.words import hard_limit_of, min_count_of, percent

_ABOVE = r">=?|≥|above|over|exceeds?|exceeding|more than|greater than|higher than|at least|reaches"
_BELOW = r"<=?|≤|below|under|less than|fewer than|lower than|drops? to"
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_UNIT = r"(%|percent|ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|[kmgt]i?b)?"
_COMPARISON = re.compile(rf"(?P<above>{_ABOVE})?(?P<below>{_BELOW})?\s*{_NUMBER}\s*{_UNIT}(?![\w])", re.IGNORECASE)
_WINDOW = re.compile(
    r"\b(?:for|in|within|over|during|per)\s+(?:the last |the |a |any )?"
    r"(\d+)[\s-]*(s|sec|secs|seconds?|m|mins?|minutes?)\b",
    re.IGNORECASE,
)
_TIMES_S = {
    "ms": 0.001,
    "mil": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "hou": 3600.0,
    "hr": 3600.0,
}
_BYTES = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_ENDS = re.compile(r"\s*(?:→|->|=>|—| – ).*$")


@dataclass(frozen=True)
class TriggerText:
    """A trigger that could be read.

    ``subject`` is what it is about: errors, latency, health, log, pool, memory, cpu, disk, replication, locks, sessions
    or value. ``source`` is the kind of monitor that can watch it. ``defaults`` are what the text leaves open, in words.
    """

    subject: str
    source: str
    rule: Rule
    defaults: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Limit:
    value: float
    unit: str
    is_below: bool


_Reader: TypeAlias = Callable[[str, _Limit | None, str, bool], TriggerText | None]


def rule_of(text: str) -> Rule | None:
    """Return the rule a trigger's text stands for; None when it cannot be read."""
    read = read_trigger(text)
    return read.rule if read else None


def read_trigger(text: str) -> TriggerText | None:
    """Read a trigger's text. What is no known subject with a number, a failing check or a line in a log is None."""
    plain = _plain(text)
    window, written = _window_of(plain)
    limit = _limit_of(_WINDOW.sub(" ", plain))
    if limit is None:
        window, written, limit = "30s", False, _limit_of(plain)
    for subject, pattern in _SUBJECTS:
        if re.search(pattern, plain, re.IGNORECASE):
            return _READERS[subject](plain, limit, window, written)
    return None


def _plain(text: str) -> str:
    """Take off marks, emphasis and what is to be done."""
    return " ".join(_ENDS.sub("", re.sub(r"[*_`|\[\]🛑🔴🟡🟢🔵]", " ", text)).strip(" -•:").split())


def _window_of(text: str) -> tuple[str, bool]:
    found = _WINDOW.search(text)
    return (f"{found[1]}{found[2][0].lower()}", True) if found else ("30s", False)


def _limit_of(text: str) -> _Limit | None:
    for found in _COMPARISON.finditer(text):
        if found["above"] or found["below"]:
            return _Limit(float(found[3].replace(",", ".")), (found[4] or "").lower(), bool(found["below"]))
    return None


def _rate(text: str, limit: _Limit | None, window: str, is_written: bool) -> TriggerText | None:
    if limit is None or not (limit.unit in ("%", "percent") or limit.value < 1):
        return None
    part = limit.value / 100 if limit.unit else limit.value
    part = round(1 - part, 6) if limit.is_below else part
    if limit.is_below != bool(re.search(r"success|availab|uptime", text, re.IGNORECASE)) or not 0 <= part < 1:
        return None
    rule = Rule(kind="rate", limit=part, window=window, hard_limit=hard_limit_of(Rule(kind="rate", limit=part)))
    open_ = () if is_written else (f"window {window}",)
    return TriggerText(
        "errors",
        "prometheus",
        rule,
        (
            *open_,
            f"at least {min_count_of(rule)} requests in a window",
            f"lower bound (Wilson, 95 %) above {percent(part)} in {rule.windows} windows in a row",
            f"at once above {percent(rule.hard_limit)} of at least {rule.hard_min_count}",
            "source: where bad and all requests are counted",
        ),
    )


def _latency(text: str, limit: _Limit | None, window: str, is_written: bool) -> TriggerText | None:
    seconds = _seconds(limit)
    if limit is None or limit.is_below or seconds is None:
        return None
    open_ = [] if is_written else [f"window {window}"]
    if re.search(r"\b(average|avg|mean)\b", text, re.IGNORECASE):
        rule = Rule(kind="value", limit=seconds, window=window)
        return TriggerText("latency", "prometheus", rule, (*open_, f"{rule.windows} windows in a row"))
    named = re.search(r"\bp\s?(\d{2}(?:\.\d+)?)\b|\b(\d{2}(?:\.\d+)?)(?:th|st)? percentile", text, re.IGNORECASE)
    quantile = float(named[1] or named[2]) / 100 if named else 0.5 if "median" in text.lower() else 0.95
    is_named = named is not None or "median" in text.lower()
    rule = Rule(kind="quantile", limit=seconds, quantile=quantile, window=window)
    open_ += [] if is_named else ["statistic p95"]
    return TriggerText(
        "latency", "http", rule, (*open_, f"{rule.windows} windows in a row", "source: whose times are measured")
    )


def _health(text: str, limit: _Limit | None, window: str, is_written: bool) -> TriggerText | None:
    of = re.search(r"(\d+)\s*(?:/|of|out of)\s*(\d+)", text, re.IGNORECASE)
    row = re.search(r"(\d+)\s*(?:x|×|times|consecutive|in a row)", text, re.IGNORECASE)
    tries = f"{of[1]}/{of[2]}" if of else f"{row[1]}/{row[1]}" if row else "3/3"
    rule = Rule(kind="up", of=tries)
    open_ = () if of or row else ("3 of the last 3 tries",)
    return TriggerText("health", "http", rule, (*open_, f"tries {rule.every} apart", "source: the address to ask"))


def _log(text: str, limit: _Limit | None, window: str, is_written: bool) -> TriggerText | None:
    most = limit.value if limit and not limit.unit and not limit.is_below else 0.0
    open_ = [] if is_written or not most else [f"window {window}"]
    rule = Rule(kind="none_of", limit=most, window=window)
    what = ("lines newer than the step's start", "less what was there before the run", "source: the file of the log")
    return TriggerText("log", "log", rule, (*open_, *what))


def _value(subject: str, source: str) -> _Reader:
    def read(text: str, limit: _Limit | None, window: str, is_written: bool) -> TriggerText | None:
        if limit is None:
            return None
        rule = Rule(kind="value", limit=_plain_value(limit), window=window, below=limit.is_below)
        open_ = [] if is_written else [f"window {window}"]
        known = () if source in ("pool", "replication", "locks", "sessions") else ("source: where the value is read",)
        return TriggerText(subject, source, rule, (*open_, f"{rule.windows} windows in a row", *known))

    return read


def _seconds(limit: _Limit | None) -> float | None:
    if limit is None or limit.unit in ("%", "percent") or limit.unit.endswith("b"):
        return None
    factor = next((_TIMES_S[key] for key in (limit.unit, limit.unit[:3], limit.unit[:2]) if key in _TIMES_S), None)
    return limit.value * factor if factor is not None else limit.value if not limit.unit else None


def _plain_value(limit: _Limit) -> float:
    """Return the limit in percent, seconds, bytes, or as it is."""
    if limit.unit.endswith("b"):
        return limit.value * _BYTES[limit.unit[0]]
    seconds = _seconds(limit)
    return limit.value if seconds is None else seconds


_SUBJECTS = (
    ("replication", r"\breplica(tion)?s?\b|\blag\b"),
    ("deadlocks", r"\bdeadlocks?\b"),
    ("locks", r"\block (wait|time)|\blocks?\b|\bblock(ed|ing)\b"),
    ("sessions", r"\b(longest|long[- ]running|open) (transactions?|quer(y|ies))|\btransaction age"),
    ("health", r"(health|heartbeat|endpoint|liveness|readiness|ping)\b.*\b(fail|down|unhealthy|unavailable)"
               r"|\b(site|service|application|app|api) (is )?(down|unavailable|unreachable)"),
    ("pool", r"\bconnections?\b|\bpool\b"),
    ("errors", r"(error|failure|5xx|50\d|success)s?[- ]?rate|\bavailability\b|\buptime\b"
               r"|errors?.*(>|above|over|exceed)[^%]*%"),
    ("latency", r"response[- ]times?|\blatenc(y|ies)\b|\bp\d{2}\b|page load|request (time|duration)s?"),
    ("log", r"\b(any|no|new|more than)\b.*\b(5\d\d|5xx|4\d\d|error|exception|fatal|panic|critical|warning)s?\b"
            r"|\b(error|exception|fatal|5\d\d|5xx)s?\b.*\blogs?\b|\blogs?\b.*\b(error|exception|fatal|5\d\d|5xx)s?\b"
            r"|\b(5\d\d|5xx) errors?\b"),
    ("cpu", r"\bcpu\b|\bload average\b"),
    ("memory", r"\b(memory|ram|heap|rss|swap)\b"),
    ("disk", r"\bdisks?\b|\bstorage\b|\bfree space\b"),
    ("value", r"\b(queue|backlog|throughput|requests per|rps|qps|cache|i/?ops)\b"),
)  # fmt: skip
_READERS: Mapping[str, _Reader] = {
    "replication": _value("replication", "replication"),
    "deadlocks": _value("deadlocks", "locks"),
    "locks": _value("locks", "locks"),
    "sessions": _value("sessions", "sessions"),
    "health": _health,
    "pool": _value("pool", "pool"),
    "errors": _rate,
    "latency": _latency,
    "log": _log,
    "cpu": _value("cpu", "prometheus"),
    "memory": _value("memory", "prometheus"),
    "disk": _value("disk", "prometheus"),
    "value": _value("value", "prometheus"),
}
