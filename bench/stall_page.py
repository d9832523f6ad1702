"""The table of stalls as Markdown, from the measured rows."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "stalls.md"
_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
_MARK = "<!-- measured -->"
_HEAD = (
    "| database | change | by | longest write stall ms | control ms | added p99 ms | p99 from schedule ms "
    "| longest read ms | errors | lost | takes s | revert: stall ms | revert: takes s | plain ÷ this |"
)


def text_of(rows: list[dict[str, Any]]) -> str:
    """Return the table; repeats of one pair give the median and, where they differ, the worst."""
    lines = [_HEAD, "|---" * (_HEAD.count("|") - 1) + "|"]
    pairs = sorted({(r["engine"], r["operation"]) for r in rows}, key=lambda p: _place(rows, p))
    for engine, operation in pairs:
        same = [r for r in rows if (r["engine"], r["operation"]) == (engine, operation)]
        lines += _lines(same)
    return "\n".join(lines) + "\n"


def write_page(rows: list[dict[str, Any]]) -> None:
    """Put the table into the documentation, below its mark."""
    head = PAGE.read_text(encoding="utf-8").split(_MARK)[0]
    PAGE.write_text(f"{head}{_MARK}\n\n{_told(rows)}\n{text_of(rows)}", encoding="utf-8")


def _place(rows: list[dict[str, Any]], pair: tuple[str, str]) -> tuple[int, int]:
    from bench.operations import ALL, OPERATIONS

    return ALL.index(pair[0]), [operation.name for operation in OPERATIONS].index(pair[1])


def _told(rows: list[dict[str, Any]]) -> str:
    days = sorted({r["at"][:10] for r in rows})
    versions = sorted({f"{_NAMES[r['engine']]} {r['version']}" for r in rows})
    sizes = sorted({r["rows"] for r in rows})
    return (
        f"Measured {' and '.join(days)} on {rows[0]['machine']}, {', '.join(versions)}, "
        f"{' and '.join(f'{size:,}' for size in sizes)} rows, at a load average of {_loads(rows)}. "
        "Where a change was measured more than once, the median stands first and the worst in brackets.\n"
    )


def _loads(rows: list[dict[str, Any]]) -> str:
    low, high = (pick(r["load_average"] for r in rows) for pick in (min, max))
    return f"{low:.0f} to {high:.0f}" if round(low) != round(high) else f"{low:.0f}"


def _lines(same: list[dict[str, Any]]) -> Iterable[str]:
    methods: dict[str, list[dict[str, Any]]] = {}
    for row in same:
        for method in row["methods"]:
            methods.setdefault(method["method"], []).append(method)
    plain = [m["parts"]["apply"]["stall"] for m in methods.get("plain DDL", []) if "apply" in m["parts"]]
    for name, found in methods.items():
        good = [m for m in found if m["parts"].get("apply")]
        size = "" if same[0]["rows"] == 1_000_000 else f", {same[0]['rows']:,} rows"
        head = f"| {_NAMES[same[0]['engine']]} | {same[0]['title']}{size} | {name}{_ways(good)} "
        bad = [m for m in found if m["status"] != "ok"]
        if not good or len(bad) == len(found):
            yield head + f"| {_short(found[0])} |" + " |" * 10
            continue
        yield head + "| " + " | ".join(_cells(good, plain if name != "plain DDL" else [])) + " |"


def _cells(found: list[dict[str, Any]], plain: Sequence[float]) -> list[str]:
    applied = [m["parts"]["apply"] for m in found]
    reverted = [m["parts"]["revert"] for m in found if "revert" in m["parts"]]
    stall = statistics.median(part["stall"] for part in applied)
    # Errors and losses are of every part of every run, not only of the first way there.
    errors = sum(sum(part["errors"].values()) for m in found for part in m["parts"].values())
    kinds = sorted({kind for m in found for part in m["parts"].values() for kind in part["errors"]})
    ratio = f"{statistics.median(plain) / stall:.1f}" if plain and stall else ""
    return [
        _ms([part["stall"] for part in applied]),
        _ms([m["control"]["stall"] for m in found]),
        _ms([max(0.0, m["parts"]["apply"]["p99"] - m["control"]["p99"]) for m in found]),
        _ms([part["co_p99"] for part in applied]),
        _ms([part["read_stall"] for part in applied]),
        f"{errors}" + (f" ({', '.join(kinds)})" if kinds else ""),
        str(sum(m["lost_or_altered"] for m in found)),
        f"{statistics.median(m['seconds']['apply'] for m in found):.1f}",
        _ms([part["stall"] for part in reverted]) if reverted else "",
        f"{statistics.median(m['seconds']['revert'] for m in found if 'revert' in m['seconds']):.1f}"
        if reverted
        else "",
        ratio,
    ]


def _ms(values: list[float]) -> str:
    middle, worst = statistics.median(values) * 1000, max(values) * 1000
    text = f"{middle:,.0f}"
    return text if len(values) == 1 else f"{text} ({worst:,.0f})"


def _ways(found: list[dict[str, Any]]) -> str:
    ways = sorted({way for m in found for way in m["strategies"] if way != "plain"})
    return f" ({', '.join(ways)})" if ways else ""


def _short(method: dict[str, Any]) -> str:
    note = " ".join(method["note"].replace("|", "/").split())
    return f"{method['status']}: {note[:160]}" if note else str(method["status"])
