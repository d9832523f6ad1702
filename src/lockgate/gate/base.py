"""What a check is given and what it answers; how all checks of a gate are asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from lockgate.errors import LockgateError
from lockgate.model.checks import Check
from lockgate.model.outcome import CheckResult, Evidence, FailureClass, Outcome, Verdict
from lockgate.model.procedure import Entry
from lockgate.outside.redact import redact
from lockgate.outside.shell import ShellResult


@dataclass(frozen=True)
class Answer:
    """What one check says. For UNKNOWN, ``found`` says why nothing could be measured."""

    outcome: Outcome
    expected: str
    found: str
    items: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    failure_class: FailureClass = FailureClass.PROCESS
    attempts: int = 1


@dataclass(frozen=True)
class CheckContext:
    """What checks may look at.

    ``folder`` is what relative paths are relative to, ``run_folder`` what paths of evidence are relative to;
    ``environment`` is what commands get. ``started`` are the beginnings
    of ``run``, ``phase`` and ``task`` (UTC). ``output`` is how the task's own command ended, None where there was none.
    ``entries`` are the journal so far; ``keep`` stores evidence. ``check`` is the id of the check that is asked
    (``gate-3/2``), put there by `run_checks`. ``facts`` are what else the caller knows; the keys that checks look for:
    ``runbook`` (the `Runbook`), ``digest`` (what approvals bind to), ``target`` (its name), ``state_dir`` (Path),
    ``logs`` (file by name), ``people`` (tuple of `Person`); without one, what needs it is unknown.
    """

    folder: Path
    environment: Mapping[str, str]
    started: Mapping[str, datetime]
    keep: Callable[[str, bytes], Evidence]
    entries: Sequence[Entry] = ()
    output: ShellResult | None = None
    phase: str = ""
    task: str = ""
    check: str = ""
    run_folder: Path | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    is_stopped: Callable[[], bool] = lambda: False
    facts: Mapping[str, Any] = field(default_factory=dict)


Evaluate: TypeAlias = Callable[[Any, CheckContext], Answer]


def run_checks(
    place: str, checks: Sequence[Check], context: CheckContext, evaluators: Mapping[str, Evaluate]
) -> tuple[CheckResult, ...]:
    """Ask every check, also after one failed. What cannot be asked is unknown."""
    return tuple(
        _run_one(f"{place}/{number}", check, context, evaluators) for number, check in enumerate(checks, start=1)
    )


def run_gate(gate: str, checks: Sequence[Check], context: CheckContext, evaluators: Mapping[str, Evaluate]) -> Verdict:
    """Ask all checks of a gate now, whatever was found before."""
    return Verdict(gate=gate, results=run_checks(gate, checks, context, evaluators), at=_stamp(context))


def _run_one(name: str, check: Check, context: CheckContext, evaluators: Mapping[str, Evaluate]) -> CheckResult:
    kind = str(type(check).__struct_config__.tag)
    started, at = time.monotonic(), _stamp(context)
    evaluate = evaluators.get(kind)
    try:
        answer = (
            evaluate(check, replace(context, check=name))
            if evaluate
            else _unknown(f"nothing here can ask a check of kind {kind}")
        )
    except LockgateError as error:
        answer = _unknown(str(error))
    wanted = check.failure_class
    return CheckResult(
        check=name,
        kind=kind,
        title=redact(check.title or title_of(check)),
        outcome=answer.outcome,
        expected=redact(answer.expected),
        found=redact(answer.found),
        failure_class=FailureClass(wanted) if wanted else answer.failure_class,
        items=tuple(map(redact, answer.items)),
        evidence=answer.evidence,
        at=at,
        duration_s=round(time.monotonic() - started, 3),
        attempts=answer.attempts,
    )


def title_of(check: Check) -> str:
    """Return words for a check that has none of its own: its kind and main field."""
    kind = str(type(check).__struct_config__.tag)
    fields = [name for name in check.__struct_fields__ if name not in ("title", "failure_class")]
    for name in fields:
        value = getattr(check, name)
        if isinstance(value, str | tuple) and value:
            prefix = "" if name == fields[0] else f"{name.rstrip('_')} "
            return f"{kind}: {prefix}{value if isinstance(value, str) else ', '.join(map(str, value))}"
    return kind


def _unknown(why: str) -> Answer:
    return Answer(Outcome.UNKNOWN, "an answer", why)


def _stamp(context: CheckContext) -> str:
    return context.now().astimezone(UTC).isoformat(timespec="seconds")
