"""The tally of faults in backups as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "backup-faults.md"
_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
_MARK = "<!-- measured -->"
_VERBS = ("create", "verify", "restore")


def text_of(rows: list[dict[str, Any]]) -> str:
    """Return the sums by database and command, then every fault."""
    lines = ["| database | command | faults | too late | did not hold |", "|---" * 5 + "|"]
    for engine in sorted({row["engine"] for row in rows}):
        for verb in (*_VERBS, ""):
            same = [row for row in rows if row["engine"] == engine and verb in ("", row["verb"])]
            if same:
                lines.append(f"| {_NAMES[engine]} | {verb or '**all**'} | {_sums(same)} |")
    lines += ["", "| command | fault | database | faults | too late | did not hold | exit codes |", "|---" * 7 + "|"]
    for row in sorted(rows, key=lambda row: (_VERBS.index(row["verb"]), row["fault"], row["engine"])):
        if row["faults"] or row["late"]:
            codes = ", ".join(f"{code} × {count}" for code, count in sorted(row["codes"].items()))
            lines.append(f"| {row['verb']} | {row['fault']} | {_NAMES[row['engine']]} | {_sums([row])} | {codes} |")
    return "\n".join([*lines, *_examples(rows)]) + "\n"


def _sums(rows: list[dict[str, Any]]) -> str:
    return " | ".join(str(sum(row[name] for row in rows)) for name in ("faults", "late", "violations"))


def _examples(rows: list[dict[str, Any]]) -> list[str]:
    found = [
        f"* {_NAMES[row['engine']]}, {row['verb']}, {row['fault']}, at {row['commit']}: {example['wrong'][0][:300]}"
        for row in rows
        for example in row["examples"]
    ]
    return ["", "What did not hold:", "", *found] if found else []


def write_page(rows: list[dict[str, Any]]) -> None:
    """Put the tally into the documentation, below its mark."""
    head = PAGE.read_text(encoding="utf-8").split(_MARK)[0]
    days = sorted({row["at"][:10] for row in rows if row["at"]})
    versions = sorted({f"{_NAMES[row['engine']]} {row['version']}" for row in rows if row["faults"]})
    told = f"Counted {' and '.join(days)} with {', '.join(versions)}.\n"
    PAGE.write_text(f"{head}{_MARK}\n\n{told}\n{text_of(rows)}", encoding="utf-8")
