"""Every kind of check that needs no database: what is ok, what fails, and what is not known."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lockgate.gate.base import Answer, CheckContext, run_gate
from lockgate.gate.evaluators import EVALUATORS
from lockgate.model import checks as c
from lockgate.model.outcome import FailureClass, Outcome
from lockgate.model.procedure import EntryType
from lockgate.model.runbook import Phase, Runbook, Task
from lockgate.outside import redact
from lockgate.outside.shell import ShellResult, run_shell
from tests.gate.conftest import entry

Make = Callable[..., CheckContext]
OK, FAIL, UNKNOWN = Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN


def ask(check: Any, context: CheckContext) -> Answer:
    return EVALUATORS[type(check).__struct_config__.tag](check, context)


@pytest.mark.parametrize(
    ("check", "outcome", "found"),
    [
        (c.ExitCheck(command="true"), OK, "passed"),
        (c.ExitCheck(command="exit 3"), FAIL, "exit code 3"),
        (c.ExitCheck(command="exit 3", code=3), OK, "exit code 3"),
        (c.ExitCheck(command="no-such-program --version"), UNKNOWN, "could not be started"),
        (c.ExitCheck(), UNKNOWN, "ran no command"),
        (c.ExitCheck(command="[ -e seen ] || { touch seen; exit 1; }", retries=2), OK, "passed (1 retry)"),
        (c.ExitCheck(command="kill -9 $$"), FAIL, "signal 9"),
        (c.OutputCheck(command="echo three rows", has="three"), OK, "so it is"),
        (c.OutputCheck(command="echo three rows", matches=r"^t\w+ rows$"), OK, "so it is"),
        (c.OutputCheck(command="echo three rows", matches=r"four"), FAIL, "no a match of 'four'"),
        (c.OutputCheck(command="echo ERROR: x", without="ERROR"), FAIL, "'ERROR' is there"),
        (c.OutputCheck(command="echo fine; exit 1", has="fine"), FAIL, "ended with 1"),
        (c.OutputCheck(command="echo fine"), UNKNOWN, "names none"),
        (c.OutputCheck(command="no-such-program", without="x"), UNKNOWN, "could not be started"),
    ],
)
def test_commands(check: Any, outcome: Outcome, found: str, context: Make) -> None:
    answer = ask(check, context())
    assert (answer.outcome, found in answer.found) == (outcome, True), answer


def test_the_tasks_own_command_is_looked_at_and_a_lint_is_of_class_code(context: Make) -> None:
    answer = ask(c.ExitCheck(), context(output=ShellResult("pnpm lint", 1, "1 problem", 0.1)))
    assert (answer.outcome, answer.failure_class) == (FAIL, FailureClass.CODE)


def test_a_timed_out_command_is_unknown(context: Make) -> None:
    ended = ShellResult("sleep 9", None, "", 1.0, is_timed_out=True, error="ended after its limit of 1 s")
    assert ask(c.ExitCheck(), context(output=ended)).outcome is UNKNOWN


def test_a_pattern_with_back_references_is_refused_and_the_gate_stays_closed(context: Make) -> None:
    check = c.OutputCheck(command="echo aa", matches=r"(a)\1")
    verdict = run_gate("gate-1", (check,), context(), EVALUATORS)
    assert (verdict.outcome, verdict.is_open) == (UNKNOWN, False)


class _Pages(BaseHTTPRequestHandler):
    script: list[int] = []  # noqa: RUF012

    def do_GET(self) -> None:
        if self.path == "/health":
            status = self.script.pop(0) if self.script else 200
            self._say(status, b"ok" if status == 200 else b"broken")
        elif self.path == "/private":
            self.send_response(302)
            self.send_header("Location", "/login")
            self.end_headers()
        elif self.path == "/silent":
            self.server.quiet.wait(60)  # type: ignore[attr-defined]
        else:
            self._say(200, b'<input type="password"> welcome')

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.quiet = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.quiet.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("fields", "script", "outcome", "found"),
    [
        ({}, [], OK, "200 in"),
        ({}, [500], FAIL, "500"),
        ({"of": "3/3"}, [200, 503, 200], FAIL, "2 of 3 good, 3 needed: 200"),
        ({"of": "2/3"}, [200, 503, 200], OK, "2 of 3 good"),
        ({"of": "3/3"}, [503, 200, 503], FAIL, "1 of 3 good"),
        ({"has": "ok"}, [], OK, "200"),
        ({"has": "healthy"}, [], FAIL, "without 'healthy'"),
        ({"without": "ok"}, [], FAIL, "with 'ok'"),
        ({"status": 503}, [503], OK, "503"),
        ({"of": "0/3"}, [], UNKNOWN, "not k/m"),
    ],
)
def test_addresses(
    fields: dict[str, Any], script: list[int], outcome: Outcome, found: str, site: str, context: Make
) -> None:
    _Pages.script[:] = script
    answer = ask(c.HttpCheck(url=f"{site}/health", **fields), context())
    assert (answer.outcome, found in answer.found) == (outcome, True), answer


@pytest.mark.parametrize("follow", [False, True])
def test_a_redirect_to_a_login_page_is_not_the_page(follow: bool, site: str, context: Make) -> None:
    answer = ask(c.HttpCheck(url=f"{site}/private", follow=follow), context())
    assert answer.outcome is FAIL and "login" in answer.found


def test_no_answer_in_time_fails_and_no_way_there_is_unknown(site: str, context: Make) -> None:
    assert ask(c.HttpCheck(url=f"{site}/silent", within="150ms"), context()).outcome is FAIL
    refused = ask(c.HttpCheck(url="http://127.0.0.1:9/health"), context())
    assert (refused.outcome, refused.found) == (UNKNOWN, "connection refused")
    nameless = ask(c.HttpCheck(url="http://no-such-host.invalid/"), context())
    assert nameless.outcome is UNKNOWN and "name" in nameless.found


def test_files(context: Make) -> None:
    here = context()
    (here.folder / "full.ts").write_text("export function lockedUpdate() {}\n")
    (here.folder / "empty.ts").write_text("")
    old = here.folder / "old.md"
    old.write_text("words")
    os.utime(old, (1, 1))
    begun = here.started["run"].timestamp()
    for name, moment in (("tick.md", begun - 0.005), ("before.md", begun - 0.05)):
        (here.folder / name).write_text("words")
        os.utime(here.folder / name, (moment, moment))
    for check, outcome in (
        (c.FileCheck(path="full.ts", has="lockedUpdate"), OK),
        (c.FileCheck(path="full.ts", has="otherName"), FAIL),
        (c.FileCheck(path="full.ts", without="lockedUpdate"), FAIL),
        (c.FileCheck(path="empty.ts"), FAIL),
        (c.FileCheck(path="none.ts"), FAIL),
        (c.FileCheck(path="none.ts", absent=True), OK),
        (c.FileCheck(path="full.ts", absent=True), FAIL),
        (c.FileCheck(path="."), FAIL),
        (c.FileCheck(path="full.ts", sha256="0" * 64), FAIL),
        (c.FileCheck(path="full.ts", since="run"), OK),
        (c.FileCheck(path="old.md", since="run"), FAIL),
        (c.FileCheck(path="tick.md", since="run"), OK),  # by the clock of the files, which moves once a tick
        (c.FileCheck(path="before.md", since="run"), FAIL),
        (c.FileCheck(path="old.md", since="breakfast"), UNKNOWN),
        (c.DocumentsCheck(paths=("full.ts",)), OK),
        (c.DocumentsCheck(paths=("full.ts", "old.md")), FAIL),
        (c.DocumentsCheck(paths=("none.md",)), FAIL),
        (c.DocumentsCheck(paths=()), UNKNOWN),
    ):
        answer = ask(check, here)
        assert answer.outcome is outcome, (check, answer)
    assert "old.md" in ask(c.DocumentsCheck(paths=("full.ts", "old.md")), here).found
    kept = ask(c.FileCheck(path="full.ts"), here).evidence[0]
    assert kept.bytes == 34 and len(kept.sha256) == 64


def _git(folder: Path, *arguments: str) -> str:
    named = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments)
    return subprocess.run(named, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_git(context: Make) -> None:
    here = context()
    assert ask(c.GitCheck(), here).outcome is UNKNOWN
    _git(here.folder, "init", "-q", "-b", "trunk")
    (here.folder / "a.txt").write_text("1")
    _git(here.folder, "add", ".")
    _git(here.folder, "commit", "-q", "-m", "one")
    first = _git(here.folder, "rev-parse", "HEAD")
    _git(here.folder, "tag", "baseline")
    begun = context(entries=(entry(1, EntryType.RUN_STARTED, commit=first),))
    (here.folder / ".lockgate").mkdir()
    (here.folder / ".lockgate/state").write_text("ours")
    for check, outcome in (
        (c.GitCheck(), OK),
        (c.GitCheck(commit=first[:10]), OK),
        (c.GitCheck(tag="baseline"), OK),
        (c.GitCheck(is_="tag", tag="none"), FAIL),
        (c.GitCheck(branch="trunk"), OK),
        (c.GitCheck(branch="main"), FAIL),
        (c.GitCheck(is_="pushed"), UNKNOWN),
        (c.GitCheck(is_="spotless"), UNKNOWN),
    ):
        answer = ask(check, begun)
        assert answer.outcome is outcome, (check, answer)
    (here.folder / "b.txt").write_text("2")
    assert ask(c.GitCheck(), begun).outcome is FAIL
    _git(here.folder, "add", ".")
    _git(here.folder, "commit", "-q", "-m", "two")
    assert ask(c.GitCheck(commit=first), begun).outcome is FAIL
    assert ask(c.GitCheck(is_="commit"), begun).outcome is FAIL
    _git(here.folder, "tag", "-f", "baseline")
    moved = ask(c.GitCheck(is_="tag", tag="baseline"), begun)
    assert moved.outcome is FAIL and "it is at" in moved.found


def test_a_missing_git_is_unknown(context: Make) -> None:
    assert ask(c.GitCheck(), context(environment={"PATH": "/nowhere"})).outcome is UNKNOWN


def test_a_persons_word_counts_for_exactly_this_check_and_only_after_the_place_began(context: Make) -> None:
    check = c.ManualCheck(text="phones are answered", roles=("lead",))
    begun = entry(2, EntryType.PHASE_STARTED)

    def word(seq: int, **more: Any) -> Any:
        return entry(
            seq, EntryType.DECIDED, **{"what": "attest", "subject": "gate-1/1", "by": "ada", "role": "lead", **more}
        )

    assert ask(check, context(entries=(begun,))).outcome is UNKNOWN
    assert ask(check, context(entries=(begun, word(3)))).outcome is OK
    assert ask(check, context(entries=(word(1), begun))).outcome is UNKNOWN
    assert ask(check, context(entries=(begun, word(3, subject="gate-2/1")))).outcome is UNKNOWN
    assert ask(check, context(entries=(begun, word(3, role="guest")))).outcome is UNKNOWN


def test_tasks_that_were_skipped_or_never_run_are_not_done(context: Make) -> None:
    runbook = Runbook("r", phases=(Phase("1", "one", tasks=(Task("1.1", "a"), Task("1.2", "b"))),))
    done = entry(2, EntryType.TASK_ENDED, task="1.1", state="done")
    facts = {"runbook": runbook}
    assert ask(c.HistoryCheck(), context(entries=(done,), facts=facts)).outcome is UNKNOWN
    assert ask(c.HistoryCheck(), context(entries=(done,), facts=facts, task="1.2")).outcome is OK
    skipped = entry(3, EntryType.DECIDED, what="skip", subject="1.2")
    assert ask(c.HistoryCheck(), context(entries=(done, skipped), facts=facts)).outcome is FAIL
    assert ask(c.HistoryCheck(done=("1.1",)), context(entries=(done,))).outcome is OK
    assert ask(c.HistoryCheck(done=("9.9",)), context(entries=(done,))).outcome is UNKNOWN
    assert ask(c.HistoryCheck(), context(entries=(done,))).outcome is UNKNOWN
    failed = entry(3, EntryType.TASK_ENDED, task="1.2", state="failed")
    assert ask(c.HistoryCheck(), context(entries=(done, failed), facts=facts)).outcome is FAIL


def test_secrets_in_what_a_command_says_do_not_get_into_evidence(context: Make) -> None:
    secret = "canary-7f3a9b"
    redact.add_secret(secret)
    here = context()
    checks = (
        c.ExitCheck(command=f"echo password={secret}; exit 1"),
        c.OutputCheck(command=f"echo {secret}", without="canary"),
        c.TestsCheck(is_="passed", command=f"echo 'a.ts(1,2): error TS1: {secret}'; exit 1"),
    )
    verdict = run_gate("gate-1", checks, here, EVALUATORS)
    from lockgate.model import codec

    assert secret not in codec.encode(verdict).decode()
    assert here.run_folder is not None
    files = [path for path in here.run_folder.rglob("*") if path.is_file()]
    assert len(files) >= 3
    assert not [path for path in files if secret in path.read_text()]


def test_output_of_the_task_comes_from_a_real_shell(context: Make) -> None:
    here = context()
    result = run_shell("echo hello", folder=here.folder, environment=here.environment)
    assert ask(c.OutputCheck(has="hello"), context(output=result)).outcome is OK


def _line(seconds_ago: float, text: str) -> str:
    return f"{(datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat(timespec='milliseconds')} {text}\n"


def test_only_lines_since_the_start_count(context: Make) -> None:
    here = context()
    log = here.folder / "app.log"
    log.write_text(_line(300, "ERROR old") + "  at old.ts:1 ERROR\n" + _line(1, "fine"))
    check = c.LogCheck(log="app.log", without="ERROR")
    assert ask(check, here).outcome is OK
    log.write_text(log.read_text() + _line(0, "ERROR new") + "  caused by ERROR\n")
    answer = ask(check, here)
    assert answer.outcome is FAIL and answer.found.startswith("2 of 3 lines") and "new" in answer.items[0]
    assert answer.failure_class is FailureClass.SERVICE
    allowed = c.LogCheck(log="app.log", without="ERROR", allow=("new$", "caused by"))
    assert ask(allowed, here).outcome is OK


def test_a_log_that_is_not_there_or_has_no_times_is_unknown(context: Make) -> None:
    here = context()
    assert ask(c.LogCheck(log="app.log", without="ERROR"), here).outcome is UNKNOWN
    (here.folder / "app.log").write_text("no time here\n")
    assert ask(c.LogCheck(log="app.log", without="ERROR"), here).outcome is UNKNOWN


def _marked(context: Make, here: CheckContext) -> CheckContext:
    from lockgate.gate.log_marks import mark_log

    mark = mark_log(here.folder / "app.log", "app.log", datetime.now(UTC) - timedelta(seconds=60))
    return context(entries=(entry(1, EntryType.PHASE_STARTED, logs={"app.log": mark.facts()}),))


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [
        ("nothing", OK),
        ("grows fine", OK),
        ("grows bad", FAIL),
        ("renamed", OK),
        ("renamed bad", FAIL),
        ("rotated away", UNKNOWN),
        ("truncated", UNKNOWN),
        ("truncated and grown", UNKNOWN),
        ("truncated bad", FAIL),
        ("vanished", UNKNOWN),
    ],
)
def test_a_marked_log_is_followed_through_rotation_and_truncation(
    happens: str, outcome: Outcome, context: Make
) -> None:
    here = context()
    log = here.folder / "app.log"
    log.write_text("ERROR before the mark\n" * 3)
    marked = _marked(context, here)
    if "grows" in happens or "renamed" in happens:
        with log.open("a") as file:
            file.write("ERROR late\n" if "bad" in happens else "fine\n")
    if "renamed" in happens:
        log.rename(here.folder / "app.log.1")
        log.write_text("fine again\n")
    if happens == "rotated away":
        (here.folder / "other").write_text("keeps the inode from being used again")
        log.rename(here.folder / "gone")
        log.write_text("fine\n")
    if "truncated" in happens:
        with log.open("r+") as file:
            file.truncate(0)
            file.write("fine " * 100 if "grown" in happens else "ERROR now\n" if "bad" in happens else "")
    if happens == "vanished":
        log.unlink()
    answer = ask(c.LogCheck(log="app.log", without="ERROR"), marked)
    assert answer.outcome is outcome, answer


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-22T10:00:00.123Z ERROR", "2026-11-22T10:00:00.123000+00:00"),
        ("2026-11-22 10:00:00,123 ERROR", "2026-11-22T10:00:00.123000+00:00"),
        ("[2026-11-22T12:00:00+02:00] x", "2026-11-22T10:00:00+00:00"),
        ('1.2.3.4 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 500', "2026-11-22T10:00:00+00:00"),
        ("2026/11/22 10:00:00 [error] 1#1", "2026-11-22T10:00:00+00:00"),
        ('{"level":50,"time":1795341600123,"msg":"x"}', "2026-11-22T10:00:00+00:00"),
        ("no time", None),
        ("2026-13-45T99:00:00Z broken", None),
    ],
)
def test_times_of_lines(line: str, expected: str | None) -> None:
    from lockgate.gate.log_times import time_of_line

    found = time_of_line(line, UTC)
    assert (found.isoformat() if found else None) == expected
