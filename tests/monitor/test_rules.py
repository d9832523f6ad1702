"""The rules: their arithmetic, and how often they are wrong on services whose true rate is known."""

from __future__ import annotations

import bisect
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lockgate.model.runbook import Rule
from lockgate.monitor.base import Judgement, Reading
from lockgate.monitor.rules import bad_already, decide, merge
from lockgate.monitor.wilson import most_expected, quantile_of, wilson_low

START = datetime(2026, 1, 1, tzinfo=UTC)
RATE = Rule(kind="rate", limit=0.01)
SLOW = Rule(kind="quantile", limit=5.0)


def readings(rows: Sequence[dict[str, Any]], step_s: float = 30.0) -> list[Reading]:
    return [
        Reading(at=(START + timedelta(seconds=n * step_s)).isoformat(), window_s=step_s, **row)
        for n, row in enumerate(rows)
    ]


def rates(*pairs: tuple[float, float]) -> list[Reading]:
    return readings([{"bad": bad, "total": total} for bad, total in pairs])


@pytest.mark.parametrize(
    ("pairs", "judgement", "sentence"),
    [
        ([(6, 412)], Judgement.AMBER, "6/412 = 1.46 %, Wilson low 0.67 % ≤ 1 % → hold"),
        ([(0, 412)], Judgement.OK, "0/412 = 0 %, Wilson low 0 % ≤ 1 % → ok"),
        ([(20, 400)], Judgement.AMBER, "20/400 = 5 %, Wilson low 3.26 % > 1 %, 1 of 2 windows → hold"),
        ([(20, 400), (20, 400)], Judgement.BREACH, "20/400 = 5 %, Wilson low 3.26 % > 1 %, 2 of 2 windows → breach"),
        ([(20, 400), (0, 400), (20, 400)], Judgement.AMBER, None),
        ([(15, 50)], Judgement.BREACH, "15/50 = 30 % > 10 % of at least 50 → breach"),
        ([(15, 49)], Judgement.AMBER, "15/49 = 30.61 %, 49 < 100: too few to judge → hold"),
        ([(0, 20)], Judgement.OK, "0/20 = 0 %, 20 < 100: too few to judge → ok"),
        ([(2, 25)] * 8, Judgement.BREACH, "8/100 = 8 %, Wilson low 4.11 % > 1 %, 2 of 2 windows → breach"),
        ([(10, 100), (0, 0)], Judgement.AMBER, "no data: nothing was counted, 30 of 90 s → hold"),
    ],
)
def test_a_rate_is_judged_with_its_arithmetic(
    pairs: list[tuple[float, float]], judgement: Judgement, sentence: str | None
) -> None:
    decision = decide("errors", RATE, rates(*pairs))
    assert decision.judgement is judgement, decision.sentence
    assert sentence is None or decision.sentence == sentence


def binomial(n: int, p: float) -> list[float]:
    """Return the distribution function of a count of bad ones, to draw from with one uniform number."""
    total, table = 0.0, []
    for k in range(n + 1):
        total += math.comb(n, k) * p**k * (1 - p) ** (n - k)
        table.append(total)
    table[-1] = 1.0
    return table


def first_breach(rule: Rule, n: int, table: list[float], windows: int, dice: random.Random) -> int:
    """Return in which window (from 1) the rule fires; 0 for never."""
    history: list[Reading] = []
    for window in range(1, windows + 1):
        bad = bisect.bisect_left(table, dice.random())
        at = (START + timedelta(seconds=30 * window)).isoformat()
        history = [*history[-5:], Reading(at=at, window_s=30, bad=bad, total=n)]
        if decide("errors", rule, history).judgement is Judgement.BREACH:
            return window
    return 0


@pytest.mark.parametrize("n", [50, 100, 300, 500])
def test_a_healthy_service_is_hardly_ever_rolled_back(n: int) -> None:
    dice, table = random.Random(20_000 + n), binomial(n, 0.002)
    wrong = sum(first_breach(RATE, n, table, 20, dice) > 0 for _ in range(1000))
    assert wrong <= 5, f"{wrong} of 1000 runs"


