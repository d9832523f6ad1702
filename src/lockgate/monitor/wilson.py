"""Two small pieces of arithmetic: the lower bound of a rate, and how many lines are still what was there before; pure.

Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927 (the score interval).
"""

from __future__ import annotations

import math

_Z95 = 1.959963984540054


def wilson_low(bad: float, total: float) -> float:
    """Return the lower end of the 95 % interval of a rate seen as ``bad`` of ``total``; 0 when nothing was seen."""
    if total <= 0:
        return 0.0
    rate, z2 = min(bad / total, 1.0), _Z95 * _Z95
    middle = rate + z2 / (2 * total)
    spread = _Z95 * math.sqrt(rate * (1 - rate) / total + z2 / (4 * total * total))
    return max((middle - spread) / (1 + z2 / total), 0.0)


def most_expected(mean: float, chance: float = 0.001) -> int:
    """Return the smallest count that is exceeded by less than this chance when ``mean`` are usual (Poisson)."""
    if mean <= 0:
        return 0
    if mean > 500:
        return math.ceil(mean + 3.1 * math.sqrt(mean))
    count, term = 0, math.exp(-mean)
    below = term
    while 1 - below >= chance:
        count += 1
        term *= mean / count
        below += term
    return count


def quantile_of(samples: tuple[float, ...], quantile: float) -> float:
    """Return the quantile of samples by nearest rank: one of them, never something in between.

    Raises:
        ValueError: There are none.
    """
    if not samples:
        raise ValueError("no samples")
    rank = math.ceil(round(quantile * len(samples), 9))
    return sorted(samples)[min(max(rank, 1), len(samples)) - 1]
