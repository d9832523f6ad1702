"""The table of measured backups, and which goals are met; pure but for writing the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "backup-speed.md"
_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
_MARK = "<!-- measured -->"
_HEAD = (
    "| database | MB | usual s | create s | × faster | size ÷ usual | stock restore s | test restore s | ÷ | proof s "
    "| 1 % changed: bytes ÷ full | by | peak MB | lock ms | goals |"
)
FASTER, LARGER, LARGER_PAGES, SLOWER, INCREMENT, PEAK = 3.0, 1.0, 1.3, 1.0, 0.03, 200e6
"""At least so much faster, at most so much larger (SQLite's pages), restore, increment, bytes of memory."""


def goals_missed(row: dict[str, Any]) -> list[str]:
    """Return the goals a measurement misses, in words."""
    missed = []
    if row["usual_s"] / row["create_s"] < FASTER:
        missed.append("speed")
    if row["bytes"] / row["usual_bytes"] > (LARGER_PAGES if row["engine"] == "sqlite" else LARGER):
        missed.append("size")
    if row["restore_s"] / row["stock_restore_s"] > SLOWER:
        missed.append("restore")
    if row["increment_kind"] == "log" and row["increment_bytes"] / row["bytes"] > INCREMENT:
        missed.append("increment")
    if row["increment_level"] != "schema":
        missed.append("increment not proven")
    if max(row["create_peak_bytes"], row["verify_peak_bytes"]) > PEAK:
        missed.append("memory")
    return missed


def is_met(rows: list[dict[str, Any]]) -> bool:
    """Tell whether every goal is met."""
    return not any(goals_missed(row) for row in rows)


def text_of(rows: list[dict[str, Any]]) -> str:
    """Return the table."""
    lines = [_HEAD, "|---" * (_HEAD.count("|") - 1) + "|"]
    for row in rows:
        missed = goals_missed(row)
        cells = [
            f"{_NAMES[row['engine']]} {row['version']}",
            f"{row['mb']:g}",
            f"{row['usual_s']:.1f}",
            f"{row['create_s']:.1f}",
            f"{row['usual_s'] / row['create_s']:.1f}",
            f"{row['bytes'] / row['usual_bytes']:.2f}",
            f"{row['stock_restore_s']:.1f}",
            f"{row['restore_s']:.1f}",
            f"{row['restore_s'] / row['stock_restore_s']:.2f}",
            f"{row['verify_s']:.1f}",
            f"{100 * row['increment_bytes'] / row['bytes']:.1f} %",
            row["increment_kind"],
            f"{max(row['create_peak_bytes'], row['verify_peak_bytes']) / 1e6:.0f}",
            str(row["lock_held_ms"]),
            f"MISSED: {', '.join(missed)}" if missed else "met",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write_page(rows: list[dict[str, Any]]) -> None:
    """Put the table into the documentation, below its mark."""
    head = PAGE.read_text(encoding="utf-8").split(_MARK)[0]
    days = " and ".join(sorted({row["at"][:10] for row in rows}))
    told = f"Measured {days} on {rows[0]['machine']}.\n" if rows else "Not measured yet.\n"
    PAGE.write_text(f"{head}{_MARK}\n\n{told}\n{text_of(rows)}", encoding="utf-8")
