"""What a command found, by identities that outlive edits, and what is new against a baseline; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from lockgate.model.schema import Value

FORMAT_VERSION = 1
_PLACE = re.compile(r"(:\d+:\d+|\(\d+,\d+\)|\bline \d+\b)")


@dataclass(frozen=True)
class Findings:
    """What one output says.

    ``failed`` counts identities (a test's id; file, code and message of a finding, without its line). ``tests`` are the
    ids of all that really ran, as far as the output names them; ``ran`` how many that were. ``problem`` says why the
    output does not tell all (empty: it does). ``words`` shows an identity with its line.
    """

    parser: str
    failed: Mapping[str, int] = field(default_factory=dict)
    tests: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    retried: Mapping[str, int] = field(default_factory=dict)
    ran: int = 0
    problem: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many failures there are, equal ones counted each."""
        return sum(self.failed.values())


class Baseline(Value, frozen=True, omit_defaults=False):
    """What a command found at one time; kept as evidence of a run or as a file of the repository."""

    name: str
    command: str
    parser: str
    code: int
    failed: dict[str, int] = msgspec.field(default_factory=dict)
    tests: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    ran: int = 0
    at: str = ""
    format_version: int = FORMAT_VERSION

    @property
    def total(self) -> int:
        """How many failures were there already."""
        return sum(self.failed.values())


@dataclass(frozen=True)
class Difference:
    """What is worse than before: ``new`` failures (with how many more), tests that are ``gone`` or ``skipped`` now, and
    by how many ``fewer`` tests ran where the output names none."""

    new: Mapping[str, int]
    gone: tuple[str, ...]
    skipped: tuple[str, ...]
    fewer: int

    @property
    def is_worse(self) -> bool:
        """Whether anything is."""
        return bool(self.new or self.gone or self.skipped or self.fewer)


def identity(file: str, code: str, message: str, folder: str = "") -> str:
    """Return what names a finding whatever line it stands in."""
    if folder and file.startswith(folder.rstrip("/") + "/"):
        file = file[len(folder.rstrip("/")) + 1 :]
    words = " ".join(_PLACE.sub("", message).split())
    return " ".join(part for part in (file.removeprefix("./"), code, words) if part)


def compare_findings(now: Findings, before: Baseline) -> Difference:
    """Return what is worse now; fewer failures of the same set are no difference."""
    more = {name: count - before.failed.get(name, 0) for name, count in now.failed.items()}
    present = now.tests | set(now.failed)
    lost = [name for name in before.tests if name not in present]
    fewer = before.ran - now.ran if not (before.tests and now.tests) else 0
    return Difference(
        new={name: count for name, count in sorted(more.items()) if count > 0},
        gone=tuple(name for name in lost if name not in now.skipped) if now.tests else (),
        skipped=tuple(name for name in lost if name in now.skipped),
        fewer=max(fewer, 0),
    )


def merge_findings(parts: Iterable[Findings]) -> Findings:
    """Return several outputs' findings as one's."""
    found = list(parts)
    failed: dict[str, int] = {}
    words: dict[str, str] = {}
    retried: dict[str, int] = {}
    for part in found:
        for name, count in part.failed.items():
            failed[name] = failed.get(name, 0) + count
        words.update(part.words)
        retried.update(part.retried)
    return Findings(
        parser="+".join(dict.fromkeys(part.parser for part in found)),
        failed=failed,
        tests=frozenset().union(*(part.tests for part in found)),
        skipped=frozenset().union(*(part.skipped for part in found)),
        retried=retried,
        ran=sum(part.ran for part in found),
        problem="; ".join(part.problem for part in found if part.problem),
        words=words,
    )
