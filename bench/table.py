"""The table of a measurement, and whether it meets the goals; pure."""

from __future__ import annotations

from typing import Any

GOAL_TABLES, GOAL_FACTOR, GOAL_EXTRA_S = 1000, 1.5, 0.5
RIVALS = ("alembic", "migra", "drizzle")
MEMORY_TABLES, MEMORY_BYTES = 5000, 1_000_000_000


def markdown_table(rows: list[dict[str, Any]]) -> tuple[str, bool]:
    """Return the table as Markdown, and whether every goal that was measured is met."""
    head = (
        "| engine | tables | floor s | drift s (cached SQL) | limit s | drift s (snapshot) | drift s (SQL, cold) | MB "
        "| Alembic s | Alembic / drift | migra s | migra / drift | drizzle-kit s | drizzle-kit / drift | goals |\n"
        + "|---" * 15
        + "|\n"
    )
    lines, is_met = [], True
    for row in rows:
        verdict = _verdict(row)
        is_met = is_met and not verdict.startswith("MISSED")
        lines.append(f"| {' | '.join([*_cells(row), verdict])} |")
    note = (
        "\nfloor: the catalogue queries of one inspection and their rows, nothing else. limit: "
        f"{GOAL_FACTOR} x floor + {GOAL_EXTRA_S} s. drift: the whole process, the quickest of three (cold: one). "
        "Alembic: its comparison alone. migra: two live databases. drizzle-kit: `pull` reads and writes, it compares "
        "nothing.\n"
    )
    return head + "\n".join(lines) + "\n" + note + _not_run(rows), is_met


def _not_run(rows: list[dict[str, Any]]) -> str:
    """Say of each rival without a number why it has none."""
    lines = []
    for name in RIVALS:
        for row in rows:
            reason = row.get(name, {}).get("not_run") or row.get(name, {}).get("error")
            if reason:
                lines.append(f"not run: {name} on {row['engine']} with {row['tables']} tables: {reason}")
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def limit_s(row: dict[str, Any]) -> float:
    """Return how long drift may take."""
    return GOAL_FACTOR * float(row["floor_s"]) + GOAL_EXTRA_S


def _verdict(row: dict[str, Any]) -> str:
    cached = row["cached"]
    if "seconds" not in cached:
        return f"MISSED: {cached['error'][:80]}"
    missed = []
    if row["tables"] <= GOAL_TABLES and cached["seconds"] > limit_s(row):
        missed.append("time")
    peak = max(_peak(row, name) for name in ("cold", "cached", "snapshot"))
    if row["tables"] >= MEMORY_TABLES and peak > MEMORY_BYTES:
        missed.append("memory")
    return f"MISSED: {', '.join(missed)}" if missed else "met"


def _cells(row: dict[str, Any]) -> list[str]:
    cached = _seconds(row, "cached")
    peak = max(_peak(row, name) for name in ("cold", "cached", "snapshot"))
    cells = [row["engine"], str(row["tables"]), f"{row['floor_s']:.2f}", _text(cached), f"{limit_s(row):.2f}"]
    cells += [_text(_seconds(row, "snapshot")), _text(_seconds(row, "cold")), f"{peak / 1e6:.0f}"]
    for rival in RIVALS:
        seconds = _seconds(row, rival)
        cells += [_text(seconds), f"{seconds / cached:.1f}" if seconds and cached else "-"]
    return cells


def _seconds(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name, {}).get("seconds")
    return None if value is None else float(value)


def _peak(row: dict[str, Any], name: str) -> int:
    return int(row[name].get("peak_bytes", 0))


def _text(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f}"
