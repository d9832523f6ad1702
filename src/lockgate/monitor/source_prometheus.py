"""Ask a Prometheus server over its HTTP API; a metric that does not exist is an error with its name, never a zero.

Source: Prometheus documentation, "HTTP API" (``/api/v1/query``, ``/api/v1/label/__name__/values``).
"""

from __future__ import annotations

import difflib
import json
import math
import re
from typing import Any
from urllib.parse import urlencode

from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.counters import Counters, is_cumulative
from lockgate.monitor.source import SourceContext, Stopwatch, check_options, mistake, option_s, rule_for
from lockgate.monitor.words import seconds_of
from lockgate.outside.http import send_request
from lockgate.outside.redact import add_secret

_PER_SECOND = re.compile(r"\bi?rate\s*\(")
_PER_WINDOW = re.compile(r"\b(increase|delta)\s*\(")
_WORDS = frozenset(
    {"and", "or", "unless", "offset", "bool", "by", "without", "on", "ignoring", "group_left", "group_right"}
    | {"inf", "nan", "start", "end", "atan2"}
)
_LEFT_OUT = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|'[^']*'|\b(by|without|on|ignoring)\s*\([^)]*\)")
_NAME = re.compile(r"(?<![\w:.])([a-zA-Z_:][\w:]*)\b(?!\s*\()")


class NoValue(Exception):
    """A query gave no number; the text says why."""


class PrometheusSource:
    """``options.url`` is the server; ``query`` gives one number, for a rate ``bad`` and ``total`` give one each.

    ``rate(…)`` counts per second and ``increase(…)`` in its window; anything else is a counter that grows, and what it
    grew by since the last look is counted. ``bearer: env:NAME`` is a token.
    """

    def __init__(self, monitor: Monitor, context: SourceContext) -> None:
        check_options(monitor, "url", "timeout", "counters", "bearer")
        self._url = monitor.options.get("url", "").rstrip("/")
        if not self._url:
            raise mistake(monitor, "names no server", "options: {url: http://…} is the address of Prometheus")
        self._is_rate = rule_for(monitor).kind == "rate"
        self._window_s = seconds_of(rule_for(monitor).window) or 30.0
        if self._is_rate and not (monitor.bad and monitor.total):
            raise mistake(monitor, "counts no bad of all", "a rate needs bad and total, a query each")
        if not self._is_rate and not monitor.query:
            raise mistake(monitor, "has no query", "query gives one number")
        self._monitor = monitor
        self._timeout_s = option_s(monitor, "timeout", "5s")
        self._headers = _headers(monitor, context)
        is_windowed = bool(_PER_SECOND.search(monitor.total) or _PER_WINDOW.search(monitor.total))
        self._counters = Counters() if is_cumulative(monitor, "window" if is_windowed else "cumulative") else None
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Ask for the first time; of a growing counter only the next look tells a rate."""
        return self.read()

    def read(self) -> Reading:
        """Ask."""
        window, monitor = self._watch.lap(), self._monitor
        try:
            if not self._is_rate:
                return Reading(at=self._watch.stamp(), window_s=window, value=self._number(monitor.query))
            bad, total = self._number(monitor.bad, 0.0), self._number(monitor.total)
        except NoValue as error:
            return Reading(at=self._watch.stamp(), error=str(error))
        value = total
        if self._counters is not None:
            bad, total = self._counters.grown(bad, total)
        else:
            time = window or self._window_s
            bad, total = _per_window(monitor.bad, bad, time), _per_window(monitor.total, total, time)
        return Reading(at=self._watch.stamp(), window_s=window, value=value, bad=bad, total=total)

    def evidence(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Nothing is held."""

    def _number(self, query: str, when_empty: float | None = None) -> float:
        """Ask one number. An empty answer is ``when_empty`` if every metric in the query exists.

        Raises:
            NoValue: There is none.
        """
        result = self._ask("/api/v1/query", {"query": query}).get("data", {})
        values = result.get("result", []) if isinstance(result, dict) else []
        if isinstance(result, dict) and result.get("resultType") == "scalar":
            values = [{"value": values}]
        if not values:
            self._check_names(query)
            if when_empty is None:
                raise NoValue(f"nothing from: {query}")
            return when_empty
        if len(values) > 1:
            raise NoValue(f"{len(values)} series instead of one number (sum them?) from: {query}")
        try:
            number = float(values[0]["value"][1])
        except (KeyError, IndexError, TypeError, ValueError):
            raise NoValue(f"no number from: {query}") from None
        if not math.isfinite(number):
            raise NoValue(f"{number} from: {query}")
        return number

    def _check_names(self, query: str) -> None:
        known = self._ask("/api/v1/label/__name__/values", {}).get("data") or []
        for name in metric_names(query):
            if name not in known:
                near = difflib.get_close_matches(name, map(str, known), 1)
                raise NoValue(f"there is no metric {name}{f'; did you mean {near[0]}?' if near else ''}")

    def _ask(self, path: str, arguments: dict[str, str]) -> dict[str, Any]:
        url = f"{self._url}{path}{'?' if arguments else ''}{urlencode(arguments)}"
        answer = send_request(url, headers=self._headers, timeout_s=self._timeout_s)
        if not answer.status:
            raise NoValue(f"{self._url}: {answer.error}")
        try:
            document = json.loads(answer.body)
        except ValueError:
            raise NoValue(f"{self._url}: HTTP {answer.status}, and no JSON") from None
        if not isinstance(document, dict) or document.get("status") != "success":
            why = document.get("error", "") if isinstance(document, dict) else ""
            raise NoValue(f"{self._url}: HTTP {answer.status}: {why or 'no success'}")
        return document


def metric_names(query: str) -> tuple[str, ...]:
    """Return the names of the metrics in a query, in order."""
    bare = _LEFT_OUT.sub(" ", query)
    names = (match[1] for match in _NAME.finditer(bare) if match[1].lower() not in _WORDS)
    return tuple(dict.fromkeys(names))


def _per_window(query: str, number: float, window_s: float) -> float:
    """Return a count of the window: per-second numbers are taken for the time since the last look."""
    return number * window_s if _PER_SECOND.search(query) else number


def _headers(monitor: Monitor, context: SourceContext) -> dict[str, str]:
    bearer = monitor.options.get("bearer", "")
    if not bearer:
        return {}
    kind, _, name = bearer.partition(":")
    token = context.environment.get(name, "") if kind == "env" else ""
    if not token:
        raise mistake(monitor, "has a bearer that cannot be read", "write env:NAME, and set that variable")
    add_secret(token)
    return {"Authorization": f"Bearer {token}"}
