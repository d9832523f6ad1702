"""Rules and numbers of monitors in words for people; pure."""

from __future__ import annotations

import re

from lockgate.model.runbook import Rule

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LARGEST_HARD = 0.999999


def seconds_of(text: str) -> float | None:
    """Read ``500ms``, ``30s``, ``5m``, ``2h`` or ``1d`` as seconds; None when it is something else."""
    match = _DURATION.fullmatch(text)
    return float(match[1]) * _UNITS_S[match[2]] if match else None


def tries_of(text: str) -> tuple[int, int] | None:
    """Read ``3/3`` (so many of so many) as numbers; None when it is something else."""
    match = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        return None
    return int(match[1]), int(match[2])


def hard_limit_of(rule: Rule) -> float:
    """Return above which rate one window is enough: as set, else 10 %, or twice a limit that is higher than 5 %."""
    return rule.hard_limit or min(max(0.10, 2 * rule.limit), _LARGEST_HARD)


def min_count_of(rule: Rule) -> int:
    """Return how many a window needs to be judged: as set, else 100 for a rate and 5 for a quantile."""
    return rule.min_count or {"rate": 100, "quantile": 5}.get(rule.kind, 1)


def percent(rate: float) -> str:
    """Return a part of one in percent: ``1.46 %``, ``10 %``."""
    return f"{100 * rate:.2f}".rstrip("0").rstrip(".") + " %"


def number(value: float) -> str:
    """Return a number with at most three digits after the point: ``6.2``, ``100``."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def describe_rule(rule: Rule) -> str:
    """Say in one line when a rule breaks, with every number that holds for it."""
    row = f"{rule.windows} windows of {rule.window} in a row" if rule.windows > 1 else f"one window of {rule.window}"
    match rule.kind:
        case "rate":
            return (
                f"the rate is above {percent(rule.limit)}: at least {min_count_of(rule)} in a window, the lower bound "
                f"(Wilson, 95 %) above the limit, {row}; above {percent(hard_limit_of(rule))} of at least "
                f"{rule.hard_min_count}: at once"
            )
        case "quantile":
            return f"p{number(100 * rule.quantile)} is above {number(rule.limit)} s, {row}"
        case "up":
            k, m = tries_of(rule.of) or (3, 3)
            return f"{k} of the last {m} tries fail, {rule.every} apart"
        case "none_of":
            least = "any line is" if rule.limit == 0 else f"more than {number(rule.limit)} lines in {rule.window} are"
            return f"{least} newer than the step's start, less what was there before the run"
        case _:
            side = "below" if rule.below else "above"
            return f"the value is {side} {number(rule.limit)}, {row}"
