"""What a report says beside how the run stands, each from entries of the journal and evidence they name."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lockgate.model.outcome import Outcome
from lockgate.model.procedure import EntryType
from lockgate.model.procedure_report import ProcedureReport
from lockgate.report.procedure.forms import FORMATS, render_report
from lockgate.runbook.run_reports import report_of
from tests.runbook.report.journal import RUNBOOK, START, Maker, result


def _report(maker: Maker) -> ProcedureReport:
    maker.record.close()
    return report_of(maker.folder)


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> ProcedureReport:
    return _report(Maker(tmp_path_factory.mktemp("green")).green())


def test_the_head_names_run_target_digest_and_who(green: ProcedureReport) -> None:
    assert (green.title, green.target, green.actor) == ("Shop sync", "prod", "Ada")
    assert green.digest == "d" * 64
    assert green.started_at.startswith("2026-03-03T09:00:00")
    assert "complete" in green.sentence
    assert "5 of 5 tasks done" in green.sentence


def test_an_objective_that_nothing_proves_is_not_evidenced(green: ProcedureReport) -> None:
    rows = {row.text: row for row in green.objectives}

    assert rows["Nothing differs"].outcome == "met"
    assert "0 differences" in rows["Nothing differs"].evidence
    assert rows["Everybody knows"].outcome == "not evidenced"
    assert any(item.kind == "objective" for item in green.open_items)


def test_estimate_and_actual_stand_beside_each_other_with_their_ratio(green: ProcedureReport) -> None:
    assert [(p.estimate_s, p.actual_s) for p in green.phases] == [(3600.0, 60.0), (7200.0, 60.0)]
    assert green.phases[0].ratio == pytest.approx(1 / 60)
    assert "| all |" in render_report(green, "markdown")


def test_a_baseline_stands_in_the_gate_as_it_was_found_and_proves_what_is_older(green: ProcedureReport) -> None:
    assert "249 (baseline 249)" in render_report(green, "text")
    issue = next(issue for issue in green.issues if issue.code == "failures-before")
    assert "249 failures" in issue.text


@pytest.mark.parametrize("found", ["250 (baseline 249)", "249 errors", "249"])
def test_without_a_baseline_that_covers_them_nothing_is_called_older(tmp_path: Path, found: str) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase(types=found)

    assert not [issue for issue in _report(maker).issues if issue.code == "failures-before"]


def test_claims_of_the_author_are_claims(green: ProcedureReport) -> None:
    assert [claim.text for claim in green.claims] == ["status: READY FOR EXECUTION", "approved: QA review"]
    assert green.claims[1].found == "unverified; no approval is recorded"


def test_an_attestation_is_shown_by_name_and_time(green: ProcedureReport) -> None:
    row = next(p for p in green.people if p.what == "attestation")

    assert (row.subject, row.by) == ("1.2", "Ada")
    assert row.at.startswith("2026-03-03")


def test_ways_back_have_this_runs_ids_and_say_what_they_lose(green: ProcedureReport) -> None:
    ways = {way.level: way for way in green.ways_back}

    assert ways["schema"].command == "lockgate rollback --to cp-1"
    assert ways["schema"].loses.startswith("nothing")
    assert ways["data"].command == "lockgate restore b-1 --confirm prod"
    assert ways["data"].loses == "every write since 2026-03-03T09:00:10Z"


def test_a_contact_without_a_channel_says_so_and_one_that_was_reached_too(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.write(EntryType.NOTIFIED, {"key": "k", "channel": "team", "is_delivered": True})
    report = _report(maker)

    assert [(c.name, c.is_tested) for c in report.contacts] == [("On call", True), ("Somebody", False)]
    assert "NO CHANNEL" in render_report(report, "text")


def test_what_was_not_measured_says_so(green: ProcedureReport) -> None:
    values = {fact.topic: fact.value for fact in green.database}

    assert values["tables"] == "not measured in this run"
    assert values["drift"] == "not measured in this run"


def test_a_level_numbered_otherwise_than_by_what_it_takes_back_is_a_finding(tmp_path: Path) -> None:
    maker = Maker(tmp_path, RUNBOOK.replace('number: "2"', 'number: "1"'))
    maker.start()

    assert [issue.code for issue in _report(maker).issues if issue.place == "schema"] == ["level-renumbered"]


def test_attempts_are_folded_and_an_overrun_of_two_times_is_a_deviation(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.phase("1")
    maker.task("1.1", "failed")
    maker.task("1.1", "failed")
    maker.task("1.1", "done", result("1.1/verify/1", Outcome.OK), took=200.0)
    report = _report(maker)

    assert [a.state.value for a in report.tasks[0].attempts] == ["failed", "failed", "done"]
    assert "2 previous attempts" in render_report(report, "markdown")
    found = {(d.what, d.subject) for d in report.deviations}
    assert ("retry", "1.1") in found
    assert ("overrun", "1.1") in found


def test_each_difference_appears_once_under_its_kind(tmp_path: Path) -> None:
    kinds = {
        "create_table": "a",
        "add_column": "b.x",
        "add_unique": "b.u",
        "add_index": "b.i",
        "add_foreign_key": "b.f",
    }
    drift = {
        "status": "drift",
        "live_fingerprint": "x",
        "checked": {"tables": 2},
        "changes": [{"kind": kind, "object": name} for kind, name in kinds.items()],
    }
    maker = Maker(tmp_path)
    maker.start()
    maker.phase("1")
    maker.task("1.1", "done", evidence=(maker.record.keep("drift.json", json.dumps(drift).encode()),))
    report = _report(maker)

    assert report.differences == {kind: (name,) for kind, name in sorted(kinds.items())}
    text = render_report(report, "text")
    for words in ("table: missing", "column: missing", "index: missing", "foreign key: missing"):
        assert text.count(words) == 1


def test_findings_become_issues_with_one_id_in_every_report(tmp_path: Path) -> None:
    finding = {"code": "versioned-lists-differ", "severity": "warning", "message": "code a, b; database a, c"}
    found = {"name": "conventions", "checked": {"tables": 4}, "status": "found", "findings": [finding]}
    ids = []
    for number in range(2):
        maker = Maker(tmp_path / str(number))
        maker.start()
        maker.phase("1")
        kept = maker.record.keep("validate.json", json.dumps(found).encode())
        maker.task("1.1", "done", evidence=(kept,))
        maker.task("1.1", "done", evidence=(kept,))
        report = _report(maker)
        issues = [issue for issue in report.issues if issue.code == "versioned-lists-differ"]
        assert len(issues) == 1
        assert issues[0].impact
        assert issues[0].recommendation
        ids.append(issues[0].id)
        assert [f.value for f in report.database if f.topic == "conventions"] == [
            "found: 1 findings (checked 4 tables)",
            "code a, b; database a, c",
        ]
    assert ids[0] == ids[1]


def test_evidence_that_was_changed_is_not_read(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    kept = maker.record.keep("x.json", b'{"changes": [], "live_fingerprint": "x", "checked": {}, "status": "in_sync"}')
    maker.task("1.1", "done", evidence=(kept,))
    (maker.folder / kept.path).write_text(
        '{"changes": [{"kind": "create_table", "object": "z"}], "live_fingerprint": ""}'
    )

    assert _report(maker).differences == {}


def test_a_monitors_values_are_drawn_with_steps_limit_and_breach(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase()
    sentence = "6/412 = 1.46 %, Wilson low 1.2 % > 1 % → breach"
    maker.write(EntryType.BREACH, {"monitor": "errors", "sentence": sentence, "action": "schema"})
    lines = [
        {"monitor": "errors", "at": START.replace(minute=m).isoformat(), "bad": m, "total": 400, "judgement": "ok"}
        for m in range(5)
    ]
    (maker.folder / "samples.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\nnot json\n")
    report = _report(maker)
    page = render_report(report, "html")

    assert [s.value for s in report.monitors[0].samples] == [0, 0.0025, 0.005, 0.0075, 0.01]
    assert report.monitors[0].counts == {"ok": 5}
    assert sentence in render_report(report, "text")
    assert "<polyline" in page
    assert 'class="limit"' in page
    assert 'class="breach"' in page
    assert 'class="mark"' in page
    assert "<script" not in page


def test_documents_are_there_missing_changed_or_older(tmp_path: Path) -> None:
    text = RUNBOOK.replace('- id: "2"\n', '- id: "2"\n  documents: [old.md, none.md]\n')
    maker = Maker(tmp_path, text)
    (maker.home / "old.md").write_text("old")
    (maker.home / "a.md").write_text("a")
    (maker.home / "b.md").write_text("b")
    import hashlib
    import os

    os.utime(maker.home / "old.md", (1_000_000_000, 1_000_000_000))
    maker.start()
    digest = hashlib.sha256(b"a").hexdigest()
    for name in ("a.md", "b.md"):
        maker.write(EntryType.DOCUMENT, {"make": "rollback", "path": name, "sha256": digest, "bytes": 1})
    report = _report(maker)

    states = {row.path: row.state for row in report.documents}
    assert states == {"a.md": "there", "b.md": "changed since", "old.md": "older than the run", "none.md": "missing"}
    assert len([item for item in report.open_items if item.kind == "document"]) == 3


def test_files_and_tags_are_what_git_says(tmp_path: Path) -> None:
    maker = Maker(tmp_path)

    def git(*words: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        ran = subprocess.run(["git", *who, *words], cwd=maker.home, check=True, capture_output=True, text=True)
        return ran.stdout.strip()

    git("init", "-q")
    (maker.home / "kept.sql").write_text("one\n")
    (maker.home / "gone.sql").write_text("two\n")
    git("add", ".")
    git("commit", "-qm", "first")
    first = git("rev-parse", "HEAD")
    (maker.home / "kept.sql").write_text("three\n")
    (maker.home / "gone.sql").unlink()
    (maker.home / "ünew, file.sql").write_text("four\n")
    git("add", ".")
    git("commit", "-qm", "second")
    last = git("rev-parse", "HEAD")
    git("tag", "before-x", first)
    git("tag", "-a", "after-x", "-m", "x", last)
    maker.start(commit=first)
    maker.effect("commit", last, "2.3")
    for name, commit in (("before-x", first), ("after-x", last), ("moved", first)):
        maker.effect("tag", name, "2.3", commit=commit)
    report = _report(maker)

    named = {
        line.split("\t")[1]: line[0]
        for line in git("-c", "core.quotepath=off", "diff", "--name-status", first, last).splitlines()
    }
    assert {f.path: f.status for f in report.files} == named
    assert {f.status for f in report.files} == {"M", "D", "A"}
    assert next(f for f in report.files if f.status == "D").sha256 == ""
    assert all(len(f.sha256) == 64 for f in report.files if f.status != "D")
    assert [tag.is_right for tag in report.tags] == [True, True, False]


def test_peoples_words_are_set_off_with_name_and_time(tmp_path: Path) -> None:
    maker = Maker(tmp_path).green()
    maker.write(EntryType.LESSON, {"text": "All is **well** <b>now</b>", "about": "summary", "by": "Bob"})
    maker.write(EntryType.LESSON, {"text": "Tell them sooner", "by": "Bob"})
    report = _report(maker)

    assert report.standing.is_good
    assert [(w.by, w.about) for w in report.words] == [("Bob", "summary"), ("Bob", "lesson")]
    assert "Bob wrote at 2026-03-03T09" in render_report(report, "text")
    assert "<b>now</b>" not in render_report(report, "html")


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_says_the_status_and_comes_out_the_same_again(tmp_path: Path, form: str) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase(result("gate-1/1", Outcome.FAIL, "3 duplicates"), result("gate-1/2", Outcome.OK))
    maker.end("stopped")
    report = _report(maker)

    text = render_report(report, form)
    assert "stopped" in text
    assert "3 duplicates" in text
    assert render_report(report_of(maker.folder), form) == text


def test_a_secret_of_the_runbook_is_masked_in_every_form_before_it_is_escaped(tmp_path: Path) -> None:
    from lockgate.outside import redact

    secret = 'cänary<&">4711'
    redact.add_secret(secret)
    try:
        maker = Maker(tmp_path, RUNBOOK.replace("Bring the shop up to date.", f"'uses {secret}'"))
        maker.green()
        maker.write(EntryType.LESSON, {"text": f"it was {secret}", "by": "Bob"})
        report = _report(maker)
        for form in FORMATS:
            assert "4711" not in render_report(report, form), form
    finally:
        redact._secrets.clear()
