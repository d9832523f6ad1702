"""The tally of kills as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "kills.md"
_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
_MARK = "<!-- measured -->"
_COUNTS = ("kills", "undone", "finished", "ambiguous", "failed", "torn", "lost", "app_errors")


def text_of(rows: list[dict[str, Any]]) -> str:
    """Return the sums by database and what was killed, then every cell."""
    head = "killed | kills | undone | finished | ambiguous | failed | torn | lost | application errors |"
    lines = [f"| database | {head}", "|---" * 10 + "|"]
    for engine, killed in sorted({(row["engine"], row["killed"]) for row in rows}):
        same = [row for row in rows if (row["engine"], row["killed"]) == (engine, killed)]
        sums = [str(sum(row[count] for row in same)) for count in _COUNTS]
        lines.append(f"| {_NAMES[engine]} | {killed} | {' | '.join(sums)} |")
    lines += ["", f"| database | change | strategy | {head}", "|---" * 12 + "|"]
    for row in sorted(rows, key=lambda r: (r["engine"], r["operation"], r["strategy"], r["killed"])):
        if row["kills"]:
            cells = [str(row[count]) for count in _COUNTS]
            head_cells = (_NAMES[row["engine"]], row["operation"], row["strategy"], row["killed"])
            lines.append(f"| {' | '.join((*head_cells, *cells))} |")
    return "\n".join([*lines, *_stops(rows)]) + "\n"


def _stops(rows: list[dict[str, Any]]) -> list[str]:
    """Return the causes named where recovery stopped, each with the version it was found in."""
    found = []
    for row in rows:
        for example in row["examples"]:
            cause = [line for line in example["err"].splitlines() if line.startswith("cause:")]
            if example["kind"] != "application" and cause:
                place = f"{_NAMES[row['engine']]}, {row['operation']} ({row['strategy']}), {example['verb']}"
                found.append(
                    f"* {place}, at {row['commit']}: {example['kind']}: {cause[-1].removeprefix('cause:').strip()}"
                )
    return ["", "Where it stopped:", "", *found] if found else []


def write_page(rows: list[dict[str, Any]]) -> None:
    """Put the tally into the documentation, below its mark."""
    head = PAGE.read_text(encoding="utf-8").split(_MARK)[0]
    days = sorted({row["at"][:10] for row in rows if row["at"]})
    versions = sorted({f"{_NAMES[row['engine']]} {row['version']}" for row in rows if row["kills"]})
    told = f"Counted {' and '.join(days)} with {', '.join(versions)}.\n"
    PAGE.write_text(f"{head}{_MARK}\n\n{told}\n{text_of(rows)}", encoding="utf-8")
