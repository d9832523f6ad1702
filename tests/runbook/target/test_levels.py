"""The levels of rollback: the lowest sufficient one, what it would lose, and nothing by itself that loses rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from lockgate.backup.settings import BackupSettings
from lockgate.errors import ApprovalMissing, InDoubtError, LockgateError, RefusedError
from lockgate.model.actions import Apply, Backup, Plan, Restore
from lockgate.model.checks import BackupCheck, SchemaCheck
from lockgate.model.outcome import FailureClass, Outcome, RollbackLevel
from lockgate.model.procedure import EntryType, TaskState
from lockgate.model.runbook import Runbook, Task
from lockgate.runbook.base import Done, LevelAsk
from lockgate.runbook.levels.choose import build_loss_window, take_back
from tests.runbook.target.bench import Bench, make_bench, open_bench, phase_of

BEFORE = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)"
AFTER = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL, note TEXT);"
ANY = Task(id="1.9", title="gate")


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "book"
    folder.mkdir()
    app = folder / "app"
    app.write_text("3")
    hooks = {"state": f"cat {app}", "stop": f"echo 0 > {app}", "start": f'echo "$LOCKGATE_APP_STATE" > {app}'}
    rows = "INSERT INTO orders VALUES (1, 10), (2, 20)"
    with open_bench(sqlite_url, folder, AFTER, BEFORE, rows, backup=BackupSettings(hooks=hooks)) as made:
        yield made


def back(bench: Bench, level: RollbackLevel, kind: FailureClass, *, is_allowed: bool = False, to: str = "") -> Done:
    ask = LevelAsk(level, to, "a test", kind, is_allowed)
    return take_back(bench.tools, ask, bench.context(ANY))


def test_the_schema_level_goes_back_without_losing_a_row(bench: Bench) -> None:
    bench.do(Plan(output="plan.json"))
    assert bench.do(Apply(plan="plan.json"), "1.2").state is TaskState.DONE
    bench.sql("INSERT INTO orders VALUES (3, 30, 'new')")

    ended = back(bench, RollbackLevel.DATA, FailureClass.SCHEMA)

    assert ended.state is TaskState.DONE, ended.message
    assert bench.rows("SELECT id, total FROM orders ORDER BY id") == [(1, 10), (2, 20), (3, 30)]
    assert bench.ask(SchemaCheck(is_="before")).outcome is Outcome.OK
    assert bench.effects("restore") == []
    assert build_loss_window(bench.tools)(RollbackLevel.SCHEMA, "").startswith("nothing would be lost")


def test_the_data_level_needs_a_word_says_what_is_lost_and_puts_the_recorded_state_back(bench: Bench) -> None:
    taken = bench.do(Backup(), "1.0")
    assert taken.state is TaskState.DONE, taken.message
    assert bench.ask(BackupCheck(max_age="10m", since="run")).outcome is Outcome.OK
    bench.sql("DELETE FROM orders WHERE id = 2", "INSERT INTO orders VALUES (3, 30), (4, 40), (5, 50)")

    with pytest.raises(ApprovalMissing) as refused:
        back(bench, RollbackLevel.DATA, FailureClass.DATA)
    assert "would lose writes since" in refused.value.cause
    assert "≈ 2 rows in 1 table;" in refused.value.cause
    assert bench.rows("SELECT count(*) FROM orders") == [(4,)]

    ended = back(bench, RollbackLevel.DATA, FailureClass.DATA, is_allowed=True)

    assert ended.state is TaskState.DONE, ended.message
    assert bench.rows("SELECT id, total FROM orders ORDER BY id") == [(1, 10), (2, 20)]
    assert (bench.folder / "app").read_text().strip() == "3"
    assert "equal the manifest" in ended.message
    assert "kept as" in ended.message
    assert bench.probe(Restore(), "1.9") is TaskState.DONE


def test_a_damaged_backup_stops_nothing(bench: Bench) -> None:
    bench.do(Backup(verify="off"), "1.0")
    for file in bench.tools.open_repository().backups()[0].folder.rglob("*"):
        if file.is_file() and file.name != "manifest.json":
            file.write_bytes(b"cut")

    with pytest.raises(LockgateError):
        back(bench, RollbackLevel.DATA, FailureClass.DATA, is_allowed=True)
    assert (bench.folder / "app").read_text() == "3"
    assert bench.rows("SELECT count(*) FROM orders") == [(2,)]
    assert bench.do(Restore(backup="latest"), "1.3").state is TaskState.FAILED


def test_a_failed_way_back_is_in_doubt(bench: Bench) -> None:
    bench.do(Backup(verify="off"), "1.0")
    level = {"state": "cat app", "stop": "exit 3", "start": "true"}
    bench.tools = replace(bench.tools, backup=BackupSettings(hooks=level))

    with pytest.raises(InDoubtError) as raised:
        back(bench, RollbackLevel.DATA, FailureClass.DATA, is_allowed=True)
    assert raised.value.exit_code == 7
    assert raised.value.what == "the rollback failed"


def test_after_a_point_of_no_return_nothing_is_undone_by_itself(bench: Bench) -> None:
    irreversible = Task(id="1.2", title="apply", do=Apply(plan="plan.json"), irreversible="partners were told")
    bench.runbook = Runbook(runbook="t", phases=(phase_of(irreversible),))
    bench.do(Plan(output="plan.json"))
    bench.do(Apply(plan="plan.json"), "1.2")
    bench.record.append(EntryType.TASK_ENDED, {"state": "done"}, phase="1", task="1.2")

    with pytest.raises(RefusedError, match="point of no return"):
        back(bench, RollbackLevel.SCHEMA, FailureClass.SERVICE)
    assert bench.ask(SchemaCheck(is_="expected")).outcome is Outcome.OK
    bench.runbook = msgspec.structs.replace(bench.runbook, preauthorised=(RollbackLevel.SCHEMA,))
    assert back(bench, RollbackLevel.SCHEMA, FailureClass.SERVICE).state is TaskState.DONE


def test_a_run_that_changed_nothing_has_nothing_to_take_back(bench: Bench) -> None:
    assert "nothing was to be taken back" in back(bench, RollbackLevel.SCHEMA, FailureClass.SERVICE).message


def test_no_backup_is_a_failed_check_and_another_databases_does_not_count(bench: Bench) -> None:
    assert bench.ask(BackupCheck()).outcome is Outcome.FAIL
    bench.do(Backup(verify="off"), "1.0")
    assert "never restored" in bench.ask(BackupCheck()).found
    assert bench.ask(BackupCheck(verified=False)).outcome is Outcome.OK
    other = bench.tools.target.path.replace("db", "zz")
    Path(other).touch()
    moved = make_bench(f"sqlite:///{other}", bench.folder / "other")
    object.__setattr__(moved.tools, "open_repository", bench.tools.open_repository)
    answer = moved.ask(BackupCheck(verified=False))
    moved.record.close()
    assert answer.outcome is Outcome.FAIL
    assert "none of this database" in answer.found


def test_a_backup_that_holds_half_of_the_one_before_fails(bench: Bench) -> None:
    bench.sql(
        "WITH n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO orders SELECT i, i FROM n"
    )
    bench.do(Backup(verify="off"), "1.0")
    bench.sql("DELETE FROM orders WHERE id > 10", "VACUUM")

    ended = bench.do(Backup(verify="off"), "1.1")

    assert ended.state is TaskState.FAILED
    assert "less than half" in ended.message
    assert json.dumps(bench.effects("backup")).count('"backup_kind": "full"') == 2
