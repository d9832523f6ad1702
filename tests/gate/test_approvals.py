"""Who may approve and waive what, what counts, and that no unknown opens a gate."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lockgate.errors import ArtifactError, ConfigError, RefusedError
from lockgate.gate.approvals.counting import Counting
from lockgate.gate.approvals.editors import digest_of_files, editors_of
from lockgate.gate.approvals.records import find_record, read_records, write_record
from lockgate.gate.approvals.signing import make_verify, sign_record, verify_tag
from lockgate.gate.approvals.state import ApprovalFacts, ApprovalState, MachineEvidence, approvals_state
from lockgate.gate.approvals.waivers import apply_waivers, why_not_waive
from lockgate.gate.base import CheckContext
from lockgate.gate.evaluators import EVALUATORS
from lockgate.model.approval import ApprovalRecord, Person, RecordKind, with_id
from lockgate.model.checks import ApprovalCheck
from lockgate.model.outcome import CheckResult, FailureClass, Outcome, Verdict, Waiver, worst_of
from lockgate.model.runbook import ApprovalItem, ApprovalPolicy, Phase, Risk, Runbook

Make = Callable[..., CheckContext]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = (NOW + timedelta(hours=5)).isoformat()
DIGEST = "d" * 64
PEOPLE = (
    Person("ada", "Ada L", ("ada@example.org",), ("dba",), 2),
    Person("bob", "Bob", (), ("lead", "dba"), 3),
    Person("cyd", "Cyd", (), ("dev",), 1),
)
TWO = ApprovalPolicy(quorum=2, roles=("dba", "lead"), not_=("author", "last_editor"))


def record(kind: RecordKind = RecordKind.APPROVE, by: str = "ada", role: str = "dba", **more: Any) -> ApprovalRecord:
    given = {"digest": DIGEST, "at": "2026-11-22T10:00:00+00:00", "expires": LATER, **more}
    return with_id(ApprovalRecord(kind=kind, by=by, role=role, **given))


def judge(
    *records: ApprovalRecord,
    policy: ApprovalPolicy = TWO,
    excluded: dict[str, tuple[str, ...]] | None = None,
    runbook: Runbook | None = None,
    is_protected: bool = False,
    is_signature_needed: bool = False,
    **evidence: MachineEvidence,
) -> ApprovalState:
    counting = Counting(NOW, PEOPLE, excluded or {}, is_signature_needed)
    facts = ApprovalFacts(counting, evidence, is_protected)
    return approvals_state(runbook or Runbook("r", approvals=policy), DIGEST, records, facts)


def test_a_quorum_of_two_roles_takes_two_people() -> None:
    state = judge()
    assert state.missing == ("an approval as dba (ada or bob)", "an approval as lead (bob)")
    assert state.headline == "needs approval (0/2)"
    assert judge(record()).missing == ("an approval as lead (bob)",)
    assert judge(record(), record(by="bob", role="lead")).headline == "ready"
    assert not judge(record(by="bob", role="dba"), record(by="bob", role="lead")).is_complete
    assert judge(record(by="bob", role="dba"), record(by="bob", role="lead"), record()).is_complete
    assert not judge(record(), record(by="bob", role="dba")).is_complete


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (record(digest="e" * 64), "another digest"),
        (record(expires="2026-11-22T11:59:59+00:00"), "expired"),
        (record(expires=""), "no end"),
        (record(by="cyd", role="dba"), "cyd is not dba"),
        (record(by="eve"), "nobody of [people]"),
        (record(by="cyd", role="dev"), "asks for dba or lead"),
        (record(signed_by="bob"), "signed by bob"),
    ],
)
def test_what_does_not_count_says_why(wrong: ApprovalRecord, why: str) -> None:
    state = judge(wrong)
    assert state.approvals == () and why in state.not_counted[0].why_not


@pytest.mark.parametrize("name", ["ada", "Ada L", "ADA@example.org", "Ada Lovelace <ada@example.org>"])
@pytest.mark.parametrize("what", ["author", "last_editor"])
def test_who_wrote_it_may_not_approve_it_under_any_name(name: str, what: str) -> None:
    state = judge(record(), excluded={what: (name,)})
    assert "who may not approve it" in state.not_counted[0].why_not
    other = judge(record(by="bob", account="ada"), excluded={what: (name,)})
    assert other.approvals == ()
    free = ApprovalPolicy(quorum=1)
    assert judge(record(), policy=free, excluded={what: (name,)}).is_complete


def test_revoked_by_the_same_or_a_higher_rank_only() -> None:
    given = record()
    for name, counts in (("ada", False), ("bob", False), ("cyd", True)):
        taken = record(RecordKind.REVOKE, by=name, role="", record=given.id)
        assert bool(judge(given, taken).approvals) is counts


def test_a_role_can_be_lent_by_who_has_it_until_a_day() -> None:
    lent = record(RecordKind.DELEGATE, by="bob", role="lead", to="cyd", digest="")
    stood_in = record(by="cyd", role="lead")
    assert judge(record(), stood_in, lent).is_complete
    assert not judge(record(), stood_in, replace(lent, by="ada")).is_complete
    assert not judge(record(), stood_in, replace(lent, expires="2026-11-01")).is_complete
    assert not judge(record(), stood_in, lent, excluded={"author": ("Bob",)}).is_complete
    again = record(RecordKind.DELEGATE, by="cyd", role="lead", to="ada", digest="")
    assert not judge(record(role="lead"), record(by="bob"), lent, again).is_complete


def test_high_risk_on_a_protected_target_takes_two_who_wrote_nothing_of_it() -> None:
    def plan(risk: Risk) -> Runbook:
        return Runbook("r", phases=(Phase("1", "one", risk=risk),))

    state = judge(record(), runbook=plan(Risk.HIGH), is_protected=True, excluded={"author": ("ada",)})
    assert (state.quorum, state.not_, state.approvals) == (2, ("author", "last_editor"), ())
    assert judge(runbook=plan(Risk.LOW), is_protected=True).is_complete
    assert judge(runbook=plan(Risk.HIGH)).is_complete
    assert judge(record(), runbook=plan(Risk.MEDIUM), is_protected=True).is_complete


ITEMS = ApprovalPolicy(
    items=(
        ApprovalItem("QA review", claimed=True),
        ApprovalItem("Technical review", roles=("lead",)),
        ApprovalItem("Backup verified", evidence="backup"),
        ApprovalItem("Rollback tested", evidence="rehearsal", claimed=True),
    )
)


def test_machine_items_are_ticked_by_evidence_only() -> None:
    by_hand = record(by="bob", role="lead", item="Backup verified")
    state = judge(by_hand, record(by="bob", role="lead"), policy=ITEMS)
    assert [item.state for item in state.items] == ["claimed", "approved", "open", "open"]
    assert state.headline == "needs approval (1/4)"
    found = MachineEvidence(True, "b-1, proven 3 minutes ago")
    state = judge(
        record(by="bob", role="lead"), record(by="ada", item="QA review"), policy=ITEMS, backup=found, rehearsal=found
    )
    assert state.is_complete and state.items[2].by == "lockgate" and "b-1" in state.items[2].why
    failed = judge(policy=ITEMS, backup=MachineEvidence(False, "the newest is 3 days old"))
    assert failed.items[2].state == "open" and "3 days" in failed.items[2].why


@pytest.mark.parametrize(
    ("by", "reason", "until", "why"),
    [
        ("bob", "known, ticket 7", LATER, ""),
        ("bob", " ", LATER, "needs a reason"),
        ("bob", "known", "", "needs an end"),
        ("bob", "known", "2026-11-01", "over already"),
        ("ada", "known", LATER, "rank 2, this takes rank 3"),
        ("eve", "known", LATER, "nobody of [people]"),
    ],
)
def test_a_waiver_needs_reason_end_and_rank(by: str, reason: str, until: str, why: str) -> None:
    found = why_not_waive(by, "", reason, until, ("dba", "lead"), Counting(NOW, PEOPLE))
    assert why in found and bool(why) == bool(found)
    waive = record(RecordKind.WAIVE, by=by, role="", comment=reason, expires=until, check="gate-1/2")
    assert bool(judge(waive).waivers) == (not why)


def _result(check: str, outcome: Outcome) -> CheckResult:
    return CheckResult(check, "exit", "t", outcome, "e", "f", FailureClass.CODE)


_OUTCOMES = st.lists(st.sampled_from([Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN]), max_size=6)


@settings(max_examples=150, deadline=None)
@given(_OUTCOMES, st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)))
def test_a_gate_opens_only_on_ok_or_waived_and_never_on_nothing(
    outcomes: list[Outcome], waived: set[int], expired: set[int]
) -> None:
    verdict = Verdict("g", tuple(_result(f"g/{n}", outcome) for n, outcome in enumerate(outcomes)))
    waivers = [Waiver(f"g/{n}", "bob", "lead", "why", "2026-01-01" if n in expired else LATER, "") for n in waived]
    after = apply_waivers(verdict, waivers, NOW)
    holds = waived - expired
    expected = bool(outcomes) and all(o is Outcome.OK or n in holds for n, o in enumerate(outcomes))
    assert after.is_open is expected
    assert verdict.is_open is (bool(outcomes) and set(outcomes) == {Outcome.OK})
    assert after.outcome is worst_of(r.outcome for r in after.results)
    assert all(r.waiver is None for r, o in zip(after.results, outcomes, strict=True) if o is Outcome.OK)


def test_records_are_kept_once_and_refused_when_changed(tmp_path: Path) -> None:
    kept, path = write_record(tmp_path, record())
    assert read_records(tmp_path, DIGEST) == (kept,)
    assert find_record(tmp_path, kept.id[:6]) == kept
    with pytest.raises(ConfigError, match="recorded"):
        write_record(tmp_path, record())
    with pytest.raises(ConfigError, match="no record"):
        find_record(tmp_path, "zzz")
    path.write_text(path.read_text().replace('"ada"', '"bob"'))
    with pytest.raises(ArtifactError, match="refused"):
        read_records(tmp_path, DIGEST)


def test_a_record_moved_to_another_digest_is_refused(tmp_path: Path) -> None:
    _, path = write_record(tmp_path, record())
    other = path.parent.with_name("e" * 64)
    path.parent.rename(other)
    with pytest.raises(ArtifactError, match="refused"):
        read_records(tmp_path, "e" * 64)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ada", "eve"):
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(argv, check=True)
    public = (folder / "ada.pub").read_text()
    (folder / "allowed").write_text(f"ada@example.org {public}")
    return folder


def test_signed_approvals_hold_and_changed_ones_are_refused(tmp_path: Path, keys: Path) -> None:
    verify = make_verify(keys / "allowed", tmp_path)
    good = record()
    good = replace(good, signature=sign_record(good, keys / "ada"))
    write_record(tmp_path, good)
    read = read_records(tmp_path, DIGEST, verify)
    assert read[0].signed_by == "ada@example.org"
    one = ApprovalPolicy(quorum=1)
    assert judge(*read, policy=one, is_signature_needed=True).is_complete
    assert not judge(*read_records(tmp_path, DIGEST), policy=one, is_signature_needed=True).is_complete
    forged = record(by="bob", role="lead", signature=good.signature)
    with pytest.raises(RefusedError, match="does not hold"):
        verify(forged)
    stranger = record()
    with pytest.raises(RefusedError, match="does not hold"):
        verify(replace(stranger, signature=sign_record(stranger, keys / "eve")))


def _git(folder: Path, *arguments: str, **env: str) -> None:
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", **env}
    subprocess.run(("git", *arguments), cwd=folder, check=True, capture_output=True, env=clean)


def _repository(folder: Path, name: str = "Ada L", email: str = "ada@example.org") -> None:
    _git(folder, "init", "-q")
    _git(folder, "config", "user.name", name)
    _git(folder, "config", "user.email", email)


def test_a_signed_tag_approves_the_digest_it_names(tmp_path: Path, keys: Path) -> None:
    _repository(tmp_path)
    _git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    for setting in (("gpg.format", "ssh"), ("user.signingkey", str(keys / "ada"))):
        _git(tmp_path, "config", *setting)
    _git(tmp_path, "tag", "-s", "ok", "-m", f"approved\n\n{DIGEST}")
    assert verify_tag("ok", DIGEST, tmp_path, keys / "allowed")[0] == "ada@example.org"
    with pytest.raises(RefusedError, match="approves nothing"):
        verify_tag("ok", "e" * 64, tmp_path, keys / "allowed")
    _git(tmp_path, "tag", "-a", "plain", "-m", DIGEST)
    with pytest.raises(RefusedError, match="approves nothing"):
        verify_tag("plain", DIGEST, tmp_path, keys / "allowed")


def test_editors_are_those_of_git_and_the_owner_of_what_is_not_committed(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("one")
    assert editors_of([file], "Cyd")["author"] == ("Cyd",)
    assert editors_of([file])["author"] == (file.owner(),)
    _repository(tmp_path)
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "one")
    assert editors_of([file])["last_editor"] == ("Ada L", "ada@example.org")
    file.write_text("two")
    assert file.owner() in editors_of([file])["last_editor"]
    _git(tmp_path, "-c", "user.name=Bob", "-c", "user.email=bob@example.org", "commit", "-qam", "two")
    found = editors_of([file])
    assert (found["author"], found["last_editor"]) == (("Ada L", "ada@example.org"), ("Bob", "bob@example.org"))


def test_a_review_is_of_exactly_these_files_and_not_by_their_author_alone(context: Make, tmp_path: Path) -> None:
    here = context()
    (here.folder / "a.ts").write_text("one")
    _repository(here.folder)
    _git(here.folder, "add", ".")
    _git(here.folder, "commit", "-q", "-m", "one")
    facts = {"state_dir": tmp_path / "state", "people": PEOPLE}
    check = ApprovalCheck(files=("a.ts",), quorum=1)

    def ask(check: ApprovalCheck = check) -> Outcome:
        return EVALUATORS["approved"](check, context(facts=facts, now=lambda: NOW)).outcome

    assert ask() is Outcome.UNKNOWN
    digest = digest_of_files(here.folder, ["a.ts"])
    write_record(tmp_path / "state", record(digest=digest))
    assert ask() is Outcome.FAIL
    write_record(tmp_path / "state", record(by="bob", role="lead", digest=digest))
    assert ask() is Outcome.OK
    assert ask(replace(check, roles=("dev",))) is Outcome.UNKNOWN
    assert ask(replace(check, quorum=3)) is Outcome.UNKNOWN
    (here.folder / "a.ts").write_text("two")
    assert ask() is Outcome.UNKNOWN
    assert ask(ApprovalCheck(files=("none.ts",))) is Outcome.UNKNOWN
    assert EVALUATORS["approved"](check, context()).outcome is Outcome.UNKNOWN