@pytest.mark.parametrize(("n", "within"), [(100, 6), (300, 3)])
def test_a_service_at_five_percent_is_caught(n: int, within: int) -> None:
    dice, table = random.Random(30_000 + n), binomial(n, 0.05)
    found = [first_breach(RATE, n, table, within, dice) for _ in range(2000)]
    assert sum(window > 0 for window in found) >= 0.99 * 2000
    assert sorted(found)[1000] <= 2


@pytest.mark.parametrize("n", [50, 100])
def test_thirty_percent_is_caught_in_the_first_window(n: int) -> None:
    dice, table = random.Random(40_000 + n), binomial(n, 0.3)
    found = [first_breach(RATE, n, table, 1, dice) for _ in range(1000)]
    assert sum(window == 1 for window in found) >= 990


def test_the_exact_chances_are_those_that_are_promised() -> None:
    def over(n: int, p: float) -> float:
        least = next(k for k in range(n) if wilson_low(k, n) > 0.01)
        return 1 - binomial(n, p)[least - 1]

    def two_in_a_row(chance: float, windows: int) -> float:
        calm, one = 1.0, 0.0
        for _ in range(windows):
            calm, one = (calm + one) * (1 - chance), calm * chance
        return 1 - calm - one

    assert two_in_a_row(over(100, 0.05), 6) == pytest.approx(0.994, abs=0.002)
    assert two_in_a_row(over(300, 0.05), 3) > 0.99
    assert two_in_a_row(over(100, 0.002), 20) < 0.005


def test_one_slow_request_in_five_hundred_triggers_nothing_and_a_slow_p95_twice_does() -> None:
    one = {"samples": (6.0, *[0.1] * 499)}
    slow = {"samples": tuple([6.0] * 30 + [0.1] * 470)}
    assert decide("latency", SLOW, readings([one, one])).sentence == "p95 of 500 = 0.1 s ≤ 5 s → ok"
    first = decide("latency", SLOW, readings([one, slow]))
    assert (first.judgement, first.sentence) == (
        Judgement.AMBER,
        "p95 of 500 = 6 s > 5 s, 1 of 2 windows → hold",
    )
    assert decide("latency", SLOW, readings([slow, slow])).judgement is Judgement.BREACH


def test_a_quantile_that_the_source_computed_is_taken_as_it_is() -> None:
    given = readings([{"value": 6.0}, {"value": 7.0}])
    assert decide("latency", SLOW, given).sentence == "p95 = 7 s > 5 s, 2 of 2 windows → breach"
    assert decide("latency", SLOW, readings([{"value": math.nan}])).judgement is Judgement.AMBER


@pytest.mark.parametrize(
    ("tries", "judgement"),
    [
        ([True, True, True], Judgement.OK),
        ([True, False, True], Judgement.AMBER),
        ([True, False, False], Judgement.AMBER),
        ([False, False, False], Judgement.BREACH),
        ([False, False], Judgement.AMBER),
    ],
)
def test_a_health_check_breaks_after_three_of_three(tries: list[bool], judgement: Judgement) -> None:
    history = readings([{"is_up": is_up, "lines": () if is_up else ("timed out",)} for is_up in tries], 5.0)
    decision = decide("health", Rule(kind="up"), history)
    assert decision.judgement is judgement
    assert ("timed out" in decision.sentence) == (False in tries)


def test_a_line_in_a_log_breaks_at_once_and_what_was_usual_before_does_not() -> None:
    rule = Rule(kind="none_of")
    quiet, one = {"total": 0.0}, {"total": 1.0}
    assert decide("http500", rule, readings([quiet])).judgement is Judgement.OK
    assert decide("http500", rule, readings([quiet, one])).sentence == "1 lines in 30 s > 0 → breach"
    usual = decide("http500", rule, readings([one]), usual=2 / 30)
    assert (usual.judgement, usual.sentence) == (
        Judgement.AMBER,
        "1 lines in 30 s ≤ 8 (2 were usual before the run) → hold",
    )
    assert decide("http500", rule, readings([{"total": 9.0}]), usual=2 / 30).judgement is Judgement.BREACH


