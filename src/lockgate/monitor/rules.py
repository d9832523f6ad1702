"""What a rule says of what was read: pure decisions, each with its arithmetic in one sentence.

Windows in which nothing could be read neither prove nor clear anything. A window with too little in it is put together
with those before it until there is enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from msgspec import structs

from lockgate.model.runbook import Rule
from lockgate.monitor.base import Decision, Judgement, Reading
from lockgate.monitor.wilson import most_expected, quantile_of, wilson_low
from lockgate.monitor.words import hard_limit_of, min_count_of, number, percent, seconds_of, tries_of

ERROR_BUDGET = 4
MOST_POOLED = 20
_NO_VALUES: Mapping[str, float] = MappingProxyType({})
_ARROWS = {Judgement.OK: "ok", Judgement.AMBER: "hold", Judgement.HOLD: "pause", Judgement.BREACH: "breach"}
KINDS = ("rate", "quantile", "up", "none_of", "value")


def decide(
    name: str,
    rule: Rule,
    history: Sequence[Reading],
    *,
    silence_s: float = 90.0,
    budget: int = ERROR_BUDGET,
    usual: float = 0.0,
) -> Decision:
    """Judge the newest of the readings (oldest first, one per window; see `merge`).

    ``usual`` are lines per second that were there before the run. Without data it is HOLD after ``silence_s`` seconds,
    or after ``budget`` errors in a row; never OK, never BREACH.
    """
    if not history:
        return Decision(name, Judgement.HOLD, "nothing was read yet → pause", "")
    if problem := no_data(rule, history[-1]):
        return _missing(name, rule, history, problem, silence_s, budget)
    seen = [reading for reading in history if not no_data(rule, reading)]
    if rule.kind == "none_of":
        return _none_of(name, rule, seen, usual)
    return _JUDGES[rule.kind](name, rule, seen)


def no_data(rule: Rule, reading: Reading) -> str:
    """Return why a reading tells nothing about its rule; empty when it does."""
    if reading.error:
        return reading.error
    if rule.kind == "rate" and reading.total <= 0:
        return "nothing was counted"
    if rule.kind == "quantile" and not reading.samples and not _is_number(reading.value):
        return "nothing was measured"
    if rule.kind == "up" and reading.is_up is None:
        return "no answer either way"
    if rule.kind == "value" and not _is_number(reading.value):
        return "no number"
    return ""


def bad_already(name: str, rule: Rule, reading: Reading) -> str:
    """Return what is broken in a first reading by itself, before anything was done; empty when nothing is."""
    if rule.kind == "none_of" or no_data(rule, reading):
        return ""
    alone = structs.replace(rule, windows=1, of="1/1")
    decision = decide(name, alone, [reading])
    return decision.sentence if decision.judgement is Judgement.BREACH else ""


def merge(rule: Rule, polls: Sequence[Reading]) -> Reading:
    """Put the polls of one window together: counts add up, samples are joined, a number is the mildest of them.

    With some polls failing the window is that of the others; with all of them it is the last error.
    """
    seen = [poll for poll in polls if not no_data(rule, poll)]
    if not seen:
        return polls[-1]
    numbers = [poll.value for poll in seen if poll.value is not None]
    mildest = (max if rule.below else min)(numbers) if numbers else None
    chosen = next((poll for poll in seen if poll.value == mildest), seen[-1])
    is_counted = rule.kind == "rate"
    return replace(
        seen[-1],
        window_s=sum(poll.window_s for poll in polls),
        value=mildest,
        bad=sum(poll.bad for poll in seen) if is_counted else chosen.bad,
        total=sum(poll.total for poll in seen) if is_counted else chosen.total,
        samples=tuple(sample for poll in seen for sample in poll.samples),
    )


def _missing(
    name: str, rule: Rule, history: Sequence[Reading], problem: str, silence_s: float, budget: int
) -> Decision:
    good = next((n for n, reading in enumerate(reversed(history)) if not no_data(rule, reading)), None)
    row = len(history) if good is None else good
    silent = _seconds_between(history[-1 - row] if good is not None else history[0], history[-1])
    is_error = bool(history[-1].error)
    text = f"no data for {silent:.0f} s ({row} in a row): {problem}"
    if silent >= silence_s or (is_error and row >= budget):
        return _decision(name, Judgement.HOLD, text, history[-1])
    left = f"{row} of {budget} errors" if is_error else f"{silent:.0f} of {silence_s:.0f} s"
    return _decision(name, Judgement.AMBER, f"no data: {problem}, {left}", history[-1])


def _rate(name: str, rule: Rule, seen: Sequence[Reading]) -> Decision:
    hard = hard_limit_of(rule)
    newest = _pool(seen, rule.hard_min_count, _total)
    if newest and _part(newest) > hard:
        text = f"{_fraction(newest)} > {percent(hard)} of at least {rule.hard_min_count}"
        return _decision(name, Judgement.BREACH, text, seen[-1], _rate_values(newest, hard))
    least = min_count_of(rule)
    pools = _pools(seen, least, _total, rule.windows)
    if not pools:
        rest = _sum(seen[-MOST_POOLED:])
        text = f"{_fraction(rest)}, {number(rest.total)} < {least}: too few to judge"
        low = wilson_low(rest.bad, rest.total)
        judgement = Judgement.AMBER if low > rule.limit else Judgement.OK
        return _decision(name, judgement, text, seen[-1], _rate_values(rest, rule.limit))
    lows = [wilson_low(pool.bad, pool.total) for pool in pools]
    over = _in_a_row([low > rule.limit for low in lows])
    sign = ">" if over else "≤"
    text = f"{_fraction(pools[0])}, Wilson low {percent(lows[0])} {sign} {percent(rule.limit)}"
    is_seen = _part(pools[0]) > rule.limit
    return _row_decision(name, rule, over, is_seen, text, seen[-1], _rate_values(pools[0], rule.limit))


def _quantile(name: str, rule: Rule, seen: Sequence[Reading]) -> Decision:
    label, least = f"p{number(100 * rule.quantile)}", min_count_of(rule)
    if not seen[-1].samples:
        found = [float(reading.value or 0.0) for reading in reversed(seen[-rule.windows :])]
        over = _in_a_row([value > rule.limit for value in found])
        return _over(name, rule, over, found[0], label, seen[-1])
    pools = _pools([reading for reading in seen if reading.samples], least, _samples, rule.windows)
    if not pools:
        count = sum(len(reading.samples) for reading in seen)
        return _decision(name, Judgement.OK, f"{count} < {least} samples: too few to judge", seen[-1])
    found = [quantile_of(pool.samples, rule.quantile) for pool in pools]
    over = _in_a_row([value > rule.limit for value in found])
    return _over(name, rule, over, found[0], f"{label} of {len(pools[0].samples)}", seen[-1])


def _over(name: str, rule: Rule, over: int, value: float, label: str, reading: Reading) -> Decision:
    sign = ">" if over else "≤"
    text = f"{label} = {number(value)} s {sign} {number(rule.limit)} s"
    return _row_decision(name, rule, over, False, text, reading, {"value": value, "limit": rule.limit})


def _up(name: str, rule: Rule, seen: Sequence[Reading]) -> Decision:
    least, most = tries_of(rule.of) or (3, 3)
    last = seen[-most:]
    failed = [reading for reading in last if not reading.is_up]
    text = f"{len(failed)} of the last {len(last)} tries failed"
    text += f" ({least} of {most} break it): {'; '.join(failed[-1].lines) or 'no good answer'}" if failed else ""
    judgement = Judgement.BREACH if len(failed) >= least else Judgement.AMBER if failed else Judgement.OK
    return _decision(name, judgement, text, seen[-1], {"value": 0.0 if failed else 1.0, "bad": float(len(failed))})


def _none_of(name: str, rule: Rule, seen: Sequence[Reading], usual: float) -> Decision:
    window = seconds_of(rule.window) or 30.0
    first = _time_of(seen[-1]) - timedelta(seconds=window)
    count = sum(reading.total for reading in seen if _time_of(reading) > first)
    expected = most_expected(usual * window) if usual else 0
    most = rule.limit + expected
    text = f"{number(count)} lines in {window:.0f} s {'>' if count > most else '≤'} {number(most)}"
    text += f" ({number(usual * window)} were usual before the run)" if usual else ""
    judgement = Judgement.BREACH if count > most else Judgement.AMBER if count else Judgement.OK
    return _decision(name, judgement, text, seen[-1], {"value": count, "limit": most})


def _value(name: str, rule: Rule, seen: Sequence[Reading]) -> Decision:
    found = [float(reading.value or 0.0) for reading in reversed(seen[-rule.windows :])]
    over = _in_a_row([value < rule.limit if rule.below else value > rule.limit for value in found])
    sign = ("<" if over else "≥") if rule.below else (">" if over else "≤")
    newest = seen[-1]
    counted = f"{number(newest.bad)}/{number(newest.total)} = " if newest.total else ""
    text = f"{counted}{number(found[0])} {sign} {number(rule.limit)}"
    return _row_decision(name, rule, over, False, text, newest, {"value": found[0], "limit": rule.limit})


_JUDGES: Mapping[str, Callable[[str, Rule, Sequence[Reading]], Decision]] = {
    "rate": _rate,
    "quantile": _quantile,
    "up": _up,
    "value": _value,
}


def _row_decision(
    name: str, rule: Rule, over: int, is_seen: bool, text: str, reading: Reading, values: Mapping[str, float]
) -> Decision:
    """Judge by how many windows in a row are over the limit, the newest first."""
    if not over:
        return _decision(name, Judgement.AMBER if is_seen else Judgement.OK, text, reading, values)
    if rule.windows > 1:
        text += f", {min(over, rule.windows)} of {rule.windows} windows"
    return _decision(name, Judgement.BREACH if over >= rule.windows else Judgement.AMBER, text, reading, values)


def _decision(
    name: str, judgement: Judgement, text: str, reading: Reading, values: Mapping[str, float] = _NO_VALUES
) -> Decision:
    return Decision(name, judgement, f"{text} → {_ARROWS[judgement]}", reading.at, dict(values))


def _pools(seen: Sequence[Reading], least: int, count: Callable[[Reading], float], wanted: int) -> list[Reading]:
    """Return up to ``wanted`` windows with enough in them, the newest first."""
    pools: list[Reading] = []
    left = list(seen[-MOST_POOLED * wanted :])
    while left and len(pools) < wanted:
        pool, used = None, 0
        for used in range(1, min(len(left), MOST_POOLED) + 1):
            joined = _sum(left[-used:])
            if count(joined) >= least:
                pool = joined
                break
        if pool is None:
            return pools
        pools.append(pool)
        del left[-used:]
    return pools


def _pool(seen: Sequence[Reading], least: int, count: Callable[[Reading], float]) -> Reading | None:
    return next(iter(_pools(seen, least, count, 1)), None)


def _sum(readings: Sequence[Reading]) -> Reading:
    if len(readings) == 1:
        return readings[0]
    return replace(
        readings[-1],
        window_s=sum(reading.window_s for reading in readings),
        bad=sum(reading.bad for reading in readings),
        total=sum(reading.total for reading in readings),
        samples=tuple(sample for reading in readings for sample in reading.samples),
    )


def _in_a_row(flags: Sequence[bool]) -> int:
    return next((n for n, flag in enumerate(flags) if not flag), len(flags))


def _total(reading: Reading) -> float:
    return reading.total


def _samples(reading: Reading) -> float:
    return len(reading.samples)


def _part(reading: Reading) -> float:
    return reading.bad / reading.total if reading.total else 0.0


def _fraction(reading: Reading) -> str:
    return f"{number(reading.bad)}/{number(reading.total)} = {percent(_part(reading))}"


def _rate_values(reading: Reading, limit: float) -> dict[str, float]:
    low = wilson_low(reading.bad, reading.total)
    return {"value": _part(reading), "bad": reading.bad, "n": reading.total, "low": low, "limit": limit}


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _time_of(reading: Reading) -> datetime:
    return datetime.fromisoformat(reading.at)


def _seconds_between(first: Reading, last: Reading) -> float:
    return (_time_of(last) - _time_of(first)).total_seconds()
