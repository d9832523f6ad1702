"""Tables changed by pt-online-schema-change: there and back while they are written; `make pt-osc` runs these."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lockgate.engine.base import ScratchOptions
from lockgate.engine.mysql.pt_osc import progress
from lockgate.engine.private.cache import cache_dir
from lockgate.errors import ConfigError, LockgateError, UnsupportedChange
from lockgate.execute.pace import Pace
from lockgate.execute.retry import Patience, is_retryable
from lockgate.model.op import Strategy
from lockgate.model.plan import Plan
from lockgate.model.run import Event, EventType
from lockgate.store.progress import ABANDON, write_wish
from lockgate.store.tables import Store
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.options import ApplyOptions, RecoverOptions, RollbackOptions, ignore_event
from lockgate.workflow.recover import recover
from lockgate.workflow.roll_back import roll_back
from tests.execute.bench import Bench, make_bench

pytestmark = pytest.mark.slow
SCRATCH = ScratchOptions(is_beside_target_allowed=True)
NAME = "pt-online-schema-change"
BEFORE = "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, k int NOT NULL, c varchar(40) NOT NULL)"
AFTER = BEFORE.replace("k int", "k bigint")
_ROWS = 12_000
_SLOW = {"pace": Pace(target_s=0.01, rest=50.0)}
_PASSWORD = "s3cr#t \"'\\ word"


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> str:
    fetched = cache_dir() / "tools/pt-osc" / NAME
    found = os.environ.get("LOCKGATE_PT_OSC") or (str(fetched) if fetched.exists() else shutil.which(NAME))
    assert found, f"{NAME} is missing: python tools/get_pt_osc.py fetches it"
    monkeypatch.setenv("LOCKGATE_PT_OSC", found)
    return found


@dataclass
class Scene:
    """A table with rows, and what it is to become."""

    bench: Bench
    file: Path

    def plan(self, after: str = AFTER) -> Plan:
        self.file.write_text(after + ";\n")
        options = PlanOptions(allow=("all",), strategies=("pt-osc",), scratch=SCRATCH)
        return make_plan(self.bench.engine, self.bench.target, str(self.file), options).plan

    def apply(self, plan: Plan, observer: Callable[[Event], None] = ignore_event, **patience: object) -> None:
        options = ApplyOptions(scratch=SCRATCH, patience=Patience(**patience))  # type: ignore[arg-type]
        assert apply_plan(self.bench.engine, self.bench.target, plan, options, observer).state == "applied"

    def back(self) -> None:
        roll_back(self.bench.engine, self.bench.target, "start", RollbackOptions(scratch=SCRATCH))

    def leftovers(self) -> list[str]:
        rows = self.bench.rows(
            "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() UNION ALL"
            " SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
            " AND TABLE_NAME REGEXP '^(_+t_(old|new)|lockgate_p[0-9]+_t)$'"
        )
        return [str(name) for (name,) in rows]


@pytest.fixture(params=["mysql", "mariadb"])
def scene(request: pytest.FixtureRequest, make_database: Callable[[str], str], tmp_path: Path) -> Scene:
    scene = Scene(make_bench(make_database(request.param)), tmp_path / "after.sql")
    values = ", ".join(f"({i}, 'row {i}')" for i in range(1, _ROWS + 1))
    scene.bench.run(BEFORE, f"INSERT INTO t (k, c) VALUES {values}", "ANALYZE TABLE t")
    return scene


class Writer(threading.Thread):
    """Updates, adds and deletes rows; knows what each must hold."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(daemon=True)
        self.session = bench.connect()
        self.expected: dict[int, int | None] = {}
        self.errors: list[str] = []
        self.is_stopped = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.is_stopped.wait(0.004):
            number += 1
            row = number * 7 % _ROWS + 1
            try:
                if number % 10 == 0:
                    self.session.execute(f"DELETE FROM t WHERE id = {row}")
                    self.expected[row] = None
                elif number % 4 == 0:
                    self.session.execute(f"INSERT INTO t (k, c) VALUES ({number}, 'new')")
                    self.expected[int(self.session.query("SELECT LAST_INSERT_ID()")[0][0])] = number
                elif self.session.execute(f"UPDATE t SET k = {number + 9000} WHERE id = {row}"):
                    self.expected[row] = number + 9000
            except LockgateError as error:
                if not is_retryable(error):  # the tool's triggers and chunks deadlock with writers now and then
                    self.errors.append(str(error))

    def check(self, bench: Bench) -> None:
        self.is_stopped.set()
        self.join()
        self.session.close()
        rows = {int(str(i)): int(str(k)) for i, k in bench.rows("SELECT id, k FROM t")}
        wanted = {i: i for i in range(1, _ROWS + 1)} | self.expected
        assert rows == {i: k for i, k in wanted.items() if k is not None}
        assert self.errors == []
        assert len(self.expected) > 100


