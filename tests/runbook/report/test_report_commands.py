"""The commands of reports, and the ways back they name, as people type them."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lockgate.cli.app import root
from lockgate.errors import LockgateError
from lockgate.model.outcome import Outcome
from lockgate.model.procedure_report import ProcedureReport
from lockgate.report.procedure.sections_after import way_back_document
from lockgate.report.text import render_text
from lockgate.runbook.run_reports import report_of
from tests.runbook.report.journal import RUN, RUNBOOK, Maker, result

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def lockgate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOCKGATE_STATE_DIR", str(tmp_path / "state"))

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(root, list(arguments), standalone_mode=False)
        if isinstance(done.exception, LockgateError):
            return done.exception.exit_code, str(done.exception)
        if done.exception is not None:
            raise done.exception
        return int(done.return_value or 0), done.output

    return run


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "state")


def _red(maker: Maker) -> None:
    maker.start()
    maker.first_phase(result("gate-1/1", Outcome.FAIL, "3 duplicates"), result("gate-1/2", Outcome.OK))
    maker.decide("defer", "2.3", owner="Bob", until="2026-04-01")
    maker.end("stopped")
    maker.record.close()


def test_a_complete_run_exits_0_and_any_other_does_not(lockgate: Run, maker: Maker, tmp_path: Path) -> None:
    maker.green().record.close()
    code, text = lockgate("report", "build", "latest")
    assert code == 0
    assert "complete after" in text

    other = tmp_path / "other"
    _red(Maker(other))
    code, text = lockgate("report", "build", str(other / "procedures" / RUN), "--format", "markdown")
    assert code == 4
    assert "3 duplicates" in text
    assert lockgate("report", "build", str(other / "procedures" / RUN), "--exit-zero")[0] == 0


def test_a_run_without_an_end_exits_5(lockgate: Run, maker: Maker) -> None:
    maker.start()
    maker.record.close()

    assert lockgate("report", "build", RUN)[0] == 5


def test_json_is_the_report_and_github_fills_the_job_summary(
    lockgate: Run, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker.green().record.close()
    code, text = lockgate("report", "build", RUN, "--format", "json")
    plain = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert (code, plain["format_version"], plain["standing"]["status"]) == (0, 1, "complete")

    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    code, text = lockgate("report", "build", RUN, "--format", "github")
    assert "::notice" in text
    assert summary.read_text().startswith("# Shop sync")


def test_words_are_added_by_name_and_change_no_fact(lockgate: Run, maker: Maker) -> None:
    _red(maker)
    before = report_of(maker.folder)
    assert lockgate("report", "lesson", RUN, "All objectives met", "--about", "summary")[0] == 0
    after = report_of(maker.folder)

    assert after.standing == before.standing
    assert after.words[0].text == "All objectives met"
    assert after.words[0].by
    assert lockgate("report", "lesson", RUN, "  ")[0] == 2


def test_words_wait_while_the_run_is_at_work(lockgate: Run, maker: Maker) -> None:
    maker.start()

    assert lockgate("report", "lesson", RUN, "x")[0] == 8


def test_a_sealed_run_that_is_edited_is_found_with_the_file(lockgate: Run, maker: Maker) -> None:
    maker.green().record.close()
    assert lockgate("report", "verify", RUN)[0] == 0
    assert lockgate("report", "seal", RUN)[0] == 0
    assert lockgate("report", "verify", RUN)[0] == 0
    page = maker.folder / "report.html"
    page.write_text(page.read_text().replace("complete", "COMPLETE", 1))
    code, text = lockgate("report", "verify", RUN)

    assert code == 4
    assert "report.html: it was changed" in text


def test_one_edited_line_of_the_journal_is_found_by_its_line(lockgate: Run, maker: Maker) -> None:
    maker.green().record.close()
    path = maker.folder / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b"Ada", b"Eve")
    path.write_bytes(b"".join(lines))

    for words in (("report", "verify", RUN), ("report", "journal", RUN), ("report", "build", RUN)):
        code, text = lockgate(*words)
        assert code in (2, 4), words
        assert "journal.jsonl:5" in text, words


def test_a_bundle_is_made_and_checked_and_known_by_its_seal(lockgate: Run, maker: Maker, tmp_path: Path) -> None:
    maker.green().record.close()
    code, text = lockgate("report", "bundle", RUN, "-o", "b.zip", "--format", "json")
    seal = json.loads(text[text.index("{") : text.rindex("}") + 1])["seal"]

    assert code == 0
    assert lockgate("report", "verify", "b.zip", "--seal", seal)[0] == 0
    assert lockgate("report", "verify", "b.zip", "--seal", "0" * 64)[0] == 4
    data = bytearray((tmp_path / "b.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "b.zip").write_bytes(data)
    assert lockgate("report", "verify", "b.zip")[0] in (2, 4)


def test_open_items_keep_their_ids_in_every_export(maker: Maker, tmp_path: Path) -> None:
    _red(maker)
    copy = maker.folder.with_name("20260304-shop-bcdefa")
    shutil.copytree(maker.folder, copy)
    first, second = report_of(maker.folder).open_items, report_of(copy).open_items

    assert [item.id for item in first] == [item.id for item in second]
    assert len({item.id for item in first}) == len(first)
    assert ("Bob", "2026-04-01") in {(item.owner, item.due) for item in first}


def test_the_exported_journal_is_the_one_on_the_disk(lockgate: Run, maker: Maker) -> None:
    maker.green().record.close()
    _, text = lockgate("report", "journal", RUN, "--format", "json")
    lines = [line for line in text.splitlines() if line.startswith("{")]

    assert lines == (maker.folder / "journal.jsonl").read_text().splitlines()
    assert {"actor", "ts", "hash", "prev", "seq", "type"} <= set(json.loads(lines[0]))


def _commands(report: ProcedureReport) -> list[list[str]]:
    text = render_text(way_back_document(report))
    found = [line.strip() for line in text.splitlines() if line.strip().startswith("lockgate ")]
    assert found == [way.command for way in report.ways_back if way.command.startswith("lockgate ")]
    return [shlex.split(line)[1:] for line in found]


def test_every_command_that_a_report_names_exists_with_its_options(maker: Maker) -> None:
    maker.start()
    maker.first_phase()
    maker.second_phase()
    maker.record.close()
    report = report_of(maker.folder)
    named = [*_commands(report), ["report", "lesson", RUN, "x"], ["explain", "drift-missing"]]
    named += [["runbook", "resume", RUN], ["runbook", "rollback", RUN, "--level", "code"], ["backlog"]]
    named += [["monitor", "test", "runbook.yaml", "errors"]]
    for words in named:
        group: click.Command = root
        context = click.Context(root)
        while isinstance(group, click.Group):
            name = words.pop(0)
            found = group.get_command(context, name)
            assert found is not None, name
            group = found
        options = {option for param in group.params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options, words


def test_each_way_back_of_a_report_was_walked_on_a_copy(lockgate: Run, tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "shop.db")
    base.executescript("CREATE TABLE a (id integer PRIMARY KEY, t text); INSERT INTO a VALUES (1, 'one')")
    base.close()
    (tmp_path / "after.sql").write_text("CREATE TABLE a (id integer PRIMARY KEY, t text, more text);")
    (tmp_path / "lockgate.toml").write_text('target = "prod"\n[targets.prod]\nurl = "sqlite:///shop.db"\n')
    _, taken = lockgate("backup", "create", "--format", "json")
    backup = json.loads(taken[taken.index("{") : taken.rindex("}") + 1])
    assert lockgate("plan", "--desired", "after.sql", "--allow", "all", "-o", "p.json")[0] == 0
    code, text = lockgate("apply", "p.json", "--yes", "--format", "json")
    assert code == 0
    point = json.loads(text[text.index("{") : text.rindex("}") + 1])["checkpoint"]

    maker = Maker(tmp_path / "state", RUNBOOK.replace("version:", "targets: [prod]\nversion:"))
    maker.start()
    maker.effect("backup", backup["id"], "2.1")
    maker.effect("checkpoint", point, "2.2")
    maker.end("stopped")
    maker.record.close()
    commands = _commands(report_of(maker.folder))

    assert [words[0] for words in commands] == ["rollback", "restore", "runbook"]
    for words in commands[:2]:
        code, text = lockgate(*words, *(("--yes",) if words[0] == "rollback" else ("--force",)))
        assert code == 0, (words, text)
        with sqlite3.connect(tmp_path / "shop.db") as live:
            assert live.execute("SELECT * FROM a").fetchall() == [(1, "one")]
