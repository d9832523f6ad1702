"""Ask and measure every operation on every server version at hand, and write the table of answers; `make agreement`.

Usage: python -m tests.agreement [--write] [--few-rows] [FLAVOR@SERIES …]

With few rows nobody's waiting is measured on MySQL and MariaDB, only which tables are built again.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from lockgate.engine import load_engine
from lockgate.engine.private import FLAVORS, PrivateServer, find_binaries, private_server
from lockgate.engine.private.binaries import version_matches
from lockgate.errors import LockgateError
from tests.agreement.measure import Answer, ask

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/agreement.md"
ROWS = {"postgres": 1, "mysql": 200_000, "mariadb": 200_000}
_numbers = itertools.count(1)


def main() -> int:
    """Run all versions; print the disagreements, write the page when asked to; 1 when there are any."""
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    rows = dict.fromkeys(ROWS, 2_000) if "--few-rows" in sys.argv else ROWS
    results: list[tuple[str, list[Answer]]] = []
    for flavor, version in versions(wanted):
        with private_server(flavor, version) as running:
            server, answers = ask(flavor, lambda running=running: make(running), rows[flavor])
        results.append((f"{server.flavor} {'.'.join(map(str, server.version))}", answers))
        wrong = [text for answer in answers for text in answer.disagreements()]
        say(f"{results[-1][0]}: {len(answers)} operations, {len(wrong)} disagreements")
        for text in wrong:
            say(f"  {text}")
    if "--write" in sys.argv:
        PAGE.write_text(page(results))
    return int(any(answer.disagreements() for _, answers in results for answer in answers))


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def versions(wanted: list[str]) -> list[tuple[str, tuple[int, ...]]]:
    """Return the flavors and series to run: all that this machine has, the oldest first."""
    found = []
    for flavor in FLAVORS:
        kind = FLAVORS[flavor]
        series = {binary.version[: kind.series_length] for binary in find_binaries(flavor, kind.programs)}
        found += [(flavor, one) for one in sorted(series)]
    if not wanted:
        return found
    asked = [(text.partition("@")[0], tuple(map(int, text.partition("@")[2].split(".")))) for text in wanted]
    return [one for one in found if any(one[0] == f and version_matches(one[1], v, len(v)) for f, v in asked)]


def make(running: PrivateServer) -> str:
    """Make an empty database on a private server and return its URL."""
    name = f"agree{next(_numbers)}"
    target = running.target()
    engine = load_engine(target.engine)
    session = engine.connect(target)
    try:
        session.execute(f"CREATE DATABASE {name}")
    except LockgateError as error:
        raise SystemExit(str(error)) from None
    finally:
        session.close()
    return running.url(name)


def page(results: list[tuple[str, list[Answer]]]) -> str:
    """Return the page: one table an engine, a row an operation, a column a version."""
    lines = ["# What each server does", "", _INTRODUCTION]
    if "--few-rows" in sys.argv:
        lines += ["", "This run had few rows: on MySQL and MariaDB it did not measure who waits, only what is rebuilt."]
    count = sum(len(answer.disagreements()) for _, answers in results for answer in answers)
    lines += ["", f"Disagreements: {count}."]
    for names, title in ((("postgres",), "PostgreSQL"), (("mysql", "mariadb"), "MySQL and MariaDB")):
        mine = [(name, answers) for name, answers in results if name.startswith(names)]
        if not mine:
            continue
        lines += ["", f"## {title}", "", "| operation | " + " | ".join(name for name, _ in mine) + " |"]
        lines.append("|---" * (len(mine) + 1) + "|")
        by_name = [{answer.sql: answer for answer in answers} for _, answers in mine]
        for sql in dict.fromkeys(answer.sql for _, answers in mine for answer in answers):
            cells = [cell(found.get(sql)) for found in by_name]
            lines.append(f"| `{sql.replace('|', chr(92) + '|')}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def cell(answer: Answer | None) -> str:
    """Return what a server does in a few words."""
    if answer is None:
        return "not there"
    probed = answer.probed
    if probed is None:
        return answer.claim.blocks.value.replace("_", " ")
    words = [probed.blocks.value.replace("_", " ")]
    words += ["rewrites"] if probed.rewrites else ["scans"] if probed.scans else []
    words += [probed.algorithm] if probed.algorithm else []
    return ", ".join(words)


_INTRODUCTION = """What others cannot do while an operation runs, whether it scans or writes all rows, and the
algorithm: as the probe finds it out on an empty copy at plan time. `make agreement` asks each server at hand, does the
same on a table with rows, and compares both with the tables of locks; this page is what it wrote."""

if __name__ == "__main__":
    sys.exit(main())