def test_there_back_and_there_again_while_rows_are_written(scene: Scene) -> None:
    start = scene.bench.fingerprint()
    plan = scene.plan()
    programs = [s.program for step in plan.steps for s in step.statements if s.program is not None]
    assert [p.name for p in programs] == [NAME]
    assert {step.strategy for step in plan.steps} == {Strategy.PT_OSC}
    events: list[Event] = []
    writer = Writer(scene.bench)
    writer.start()
    scene.apply(plan, events.append, **_SLOW)
    assert scene.bench.fingerprint() == plan.after
    scene.back()
    assert scene.bench.fingerprint() == start
    scene.apply(plan)
    writer.check(scene.bench)
    assert scene.bench.fingerprint() == plan.after
    assert scene.leftovers() == []
    told = [e.message for e in events if e.type is EventType.PROGRESS]
    assert "t: the tables were swapped" in told, told


def test_its_login_is_nowhere_to_be_seen(scene: Scene) -> None:
    database = scene.bench.target.database
    user = f"seen_{database}"[:32]
    quoted = "'" + _PASSWORD.replace("\\", "\\\\").replace("'", "''") + "'"
    scene.bench.run(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY {quoted}", f"GRANT ALL ON *.* TO '{user}'@'%'", "FLUSH PRIVILEGES"
    )
    try:
        scene.bench.target = replace(scene.bench.target, user=user, password=_PASSWORD)
        plan = scene.plan()
        seen: list[bytes] = []
        is_over = threading.Event()

        def look() -> None:
            while not is_over.wait(0.02):
                for folder in Path("/proc").glob("[0-9]*"):
                    try:
                        command = (folder / "cmdline").read_bytes()
                        if NAME.encode() in command and b"--new-table-name" in command:
                            seen.append(command + (folder / "environ").read_bytes())
                    except OSError:
                        continue

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        scene.apply(plan, **_SLOW)
        is_over.set()
        watcher.join()
        assert seen
        assert not [text for text in seen if b"s3cr#t" in text or user.encode() in text]
    finally:
        make_bench(scene.bench.url).run(f"DROP USER '{user}'@'%'")


def test_an_abandoned_one_leaves_nothing(scene: Scene) -> None:
    plan, start, rows = scene.plan(), scene.bench.fingerprint(), scene.bench.rows("SELECT * FROM t ORDER BY id")

    def abandon(event: Event) -> None:
        if event.type is EventType.STATEMENT_STARTED and event.sql.startswith("ALTER TABLE"):
            session = scene.bench.connect()
            write_wish(Store(session, scene.bench.engine.state), ABANDON)
            session.close()

    with pytest.raises(LockgateError):
        scene.apply(plan, abandon, pace=Pace(target_s=0.01, rest=200.0))
    assert scene.leftovers() == []
    assert (scene.bench.fingerprint(), scene.bench.rows("SELECT * FROM t ORDER BY id")) == (start, rows)


def test_one_that_fails_is_told_without_values_and_leaves_nothing(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, start = scene.plan(), scene.bench.fingerprint()
    script = tmp_path / NAME
    script.write_text("#!/bin/sh\necho \"Error: Duplicate entry 'secret row' for key\" >&2\nexit 3\n")
    script.chmod(0o755)
    monkeypatch.setenv("LOCKGATE_PT_OSC", str(script))
    with pytest.raises(LockgateError) as caught:
        scene.apply(plan)
    assert "ended with 3" in str(caught.value)
    assert "secret row" not in str(caught.value)
    assert scene.bench.fingerprint() == start


def test_a_missing_program_is_one_clear_error(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = scene.plan()
    monkeypatch.setenv("LOCKGATE_PT_OSC", "/nowhere/" + NAME)
    with pytest.raises(ConfigError, match="was not found"):
        scene.apply(plan)
    with pytest.raises(ConfigError, match="was not found"):
        scene.plan()
    assert scene.bench.rows("SHOW TABLES") == [("t",)]


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (AFTER.replace("(40) NOT NULL", "(40) NOT NULL UNIQUE"), "rows may not fit"),
        (AFTER.replace("k bigint NOT NULL", "k smallint NOT NULL"), "rows may not fit"),
    ],
)
def test_what_it_might_lose_is_refused(scene: Scene, after: str, reason: str) -> None:
    with pytest.raises(UnsupportedChange, match=reason):
        scene.plan(after)


def test_a_killed_run_takes_the_tool_along_and_is_recovered(scene: Scene) -> None:
    plan, start, rows = scene.plan(), scene.bench.fingerprint(), scene.bench.rows("SELECT * FROM t ORDER BY id")
    child = os.fork()
    if not child:
        try:
            scene.apply(plan, pace=Pace(target_s=0.01, rest=1000.0))
        finally:
            os._exit(0)
    end = time.monotonic() + 30
    while len(scene.leftovers()) < 4 and time.monotonic() < end:
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(scene.leftovers()) == 4  # three triggers and the new table
    recover(scene.bench.engine, scene.bench.target, RecoverOptions(scratch=SCRATCH))
    assert scene.leftovers() == []
    assert (scene.bench.fingerprint(), scene.bench.rows("SELECT * FROM t ORDER BY id")) == (start, rows)


def test_its_words_are_read() -> None:
    assert progress("Copying `d`.`t`:  50% 00:30 remain\n") == "50 % copied, about 00:30 left"
    assert progress("2026-11-22T06:00:00 Copied rows OK.\n") == ""
