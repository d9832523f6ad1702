"""What ticks an approval instead of a person: the backup, the rehearsal, messages, monitors, looked at now."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lockgate.cli.face import Face
from lockgate.errors import LockgateError

if TYPE_CHECKING:
    from lockgate.gate.approvals.state import MachineEvidence
    from lockgate.gate.base import CheckContext
    from lockgate.runbook.lock import Lock

_BACKUP_AGE = "24h"


def gather_evidence(face: Face, lock: Lock, kinds: set[str]) -> dict[str, MachineEvidence]:
    """Look for what a runbook's machine items ask for; what cannot be looked at is open, with the reason."""
    from lockgate.gate.approvals.state import MachineEvidence

    looks: dict[str, Callable[[Face, Lock], MachineEvidence]] = {
        "backup": _backup,
        "rehearsal": _rehearsal,
        "notified": _notified,
        "monitoring": _monitoring,
    }
    found = {}
    for kind in sorted(kinds):
        look = looks.get(kind)
        if look is None:
            found[kind] = MachineEvidence(False, f"nothing can show {kind}; known are {', '.join(looks)}")
            continue
        try:
            found[kind] = look(face, lock)
        except LockgateError as error:
            found[kind] = MachineEvidence(False, str(error))
    return found


def _backup(face: Face, lock: Lock) -> MachineEvidence:
    """A backup of this target, proven by restoring it, younger than a day."""
    from lockgate.model.checks import BackupCheck

    return _ask(face, lock, [("backup", BackupCheck(max_age=_BACKUP_AGE, verified=True))])


def _rehearsal(face: Face, lock: Lock) -> MachineEvidence:
    """Every plan the runbook applies was rehearsed, back and forth, as it is now."""
    from lockgate.gate.approvals.state import MachineEvidence
    from lockgate.model.actions import Apply
    from lockgate.model.checks import PlanCheck

    plans = dict.fromkeys(task.do.plan for task in lock.runbook.tasks if isinstance(task.do, Apply))
    if not plans:
        return MachineEvidence(False, "the runbook applies no plan that could be rehearsed")
    return _ask(face, lock, [("plan", PlanCheck(plan=plan, is_="rehearsed")) for plan in plans])


def _monitoring(face: Face, lock: Lock) -> MachineEvidence:
    """A made-up breach reached people within the last day."""
    from lockgate.cli.desk import now
    from lockgate.gate.approvals.state import MachineEvidence
    from lockgate.monitor.receipt import monitoring_evidence

    is_there, text = monitoring_evidence(face.settings.state_dir, now())
    return MachineEvidence(is_there, text)


def _notified(face: Face, lock: Lock) -> MachineEvidence:
    """The notice of exactly this runbook reached every channel it names, and failed at no address of theirs."""
    from lockgate.gate.approvals.state import MachineEvidence
    from lockgate.notify.ledger import ACKNOWLEDGED, SENT
    from lockgate.runbook.people_tools import ledger_of

    runbook = lock.runbook
    wanted = {m.channel for m in runbook.messages if m.when == "before" and m.channel}
    wanted = wanted or {contact.notify for contact in runbook.contacts if contact.notify}
    if not wanted:
        return MachineEvidence(False, "the runbook names no channel that is told before")
    prefix = f"plan/{runbook.runbook}/{lock.digest[:12]}/"
    lines = [line for line in ledger_of(face.settings.state_dir).read() if line.key.startswith(prefix)]
    last = {(line.key, line.channel, line.address): line for line in lines if line.state != ACKNOWLEDGED}
    failed = sorted({line.channel for line in last.values() if line.state != SENT})
    told = {line.channel for line in last.values()} - set(failed)
    missing = sorted(wanted - told - set(failed))
    problems = [f"not delivered: {', '.join(failed)}"] if failed else []
    problems += [f"not told yet: {', '.join(missing)} (lockgate notify plan)"] if missing else []
    return MachineEvidence(not problems, "; ".join(problems) or f"delivered to {', '.join(sorted(told))}")


def _ask(face: Face, lock: Lock, checks: list[tuple[str, object]]) -> MachineEvidence:
    from lockgate.cli.target_tools import make_target_tools
    from lockgate.gate.approvals.state import MachineEvidence
    from lockgate.model.outcome import Outcome
    from lockgate.runbook.checks.registry import build_evaluate

    evaluate = build_evaluate(make_target_tools(face))
    with tempfile.TemporaryDirectory() as folder:
        answers = [evaluate[kind](check, _context(Path(lock.folder), Path(folder))) for kind, check in checks]
    is_there = all(answer.outcome is Outcome.OK for answer in answers)
    shown = [a for a in answers if a.outcome is not Outcome.OK] or answers
    return MachineEvidence(is_there, "; ".join(answer.found for answer in shown))


def _context(folder: Path, kept: Path) -> CheckContext:
    from lockgate.cli.desk import now
    from lockgate.gate.base import CheckContext
    from lockgate.model.outcome import Evidence
    from lockgate.outside.shell import build_environment

    at: datetime = now()
    return CheckContext(
        folder=folder,
        environment=build_environment(os.environ),
        started={"run": at, "phase": at, "task": at},
        keep=lambda name, data: Evidence(name=name, bytes=len(data)),
        run_folder=kept,
    )
