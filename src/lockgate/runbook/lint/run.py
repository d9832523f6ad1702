"""Lint a runbook or a Markdown plan: read it, ask every rule, report what was found and how much was looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lockgate.errors import SourceError
from lockgate.model.finding import FindingReport, build_finding_report
from lockgate.model.runbook import counts_of
from lockgate.runbook.lint.rules import CHECKS
from lockgate.runbook.lint.sheet import Sheet, Text
from lockgate.runbook.load import is_markdown, load_runbook
from lockgate.runbook.markdown.repair import decode_text
from lockgate.runbook.read import ReadRunbook

_COUNTED = ("phases", "tasks", "gates", "gate_checks", "rollback_levels", "triggers", "approvals", "contacts")
_SCRIPT = re.compile(r"(?<![\w/.-])((?:\.{0,2}/)?(?:[\w-]+/)*[\w.-]+\.(?:sh|py|ts|js|mjs|cjs|rb|php|pl))\b")
_MOST_BYTES = 500_000


def lint_runbook(
    path: Path, others: Sequence[Path] = (), people: Mapping[str, tuple[str, ...]] | None = None
) -> FindingReport:
    """Lint a file, YAML or Markdown, with the documents beside it (a report, another plan).

    Raises:
        SourceError: A file cannot be read or is no runbook.
    """
    read = load_runbook(path)
    sheet = make_sheet(read, read_text(path), tuple(Text(str(p), tuple(read_text(p).splitlines())) for p in others))
    return lint_sheet(replace(sheet, people=people or None))


def make_sheet(read: ReadRunbook, text: str, others: tuple[Text, ...] = ()) -> Sheet:
    """Return what is linted; scripts that the text names are read where they are beside it."""
    folder = Path(read.source.file).parent
    return Sheet(
        runbook=read.runbook,
        source=read.source,
        lines=tuple(text.splitlines()),
        is_markdown=is_markdown(Path(read.source.file)),
        repaired=read.repaired,
        others=others,
        folder_files=_scripts(folder, text),
    )


def lint_sheet(sheet: Sheet) -> FindingReport:
    """Ask every rule."""
    findings = [finding for check in CHECKS for finding in check(sheet)]
    counts = counts_of(sheet.runbook)
    checked = {"rules": 0, **{name.replace("_", " "): counts[name] for name in _COUNTED}, "commands": len(sheet.spoken)}
    if sheet.runbook.tasks:
        checked["rules"] = len(CHECKS)
    is_there = any(count for name, count in checked.items() if name != "rules")
    return build_finding_report("runbook lint", sheet.source.file, findings, checked if is_there else {})


def read_text(path: Path) -> str:
    """Return the text of a document, mended where it was encoded twice."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read", file=str(path), cause=error.strerror or str(error)) from None
    return decode_text(data).text


def _scripts(folder: Path, text: str) -> dict[str, str]:
    """Return the texts of scripts a plan names, as far as they are files below its folder."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(match.group(1) for match in _SCRIPT.finditer(text)):
        path = folder / name
        try:
            if ".." not in Path(name).parts and path.is_file() and path.stat().st_size <= _MOST_BYTES:
                found[name.removeprefix("./")] = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    return found
