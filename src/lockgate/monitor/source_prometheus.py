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
from lockgate.monitor.asking import AskingSource, NoValue
from lockgate.monitor.counters import Counters, is_cumulative
from lockgate.monitor.source import SourceContext, check_options, mistake, option_s, rule_for
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


class PrometheusSource(AskingSource):
    """``options.url`` is the server; ``query`` gives one number, for a rate ``bad`` and ``total`` give one each.

    ``rate(…)`` counts per second and ``increase(…)`` in its window; anything else is a counter that grows, and what it
    grew by since the last look is counted. ``bearer: env:NAME`` is a token.
    """

    def __init__(self, monitor: Monitor, context: SourceContext) -> None:
        check_options(monitor, "url", "timeout", "counters", "bearer")
        self._url = monitor.options.get("url", "").rstrip("/")
        if not self._url:
            raise mistake(monitor, "names no server", "options: {url: http://…} is the address of Prometheus")
        is_windowed = bool(_PER_SECOND.search(monitor.total) or _PER_WINDOW.search(monitor.total))
        is_growing = is_cumulative(monitor, "window" if is_windowed else "cumulative")
        super().__init__(monitor, context, Counters() if is_growing else None)
        self._window_s = seconds_of(rule_for(monitor).window) or 30.0
        self._timeout_s = option_s(monitor, "timeout", "5s")
        self._headers = _headers(monitor, context)

    def close(self) -> None:
        """Nothing is held."""

    def per_window(self, query: str, number: float, window_s: float) -> float:
        """Return a count of the window: per-second numbers are taken for the time since the last look."""
        return number * (window_s or self._window_s) if _PER_SECOND.search(query) else number

    def number(self, query: str, *, is_bad: bool = False) -> float:
        """Ask one number. Of the bad ones an empty answer is 0, if every metric in the query exists."""
        result = self._ask("/api/v1/query", {"query": query}).get("data", {})
        values = result.get("result", []) if isinstance(result, dict) else []
        if isinstance(result, dict) and result.get("resultType") == "scalar":
            values = [{"value": values}]
        if not values:
            self._check_names(query)
            if not is_bad:
                raise NoValue(f"nothing from: {query}")
            return 0.0
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
