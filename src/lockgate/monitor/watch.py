"""The watch over all monitors of a run: one thread that reads, judges and remembers until it is closed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lockgate.errors import GateClosed
from lockgate.model.runbook import Monitor, Rule
from lockgate.monitor.base import Breach, Decision, Hold, Judgement, Reading
from lockgate.monitor.rules import bad_already, decide, merge, no_data
from lockgate.monitor.series import Series
from lockgate.monitor.source import Source, option_s, rule_for
from lockgate.monitor.words import number, seconds_of

_KEPT, _TRY_AGAIN_S = 64, 1.0
_MOST_EVIDENCE = 60


@dataclass
class _Watched:
    """One monitor under watch."""

    monitor: Monitor
    rule: Rule
    source: Source
    poll_s: float
    window_s: float
    silence_s: float
    usual: float = 0.0
    polls: list[Reading] = field(default_factory=list)
    history: deque[Reading] = field(default_factory=lambda: deque(maxlen=_KEPT))
    decision: Decision | None = None
    due: float = 0.0
    window_due: float = 0.0
    good_at: float = 0.0
    good_text: str = ""


class Watch:
    """See `lockgate.monitor.base.Watcher`. ``step`` does what is due now; the thread calls it."""

    def __init__(
        self,
        monitors: Sequence[tuple[Monitor, Source]],
        series: Series,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        is_threaded: bool = True,
        on_decision: Callable[[Decision, Reading], None] = lambda decision, reading: None,
    ) -> None:
        self._series, self._clock, self._sleep = series, clock, sleep
        self._is_threaded, self._on_decision = is_threaded, on_decision
        self._watched = [_watched(monitor, source) for monitor, source in monitors]
        self._breaches: list[Breach] = []
        self._lock = threading.RLock()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Get a value from every monitor, then watch.

        Raises:
            GateClosed: Some give none in their time, or are broken already; it names each.
        """
        problems = self._first_values()
        if problems:
            self.close()
            names = ", ".join(problems)
            raise GateClosed(
                f"the watch cannot begin: {len(problems)} of {len(self._watched)} monitors are not ready",
                where=f"monitors: {names}",
                cause="; ".join(f"{name}: {why}" for name, why in problems.items()),
                state="nothing was begun",
                hint=f"lockgate monitor test shows what each of them gives: {names}",
            )
        if self._watched and self._is_threaded:
            self._thread = threading.Thread(target=self._run, name="lockgate-watch", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop watching and let go of the sources."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        for one in self._watched:
            one.source.close()

    def breach(self) -> Breach | None:
        """Return the first breach that was not acknowledged."""
        with self._lock:
            return self._breaches[0] if self._breaches else None

    def acknowledge(self, breach: Breach) -> None:
        """Say that a breach was acted on; its monitor begins anew, with no windows behind it."""
        with self._lock:
            self._breaches = [one for one in self._breaches if one is not breach and one != breach]
            for one in self._watched:
                if one.monitor.name == breach.monitor:
                    one.history.clear()
                    one.polls.clear()

    def holds(self) -> tuple[Hold, ...]:
        """Return the monitors that know nothing now, and the watch itself when it has ended."""
        if self._thread is not None and not self._thread.is_alive() and not self._is_over.is_set():
            return (Hold("watch", "the watch has ended by itself, so nothing is watched", ""),)
        with self._lock:
            return tuple(hold for one in self._watched if (hold := self._hold_of(one)) is not None)

    def decisions(self) -> Mapping[str, Decision]:
        """Return the newest decision of each monitor."""
        with self._lock:
            return {one.monitor.name: one.decision for one in self._watched if one.decision is not None}

    def mark(self, label: str) -> None:
        """Mark a step on the series; lines in logs are counted from here."""
        self._series.mark(label)
        with self._lock:
            for one in self._watched:
                if one.rule.kind == "none_of":
                    one.history.clear()

    def step(self) -> None:
        """Read and judge whatever is due now."""
        for one in self._watched:
            if self._clock() >= one.due and not self._is_over.is_set():
                self._look(one)

    def _run(self) -> None:
        while not self._is_over.is_set():
            self.step()
            rest = min(one.due for one in self._watched) - self._clock()
            self._is_over.wait(min(max(rest, 0.05), 1.0))

    def _look(self, one: _Watched) -> None:
        reading = one.source.read()
        now = self._clock()
        with self._lock:
            one.due = now + one.poll_s
            if not no_data(one.rule, reading):
                one.good_at, one.good_text = now, reading.at
            one.polls.append(reading)
            if now < one.window_due:
                return
            one.window_due = now + one.window_s - one.poll_s / 2
            window = merge(one.rule, one.polls)
            one.polls.clear()
            one.history.append(window)
            self._judge(one, window)

    def _judge(self, one: _Watched, window: Reading) -> None:
        decision = decide(one.monitor.name, one.rule, list(one.history), silence_s=one.silence_s, usual=one.usual)
        one.decision = decision
        self._series.add(decision, window)
        self._on_decision(decision, window)
        is_known = any(breach.monitor == one.monitor.name for breach in self._breaches)
        if decision.judgement is Judgement.BREACH and not is_known:
            self._breaches.append(
                Breach(
                    monitor=one.monitor.name,
                    action=one.monitor.action,
                    sentence=decision.sentence,
                    at=decision.at,
                    values=dict(decision.values),
                    lines=self._evidence(window),
                )
            )

    def _evidence(self, window: Reading) -> tuple[str, ...]:
        """Return what was read, and what every source knows: who blocks whom, the last lines of logs."""
        lines = list(window.lines)
        for other in self._watched:
            lines += [f"{other.monitor.name}: {line}" for line in other.source.evidence() if line not in window.lines]
        return tuple(dict.fromkeys(lines))[:_MOST_EVIDENCE]

    def _hold_of(self, one: _Watched) -> Hold | None:
        silent = self._clock() - one.good_at
        if one.decision is not None and one.decision.judgement is Judgement.HOLD:
            return Hold(one.monitor.name, one.decision.sentence, one.good_text)
        if silent >= one.silence_s + one.poll_s:
            return Hold(one.monitor.name, f"no data for {silent:.0f} s: its source does not answer", one.good_text)
        return None

    def _first_values(self) -> dict[str, str]:
        """Ask every monitor until it gives a good value or its time is over; return what is wrong with which."""
        started, problems = self._clock(), {}
        waiting = list(self._watched)
        while waiting:
            for one in list(waiting):
                problem = self._first_value(one)
                is_late = self._clock() - started >= option_s(one.monitor, "start_within", "10s")
                if not problem or is_late:
                    waiting.remove(one)
                if problem and is_late:
                    problems[one.monitor.name] = problem
            if waiting:
                self._sleep(_TRY_AGAIN_S)
        return problems

    def _first_value(self, one: _Watched) -> str:
        reading = one.source.begin()
        if problem := first_problem(one.monitor, one.rule, reading):
            return problem
        one.usual = usual_of(one.monitor, one.rule, reading)
        now = self._clock()
        one.due, one.window_due = now + one.poll_s, now + one.window_s - one.poll_s / 2
        one.good_at, one.good_text = now, reading.at
        one.decision = first_decision(one.monitor, one.rule, reading)
        self._series.add(one.decision, reading)
        return ""


def first_problem(monitor: Monitor, rule: Rule, reading: Reading) -> str:
    """Return why a run may not begin on a first reading; empty when it may."""
    if reading.error:
        return reading.error
    if rule.kind == "none_of":
        return _noise(monitor, rule, reading)
    is_value = reading.value is not None or reading.samples or reading.is_up is not None
    if not is_value:
        return no_data(rule, reading) or "no value"
    broken = bad_already(monitor.name, rule, reading)
    return f"it is broken before the start: {broken}{_of(reading)}" if broken else ""


def first_decision(monitor: Monitor, rule: Rule, reading: Reading) -> Decision:
    """Return what is known of a monitor that gave a first value, before there is a window."""
    if rule.kind == "none_of" or no_data(rule, reading):
        return Decision(monitor.name, Judgement.OK, f"its source answers: {value_text(rule, reading)} → ok", reading.at)
    return decide(monitor.name, rule, [reading])


def value_text(rule: Rule, reading: Reading) -> str:
    """Return what a reading holds, in words."""
    if reading.error:
        return reading.error
    match rule.kind:
        case "rate" if reading.total:
            return f"{number(reading.bad)} of {number(reading.total)}"
        case "rate":
            return f"the counter stands at {number(reading.value or 0)}; a rate needs a second look"
        case "up":
            return "up" if reading.is_up else f"down: {'; '.join(reading.lines)}"
        case "quantile" if reading.samples:
            return f"{len(reading.samples)} samples, the largest {number(max(reading.samples))} s"
        case "none_of":
            when = f" in the last {reading.window_s:.0f} s" if reading.window_s else ""
            return f"{number(reading.total)} such lines{when}"
        case _:
            return "no value" if reading.value is None else number(reading.value)


def usual_of(monitor: Monitor, rule: Rule, reading: Reading) -> float:
    """Return how many lines per second were usual before the run, where a monitor asks to take them off."""
    is_taken_off = rule.kind == "none_of" and monitor.options.get("baseline") == "subtract"
    return reading.total / reading.window_s if is_taken_off and reading.window_s else 0.0


def _noise(monitor: Monitor, rule: Rule, reading: Reading) -> str:
    """Return the finding that lines were there before the run, at a rate that would break the rule."""
    wish = monitor.options.get("baseline", "refuse")
    if wish == "ignore" or (wish == "subtract" and reading.window_s):
        return ""
    window = seconds_of(rule.window) or 30.0
    expected = reading.total * window / reading.window_s if reading.window_s else reading.total
    if reading.total == 0 or (rule.limit and expected <= rule.limit):
        return ""
    when = (
        f"in the {reading.window_s:.0f} s before the start ({number(expected)} per {rule.window})"
        if reading.window_s
        else "before the start, at times they do not tell"
    )
    last = f", the last: {reading.lines[-1]}" if reading.lines else ""
    return (
        f"noisy baseline: {number(reading.total)} such lines {when}{last}; "
        "let them be taken off (options: {baseline: subtract}) or allow them by a pattern (rule: {allow: […]})"
    )


def _of(reading: Reading) -> str:
    return f" ({'; '.join(reading.lines[:3])})" if reading.lines and reading.is_up is None else ""


def _watched(monitor: Monitor, source: Source) -> _Watched:
    rule = rule_for(monitor)
    window, every = seconds_of(rule.window) or 30.0, seconds_of(rule.every) or 5.0
    if rule.kind in ("up", "none_of"):
        poll, window = every, 0.0
    elif rule.kind in ("rate", "quantile") and monitor.source != "http":
        poll, window = window, 0.0
    else:
        poll = min(every, window)
    return _Watched(monitor, rule, source, poll, window, seconds_of(monitor.silence) or 90.0)
