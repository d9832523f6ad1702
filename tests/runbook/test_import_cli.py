"""``runbook import``, ``show`` and ``render`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lockgate.cli.app import run_command_line

PLAN = Path(__file__).parent / "plans" / "harbor.md"


class Ran:
    """Runs the command line in this process and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = run_command_line(["runbook", *words])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    monkeypatch.chdir(tmp_path)
    return Ran(capsys)


def test_import_says_what_it_found_and_never_changes_the_plan(run: Ran, tmp_path: Path) -> None:
    before = PLAN.read_bytes()
    code, out, _ = run("import", str(PLAN), "-o", "plan.yaml")
    assert code == 0 and PLAN.read_bytes() == before
    assert "6 phases, 56 tasks" in out and "mended in 26 lines: 1, 6, 17-18" in out
    assert "line 71: this block was bound to step 0.0: confirm it" in out
    assert "line 23: kept as words: House Rules" in out and "next: lockgate runbook lint plan.yaml" in out


def test_import_replaces_nothing_without_force(run: Ran, tmp_path: Path) -> None:
    Path("plan.yaml").write_text("mine\n")
    code, _, err = run("import", str(PLAN), "-o", "plan.yaml")
    assert code == 2 and "is there already" in err and Path("plan.yaml").read_text() == "mine\n"
    assert run("import", str(PLAN), "-o", "plan.yaml", "--force")[0] == 0
    assert Path("plan.yaml").read_text().startswith("runbook: harbor-catalogue-split\n")


def test_import_never_writes_over_the_plan_itself(run: Ran) -> None:
    Path("plan.md").write_bytes(PLAN.read_bytes())
    code, _, err = run("import", "plan.md", "-o", "plan.md", "--force")
    assert code == 2 and "overwritten" in err and Path("plan.md").read_bytes() == PLAN.read_bytes()


def test_show_computes_the_status_and_shows_what_was_typed_as_a_conflict(run: Ran) -> None:
    code, out, _ = run("show", str(PLAN))
    assert code == 0 and "status: needs approval (1/6)" in out and "the file says 'CLEARED TO SAIL' (line 5)" in out
    code, out, _ = run("show", str(PLAN), "--format", "json")
    document = json.loads(out)
    assert document["status"] == "needs approval (1/6)" and document["repaired"]["count"] == 26
    assert document["counts"]["gate_checks"] == 40 and document["counts"]["communications"] == 9
    assert {conflict["line"] for conflict in document["conflicts"]} == {5, 6, 423}


def test_show_works_on_the_imported_runbook_too(run: Ran) -> None:
    run("import", str(PLAN), "-o", "plan.yaml")
    code, out, _ = run("show", "plan.yaml", "--format", "json")
    assert (
        code == 0 and json.loads(out)["counts"]["tasks"] == 56 and json.loads(out)["status"] == "needs approval (1/6)"
    )


def test_render_and_import_give_the_same_runbook(run: Ran) -> None:
    run("import", str(PLAN), "-o", "a.yaml")
    assert run("render", "a.yaml", "-o", "a.md")[0] == 0
    assert run("import", "a.md", "-o", "b.yaml")[0] == 0
    assert Path("a.yaml").read_bytes() == Path("b.yaml").read_bytes()
    assert run("render", "a.yaml", "-o", "a.html")[0] == 0 and "<table>" in Path("a.html").read_text()
    assert run("show", "a.yaml", "--format", "markdown")[1].rstrip() == Path("a.md").read_text().rstrip()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.md", b""),
        ("prose.md", b"# Hello\n\nNothing to do.\n"),
        ("binary.md", bytes(range(256)) * 40),
        ("torn.md", b"---\nversion: [\n---\n## Phase 1: x\n| Step |\n|--\n"),
        ("settings.md", b"## Phase 1: x\n\n1. Do it: `ls`\n\n## Runbook settings\n\n```yaml\nphases: {\n```\n"),
        ("misfit.md", b"## Phase 1: x\n\n1. Do it: `ls`\n\n## Runbook settings\n\n```yaml\nbake: {a: b}\n```\n"),
    ],
)
def test_bad_plans_are_refused_with_one_clear_error(run: Ran, name: str, data: bytes) -> None:
    Path(name).write_bytes(data)
    code, out, err = run("show", name)
    assert code == 2 and not out and err.startswith("error: ") and name in err and "Traceback" not in err


def test_a_missing_file_is_refused(run: Ran) -> None:
    assert run("import", "nothing.md")[0] == 2


def test_show_tells_of_runs_also_of_another_version(run: Ran) -> None:
    from datetime import UTC, datetime

    from lockgate.runbook.load import load_runbook
    from lockgate.runbook.lock import compile_lock
    from lockgate.runbook.runs import new_run

    Path("plan.md").write_text("# Plan\n\n## Phase 1: One\n\n1. Do it: `true`\n")
    lock = compile_lock(load_runbook(Path("plan.md")).runbook, Path())
    folder = new_run(Path(".lockgate"), lock, now=datetime(2026, 1, 2, tzinfo=UTC), new_hex=lambda: "abcdef")
    (folder / "journal.jsonl").touch()
    code, out, _ = run("show", "plan.md")
    assert code == 0 and "run 20260102-plan-abcdef: " in out and "exactly this runbook" in out
    Path("plan.md").write_text("# Plan\n\n## Phase 1: One\n\n1. Do it: `false`\n")
    code, out, _ = run("show", "plan.md", "--format", "json")
    assert code == 0 and [found["is_this"] for found in json.loads(out)["runs"]] == [False]
