"""Where the approval of a compiled runbook stands, read from the files of a project: for engine and faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from lockgate.errors import ApprovalMissing
from lockgate.gate.approvals.counting import UNKNOWN_EDITOR, Counting
from lockgate.gate.approvals.editors import editors_of, uncommitted_owner
from lockgate.gate.approvals.policy import policy_of
from lockgate.gate.approvals.records import read_records
from lockgate.gate.approvals.signing import make_verify
from lockgate.gate.approvals.state import ApprovalFacts, ApprovalState, MachineEvidence, approvals_state
from lockgate.gate.approvals.waivers import waivers_of
from lockgate.model.approval import ApprovalRecord, Person, find_person
from lockgate.model.outcome import Waiver
from lockgate.runbook.lock import Lock


@dataclass(frozen=True)
class Desk:
    """What approvals of this project are judged by: where records are, who is who, whose signatures hold."""

    state_dir: Path
    people: tuple[Person, ...]
    now: Callable[[], datetime]
    allowed_signers: Path | None = None
    is_signature_needed: bool = False
    is_protected: bool = False
    evidence: Mapping[str, MachineEvidence] = field(default_factory=dict)

    def records(self, digest: str, folder: Path) -> tuple[ApprovalRecord, ...]:
        """Return all records of a digest, their signatures checked now.

        Raises:
            ArtifactError, RefusedError: One was changed or is signed by nobody allowed.
        """
        return read_records(self.state_dir, digest, make_verify(self.allowed_signers, folder))

    def counting(self, lock: Lock | None = None) -> Counting:
        """Return what records are judged by now; with a lock, by who wrote its file too."""
        excluded = editors_of_lock(lock, self.people) if lock is not None else {}
        return Counting(self.now(), self.people, excluded, self.is_signature_needed)

    def facts(self, lock: Lock) -> dict[str, Any]:
        """Return what checks are handed of all this; see `CheckContext`."""
        return {
            "runbook": lock.runbook,
            "digest": lock.digest,
            "target": lock.target,
            "state_dir": self.state_dir,
            "people": self.people,
            "allowed_signers": self.allowed_signers,
            "is_signature_needed": self.is_signature_needed,
        }


def editors_of_lock(lock: Lock, people: tuple[Person, ...] = ()) -> Mapping[str, tuple[str, ...]]:
    """Return who wrote a runbook and the files it runs: its own word, git, or the owner while it is not committed.

    An owner who is nobody of ``people`` is an account that several share: then its editor is not known.
    """
    own = (lock.runbook.author,) if lock.runbook.author else ()
    if not lock.source:
        return {"author": own, "last_editor": ()}
    path = Path(lock.source).resolve()
    owner = uncommitted_owner(path)
    committed = [file for file in (Path(lock.folder) / name for name in lock.files) if not uncommitted_owner(file)]
    editors = editors_of([path, *committed], lock.runbook.author)
    if not owner or not people or find_person(people, owner):
        return editors
    return {
        why: tuple(UNKNOWN_EDITOR if name == owner and name not in own else name for name in names)
        for why, names in editors.items()
    }


def state_of_lock(desk: Desk, lock: Lock) -> ApprovalState:
    """Return what is approved of a lock and who is missing, judged now."""
    facts = ApprovalFacts(desk.counting(lock), desk.evidence, desk.is_protected)
    return approvals_state(lock.runbook, lock.digest, desk.records(lock.digest, _folder(lock)), facts)


def waivers_of_lock(desk: Desk, lock: Lock) -> tuple[Waiver, ...]:
    """Return the waivers of a lock that hold now."""
    roles = policy_of(lock.runbook, is_protected=desk.is_protected).roles
    return waivers_of(desk.records(lock.digest, _folder(lock)), lock.digest, roles, desk.counting())


def require_approvals(desk: Desk, lock: Lock) -> ApprovalState:
    """Return the state of a lock that may run.

    Raises:
        ApprovalMissing: Somebody or something is missing; says who and what.
    """
    state = state_of_lock(desk, lock)
    if state.is_complete:
        return state
    unfit = "; ".join(f"{record.by} does not count: {record.why_not}" for record in state.not_counted[:3])
    raise ApprovalMissing(
        f"the runbook {lock.runbook.runbook} {state.headline}",
        where=f"digest {lock.digest[:12]}",
        cause="; ".join((*(f"missing: {text}" for text in state.missing), *([unfit] if unfit else []))),
        state="nothing was run",
        hint=f"a person runs: lockgate runbook approve {lock.source or 'RUNBOOK'} --role ROLE",
    )


def admitted_by(state: ApprovalState) -> dict[str, Any]:
    """Return the body of the entry ``admitted``: what let the run begin."""
    return {"approvals": state.approvals, "items": state.items, "waivers": state.waivers}


def _folder(lock: Lock) -> Path:
    return Path(lock.folder) if lock.folder else Path.cwd()
