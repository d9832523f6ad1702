"""Run a command and read what it found; find the baseline a run recorded."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import ArtifactError
from lockgate.gate.asking import why_not_run
from lockgate.gate.baseline.findings import Baseline, Findings
from lockgate.gate.baseline.parse import parse_output
from lockgate.model import codec
from lockgate.model.procedure import Entry, effects_of
from lockgate.outside.shell import ShellResult, run_shell

_MOST_CHARACTERS = 64 << 20


@dataclass(frozen=True)
class Looked:
    """How a command ended and what it found; ``problem`` says why that is not known (empty: it is)."""

    result: ShellResult
    findings: Findings
    problem: str = ""


def look(
    command: str,
    parser: str,
    *,
    folder: Path,
    environment: Mapping[str, str],
    is_stopped: Callable[[], bool],
    timeout_s: float = 3600.0,
) -> Looked:
    """Run a command and read its whole output, or the files that ``parser`` names (``junit:reports/*.xml``)."""
    lines: list[str] = []
    size = 0

    def take(line: str) -> None:
        nonlocal size
        size += len(line) + 1
        if size <= _MOST_CHARACTERS:
            lines.append(line)

    started = time.time()
    result = run_shell(
        command,
        folder=folder,
        environment=environment,
        timeout_s=timeout_s,
        is_stopped=is_stopped,
        on_line=take,
    )
    if size > _MOST_CHARACTERS:
        return Looked(result, Findings(parser), "the output is larger than 64 MB")
    return read_result(result, "\n".join(lines), parser, folder, started)


def read_result(result: ShellResult, text: str, parser: str, folder: Path, started: float = 0.0) -> Looked:
    """Read the output of a command that ended."""
    why = why_not_run(result)
    if why:
        return Looked(result, Findings(parser), why)
    assert result.code is not None
    if parser.startswith("junit:"):
        text, why = _report_files(parser.removeprefix("junit:"), folder, started)
        if why:
            return Looked(result, Findings("junit"), why)
        parser = "junit"
    findings = parse_output(text, parser, result.code, str(folder.resolve()))
    return Looked(result, findings, findings.problem)


def _report_files(pattern: str, folder: Path, started: float) -> tuple[str, str]:
    """Return the text of the reports this command wrote, and why there is none; an older file is none."""
    files = [path for path in sorted(folder.glob(pattern)) if path.is_file()]
    fresh = [path for path in files if path.stat().st_mtime >= started - 1.0]
    if not fresh:
        return "", f"the command wrote no report {pattern}" + (" (an older one is there)" if files else "")
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in fresh), ""


def baseline_of(command: str, name: str, looked: Looked, at: str) -> Baseline:
    """Return what is kept of a first look."""
    found = looked.findings
    return Baseline(
        name=name,
        command=command,
        parser=found.parser,
        code=looked.result.code or 0,
        failed=dict(found.failed),
        tests=tuple(sorted(found.tests)),
        skipped=tuple(sorted(found.skipped)),
        ran=found.ran,
        at=at,
    )


def find_baseline(
    name: str, command: str, entries: Sequence[Entry], run_folder: Path | None, folder: Path
) -> tuple[Baseline | None, str]:
    """Return a baseline and why there is none.

    ``name`` is one of this run's, or a JSON file of the repository; without a name it is the one of the same command,
    else the only one.
    """
    if name.endswith(".json"):
        return _read(folder / name, "")
    effects = effects_of(entries, "baseline")
    if not name:
        same = [e for e in effects if _squeeze(str(e.body.get("command", ""))) == _squeeze(command)]
        names = {str(e.body.get("id")) for e in effects}
        if not same and len(names) > 1:
            return None, f"the check names no baseline, and none of {', '.join(sorted(names))} is of this command"
        effects = tuple(same) or effects
    else:
        effects = tuple(e for e in effects if e.body.get("id") == name)
    if not effects:
        return None, f"no baseline{f' {name}' if name else ''} was taken in this run"
    if run_folder is None:
        return None, "the run's folder is not known"
    body = effects[-1].body
    return _read(run_folder / str(body.get("path", "")), str(body.get("sha256", "")))


def _read(path: Path, sha256: str) -> tuple[Baseline | None, str]:
    try:
        data = path.read_bytes()
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            return None, f"the baseline {path.name} was changed after it was taken"
        return codec.decode(data, Baseline, f"the baseline {path.name}"), ""
    except OSError as error:
        return None, f"the baseline {path.name} cannot be read: {error.strerror}"
    except ArtifactError as error:
        return None, str(error)


def _squeeze(command: str) -> str:
    return re.sub(r"\s+", " ", command).strip()