@pytest.mark.parametrize(
    ("rule", "values", "judgement"),
    [
        (Rule(kind="value", limit=90), [95, 96], Judgement.BREACH),
        (Rule(kind="value", limit=90), [80, 96], Judgement.AMBER),
        (Rule(kind="value", limit=90), [95, 90], Judgement.OK),
        (Rule(kind="value", limit=10, below=True, windows=1), [9], Judgement.BREACH),
        (Rule(kind="value", limit=10, below=True, windows=1), [10], Judgement.OK),
    ],
)
def test_a_number_breaks_above_or_below_its_limit(rule: Rule, values: list[float], judgement: Judgement) -> None:
    assert decide("pool", rule, readings([{"value": value} for value in values])).judgement is judgement


def test_of_a_number_counted_of_all_the_counts_are_said() -> None:
    decision = decide(
        "pool", Rule(kind="value", limit=90, windows=1), readings([{"value": 95, "bad": 95, "total": 100}])
    )
    assert decision.sentence == "95/100 = 95 > 90 → breach"


def test_no_data_holds_after_the_budget_of_errors_or_the_silence_and_never_passes_or_breaks() -> None:
    bad = {"error": "connection refused"}
    good = {"bad": 0.0, "total": 500.0}
    seen = [decide("errors", RATE, readings([good, *[bad] * count], 5.0)).judgement for count in range(1, 6)]
    assert seen == [Judgement.AMBER] * 3 + [Judgement.HOLD] * 2
    empty = {"total": 0.0}
    silent = [decide("errors", RATE, readings([good, *[empty] * count])).judgement for count in range(1, 5)]
    assert silent == [Judgement.AMBER] * 2 + [Judgement.HOLD] * 2
    assert decide("errors", RATE, []).judgement is Judgement.HOLD


def test_an_error_between_two_bad_windows_does_not_clear_the_first() -> None:
    history = readings([{"bad": 20, "total": 400}, {"error": "timed out"}, {"bad": 20, "total": 400}])
    assert decide("errors", RATE, history).judgement is Judgement.BREACH


def test_what_is_broken_before_the_start_is_told_from_one_reading() -> None:
    assert "30/100" in bad_already("errors", RATE, rates((30, 100))[0])
    assert "20/400" in bad_already("errors", RATE, rates((20, 400))[0])
    assert not bad_already("errors", RATE, rates((1, 400))[0])
    assert bad_already("health", Rule(kind="up"), readings([{"is_up": False, "lines": ("HTTP 503",)}])[0])
    assert not bad_already("health", Rule(kind="up"), readings([{"error": "no"}])[0])


def test_polls_of_a_window_are_put_together() -> None:
    polls = readings([{"samples": (1.0,)}, {"samples": (2.0, 3.0)}, {"error": "timed out"}], 5.0)
    assert merge(SLOW, polls).samples == (1.0, 2.0, 3.0)
    assert merge(SLOW, polls).window_s == 15
    numbers = readings([{"value": 95.0}, {"value": 70.0}, {"value": 99.0}], 5.0)
    assert merge(Rule(kind="value", limit=90), numbers).value == 70
    assert merge(Rule(kind="value", limit=90, below=True), numbers).value == 99
    assert merge(SLOW, polls[2:]).error == "timed out"
    assert merge(RATE, [replace(one, window_s=5) for one in rates((1, 10), (2, 20))]).total == 30


def test_the_arithmetic() -> None:
    assert wilson_low(6, 412) == pytest.approx(0.0067, abs=0.00005)
    assert wilson_low(0, 0) == 0
    assert [most_expected(mean) for mean in (0, 0.5, 2, 1000)] == [0, 4, 8, 1099]
    assert quantile_of((3.0, 1.0, 2.0), 0.5) == 2.0
    assert quantile_of((1.0,), 1.0) == 1.0
    with pytest.raises(ValueError, match="no samples"):
        quantile_of((), 0.5)
