"""Ask addresses: are they up, with the right status and body, and how long do they take."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.source import SourceContext, Stopwatch, check_options, mistake, option_s
from lockgate.outside.http import HttpAnswer, send_request

_MOST_AT_ONCE = 8


class HttpSource:
    """One look asks every address once: up when all of them answer as expected, bad and total count them.

    The times are of all that answered in any way; one that did not in its time counts with the time it was given.
    """

    def __init__(self, monitor: Monitor, context: SourceContext) -> None:
        check_options(monitor, "status", "has", "without", "timeout", "follow", "method")
        self._urls = monitor.query.replace(",", " ").split()
        if not self._urls:
            raise mistake(monitor, "has no address to ask", "query is one or several addresses")
        options = monitor.options
        try:
            self._statuses = {int(status) for status in options.get("status", "200").replace(",", " ").split()}
        except ValueError:
            raise mistake(monitor, f"has status: {options['status']}", "a status is a number such as 200") from None
        self._has, self._without = options.get("has", ""), options.get("without", "")
        self._method, self._is_following = options.get("method", "GET"), options.get("follow", "") == "true"
        self._timeout_s = option_s(monitor, "timeout", "5s")
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Ask for the first time."""
        return self.read()

    def read(self) -> Reading:
        """Ask every address at once, redirects followed only where that was asked for."""
        window = self._watch.lap()
        with ThreadPoolExecutor(min(_MOST_AT_ONCE, len(self._urls))) as pool:
            answers = list(pool.map(self._ask, self._urls))
        wrong = tuple(why for answer in answers if (why := self._wrong(answer)))
        times = [answer.duration_s for answer in answers if answer.status or answer.error == "timed out"]
        return Reading(
            at=self._watch.stamp(),
            window_s=window,
            value=max(times, default=None),
            bad=len(wrong),
            total=len(answers),
            samples=tuple(round(time, 4) for time in times),
            lines=wrong,
            is_up=not wrong,
        )

    def evidence(self) -> tuple[str, ...]:
        """Return nothing: what was wrong stands in the reading."""
        return ()

    def close(self) -> None:
        """Nothing is held."""

    def _ask(self, url: str) -> HttpAnswer:
        return send_request(url, method=self._method, timeout_s=self._timeout_s, is_following=self._is_following)

    def _wrong(self, answer: HttpAnswer) -> str:
        """Return what is wrong with an answer; empty when nothing is."""
        if not answer.status:
            return f"{answer.url}: {answer.error} after {answer.duration_s:.2f} s"
        if answer.status not in self._statuses:
            wanted = " or ".join(map(str, sorted(self._statuses)))
            return f"{answer.url}: HTTP {answer.status} instead of {wanted}"
        if self._has and self._has not in answer.body:
            return f"{answer.url}: HTTP {answer.status}, but the body lacks {self._has!r}"
        if self._without and self._without in answer.body:
            return f"{answer.url}: HTTP {answer.status}, but the body has {self._without!r}"
        return ""
