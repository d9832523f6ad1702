"""A table changed by a pair of tables on MySQL and MariaDB: there and back while it is written, no value lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lockgate.engine.base import ScratchOptions, Session
from lockgate.errors import LockgateError, PrecheckFailed, StatementFailed
from lockgate.execute.pace import Pace
from lockgate.execute.retry import Patience
from lockgate.model.op import Strategy
from lockgate.model.plan import Plan
from lockgate.model.run import Event
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.options import ApplyOptions, FinalizeOptions, RecoverOptions, RollbackOptions
from lockgate.workflow.recover import recover
from lockgate.workflow.roll_back import roll_back
from tests.execute.bench import Bench, make_bench

SCRATCH = ScratchOptions(is_beside_target_allowed=True)
BEFORE = (
    "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, k int NOT NULL, c varchar(40) NOT NULL DEFAULT '',"
    " gone int DEFAULT 5, KEY k (k)) ENGINE=InnoDB"
)
AFTER = (
    "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, k bigint NOT NULL, c varchar(40) NOT NULL DEFAULT '',"
    " fresh int DEFAULT 7, KEY k (k)) ENGINE=InnoDB"
)
_ROWS = 400


@dataclass
class Pair:
    """A live table, and the definition it is to get."""

    bench: Bench
    file: Path

    def plan(self, after: str, strategy: str = "table-pair") -> Plan:
        self.file.write_text(after + ";\n")
        options = PlanOptions(allow=("all",), strategies=(strategy,), scratch=SCRATCH)
        return make_plan(self.bench.engine, self.bench.target, str(self.file), options).plan

    def apply(self, plan: Plan, **patience: object) -> None:
        options = ApplyOptions(scratch=SCRATCH, patience=Patience(**patience))  # type: ignore[arg-type]
        assert apply_plan(self.bench.engine, self.bench.target, plan, options).state == "applied"

    def back(self) -> None:
        roll_back(self.bench.engine, self.bench.target, "start", RollbackOptions(scratch=SCRATCH))

    def own(self) -> tuple[str, ...]:
        """What of ours is there, triggers too, but for the journal."""
        triggers = self.bench.rows(
            "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        )
        session = self.bench.connect()
        try:
            return (*self.bench.engine.list_own(session), *(str(name) for (name,) in triggers))
        finally:
            session.close()


@pytest.fixture(params=["mysql", "mariadb"])
def pair(request: pytest.FixtureRequest, make_database: Callable[[str], str], tmp_path: Path) -> Pair:
    return Pair(make_bench(make_database(request.param)), tmp_path / "after.sql")


@pytest.fixture
def filled(pair: Pair) -> Pair:
    values = ", ".join(f"({i}, 'row {i}')" for i in range(1, _ROWS + 1))
    pair.bench.run(BEFORE, f"INSERT INTO t (k, c) VALUES {values}")
    return pair


class Writer(threading.Thread):
    """Writes to ``t`` until it is stopped; knows what each row must hold and every error it got."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(daemon=True)
        self.session: Session = bench.connect()
        self.expected: dict[int, int | None] = {}
        self.errors: list[str] = []
        self.is_stopped = threading.Event()
        self.offset = 0

    def run(self) -> None:
        number = 0
        while not self.is_stopped.wait(0.004):
            number += 1
            try:
                self._write(number)
            except LockgateError as error:
                self.errors.append(str(error))

    def _write(self, number: int) -> None:
        row, value = number * 7 % _ROWS + 1, self.offset + number
        if number % 10 == 0:
            if self.session.execute(f"DELETE FROM t WHERE id = {row}"):
                self.expected[row] = None
        elif number % 4 == 0:
            self.session.execute(f"INSERT INTO t (k, c) VALUES ({value}, 'new')")
            self.expected[int(self.session.query("SELECT LAST_INSERT_ID()")[0][0])] = value
        elif self.session.execute(f"UPDATE t SET k = {value} WHERE id = {row}"):
            self.expected[row] = value

    def finish(self) -> None:
        self.is_stopped.set()
        self.join()
        self.session.close()


@pytest.fixture
def writer(filled: Pair) -> Iterator[Writer]:
    thread = Writer(filled.bench)
    thread.start()
    yield thread
    if thread.is_alive():
        thread.finish()


def test_a_column_is_widened_and_taken_back_while_it_is_written(filled: Pair, writer: Writer) -> None:
    before = filled.bench.fingerprint()
    plan = filled.plan(AFTER)
    assert [step.strategy for step in plan.steps] == [Strategy.TABLE_PAIR]
    filled.apply(plan, pace=Pace(first_rows=50, most_rows=50))
    assert filled.bench.fingerprint() == plan.after
    filled.back()
    assert filled.bench.fingerprint() == before
    filled.apply(plan)
    writer.finish()
    assert writer.errors == []
    rows = dict(filled.bench.rows("SELECT id, k FROM t"))
    assert {row: rows.get(row) for row in writer.expected} == writer.expected
    old = plan.steps[0].parks[0].parked
    assert filled.bench.rows("SELECT id, k, c FROM t ORDER BY id") == filled.bench.rows(
        f"SELECT id, k, c FROM `{old}` ORDER BY id"
    )
    finalize(filled.bench.engine, filled.bench.target, "latest", FinalizeOptions(is_now=True))
    assert filled.own() == ()


def test_what_the_old_table_cannot_hold_is_kept_and_comes_again(filled: Pair) -> None:
    plan = filled.plan(AFTER)
    filled.apply(plan)
    filled.bench.run(
        "UPDATE t SET k = 6000000000 WHERE id = 5",
        "UPDATE t SET fresh = 77 WHERE id = 6",
        "INSERT INTO t (k, c, fresh) VALUES (5000000000, 'big', 78)",
        "UPDATE t SET k = 7000000000 WHERE id = 8",
    )
    filled.back()
    kept = "SELECT row_key, value_text, stand_in FROM lockgate_salvage ORDER BY id"
    assert filled.bench.rows(kept) == [
        ('{"id": 5}', "6000000000", "5"),
        ('{"id": 401}', "5000000000", "0"),
        ('{"id": 8}', "7000000000", "8"),
    ]
    assert filled.bench.rows("SELECT id, k, gone FROM t WHERE id IN (5, 6, 401) ORDER BY id") == [
        (5, 5, 5),
        (6, 6, 5),
        (401, 0, 5),
    ]
    filled.bench.run("UPDATE t SET c = 'touched' WHERE id = 5", "UPDATE t SET k = 88 WHERE id = 8")
    filled.apply(plan)
    assert filled.bench.rows("SELECT id, k, c, fresh FROM t WHERE id IN (5, 6, 8, 401) ORDER BY id") == [
        (5, 6000000000, "touched", 7),
        (6, 6, "row 6", 77),
        (8, 88, "row 8", 7),
        (401, 5000000000, "big", 78),
    ]


def test_every_kind_of_write_reaches_the_mirror_both_ways(filled: Pair) -> None:
    plan = filled.plan(AFTER)
    writes = (
        "UPDATE t SET id = id + 1000 WHERE id BETWEEN 10 AND 20",
        "UPDATE t SET id = id + 1 WHERE id > 1015 ORDER BY id DESC",
        "REPLACE INTO t (id, k, c) VALUES (30, 1, 'replaced')",
        "INSERT INTO t (id, k, c) VALUES (31, 1, 'x') ON DUPLICATE KEY UPDATE c = 'updated'",
        "INSERT IGNORE INTO t (id, k, c) VALUES (32, 1, 'ignored'), (5000, 2, 'taken')",
        "INSERT INTO t (k, c) SELECT k, c FROM t WHERE id < 10",
        "DELETE FROM t WHERE id BETWEEN 40 AND 45",
        "UPDATE t SET c = UPPER(c) WHERE id BETWEEN 50 AND 55",
        "UPDATE t AS a JOIN t AS b ON b.id = a.id + 1 SET a.k = b.k WHERE a.id BETWEEN 60 AND 65",
    )
    compared = "SELECT id, k, HEX(c) FROM {} ORDER BY id"
    filled.apply(plan)
    filled.bench.run(*writes)
    step = plan.steps[0]
    mirrors = (step.parks[0].parked, step.backward_parks[0].parked)
    assert filled.bench.rows(compared.format("t")) == filled.bench.rows(compared.format(mirrors[0]))
    filled.back()
    filled.bench.run("DELETE FROM t WHERE id > 1000", *writes[2:])
    assert filled.bench.rows(compared.format("t")) == filled.bench.rows(compared.format(mirrors[1]))
    assert filled.bench.rows("SELECT COUNT(*) FROM lockgate_salvage") == [(0,)]


def test_rows_lost_to_truncate_are_lost_after_the_way_back_too(filled: Pair) -> None:
    filled.apply(filled.plan(AFTER))
    filled.bench.run("TRUNCATE TABLE t", "INSERT INTO t (id, k, c) VALUES (3, 33, 'again')")
    filled.back()
    assert filled.bench.rows("SELECT id, k, c, gone FROM t") == [(3, 33, "again", 5)]


def test_a_key_that_the_old_table_cannot_hold_refuses_the_way_back_before_anything(filled: Pair) -> None:
    plan = filled.plan(AFTER.replace("id int", "id bigint"))
    filled.apply(plan)
    filled.bench.run("INSERT INTO t (id, k) VALUES (3000000000, 1)")
    with pytest.raises(PrecheckFailed, match="a key that the old table cannot hold"):
        filled.back()
    assert filled.bench.fingerprint() == plan.after


class Died(BaseException):
    """The process ends in the middle."""


def die_after(ranges: int) -> Callable[[float], None]:
    """Return a sleep that ends the process after so many ranges."""
    left = [ranges]

    def sleep(_seconds: float) -> None:
        left[0] -= 1
        if not left[0]:
            raise Died

    return sleep


@pytest.mark.parametrize("is_finish", [True, False])
def test_a_copy_that_was_cut_off_goes_on_from_its_watermark_or_is_undone(filled: Pair, is_finish: bool) -> None:
    before, plan = filled.bench.fingerprint(), filled.plan(AFTER)
    with pytest.raises(Died):
        filled.apply(plan, pace=Pace(first_rows=50, most_rows=50), sleep=die_after(3))
    reached = filled.bench.rows("SELECT rows_done FROM lockgate_progress WHERE is_done = 0")
    assert reached in [[(50,)], [(100,)], [(150,)]]
    filled.bench.run("UPDATE t SET k = -1 WHERE id IN (2, 399)", "DELETE FROM t WHERE id = 3")
    told: list[Event] = []
    options = RecoverOptions(is_finish=is_finish, scratch=SCRATCH)
    recover(filled.bench.engine, filled.bench.target, options, told.append)
    copied = "SELECT id, k, c FROM {} ORDER BY id"
    if not is_finish:
        assert filled.bench.fingerprint() == before
        assert filled.own() == ()
        return
    assert filled.bench.fingerprint() == plan.after
    copies = [event.message for event in told if "rows copied" in event.message]
    assert copies and "about 200 rows copied" not in copies[0], copies
    assert filled.bench.rows(copied.format("t")) == filled.bench.rows(copied.format(plan.steps[0].parks[0].parked))
    filled.back()
    assert filled.bench.fingerprint() == before


def test_a_transaction_with_an_old_snapshot_goes_on_and_its_row_follows_later(filled: Pair) -> None:
    plan = filled.plan(AFTER)
    filled.bench.run("CREATE TABLE other (id int) ENGINE=InnoDB")
    session = filled.bench.connect()
    plan = filled.plan(AFTER + "; CREATE TABLE other (id int) ENGINE=InnoDB")
    try:
        session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        session.query("SELECT * FROM other")
        filled.apply(plan)
        filled.back()
        session.execute("UPDATE t SET k = 123 WHERE id = 9")
        session.execute("COMMIT")
    finally:
        session.close()
    filled.apply(plan)
    assert filled.bench.rows("SELECT k FROM t WHERE id = 9") == [(123,)]


def test_a_value_that_was_not_changed_keeps_its_spelling_in_the_old_table(pair: Pair) -> None:
    pair.bench.run(
        "CREATE TABLE t (id int PRIMARY KEY, code varchar(10), n int) ENGINE=InnoDB",
        "INSERT INTO t VALUES (1, '007', 1), (2, '008', 1)",
    )
    pair.apply(pair.plan("CREATE TABLE t (id int PRIMARY KEY, code int, n int) ENGINE=InnoDB"))
    pair.bench.run("UPDATE t SET n = 2 WHERE id = 1", "UPDATE t SET code = 9 WHERE id = 2")
    pair.back()
    assert pair.bench.rows("SELECT id, code, n FROM t ORDER BY id") == [(1, "007", 2), (2, "9", 1)]


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [("sel`ect 'x\"", "or`der", "gr'oup \\ %s"), ("täble ü", "select", "日本 'x'"), ("x" * 64, "y" * 64, "z" * 64)],
)
def test_names_may_be_anything(pair: Pair, table: str, key: str, column: str) -> None:
    def create(type_: str) -> str:
        names = [name.replace("`", "``") for name in (table, key, column)]
        columns = f"`{names[1]}` varchar(20) COLLATE utf8mb4_bin PRIMARY KEY, `{names[2]}` {type_}"
        return f"CREATE TABLE `{names[0]}` ({columns}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"

    quoted = f"`{table.replace('`', '``')}`"
    pair.bench.run(create("int"), f"INSERT INTO {quoted} VALUES ('a''b', 1), ('ü\\\\', 2), ('', 3)")
    plan = pair.plan(create("bigint"))
    assert [step.strategy for step in plan.steps] == [Strategy.TABLE_PAIR]
    pair.apply(plan, pace=Pace(first_rows=1, most_rows=1))
    pair.bench.run(f"INSERT INTO {quoted} VALUES ('new', 5000000000)")
    pair.back()
    assert sorted(pair.bench.rows(f"SELECT * FROM {quoted}")) == [("", 3), ("a'b", 1), ("new", None), ("ü\\", 2)]
    kept = pair.bench.rows("SELECT row_key, column_name, value_text FROM lockgate_salvage")
    assert kept == [(f'{{"{key}": "new"}}', column, "5000000000")]


def test_foreign_keys_hold_in_both_tables_and_keep_their_names(pair: Pair) -> None:
    parent = "CREATE TABLE p (id int PRIMARY KEY) ENGINE=InnoDB"
    child = (
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int, n {}, KEY a (a), KEY b (b),"
        " CONSTRAINT of_a FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE,"
        " CONSTRAINT t_ibfk_1 FOREIGN KEY (b) REFERENCES p (id) ON DELETE SET NULL) ENGINE=InnoDB"
    )
    pair.bench.run(
        parent,
        child.format("int"),
        "INSERT INTO p VALUES (1), (2), (3), (4), (5)",
        "INSERT INTO t VALUES (1, 1, 2, 1), (2, 2, 1, 2), (3, 3, 4, 3), (4, 4, 3, 4), (5, 5, 5, 5)",
    )
    before, plan = pair.bench.fingerprint(), pair.plan(f"{parent}; {child.format('bigint')}")
    assert [step.strategy for step in plan.steps] == [Strategy.TABLE_PAIR]
    pair.apply(plan)
    pair.bench.run("DELETE FROM p WHERE id = 1")
    pair.back()
    assert pair.bench.fingerprint() == before
    assert pair.bench.rows("SELECT id, a, b FROM t ORDER BY id") == [(2, 2, None), (3, 3, 4), (4, 4, 3), (5, 5, 5)]
    pair.bench.run("DELETE FROM p WHERE id = 3")
    pair.apply(plan)
    assert pair.bench.fingerprint() == plan.after
    assert pair.bench.rows("SELECT id, a, b FROM t ORDER BY id") == [(2, 2, None), (4, 4, None), (5, 5, 5)]
    with pytest.raises(StatementFailed):
        pair.bench.run("INSERT INTO t VALUES (6, 99, 2, 1)")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("CREATE TABLE t (a int) ENGINE=InnoDB", "CREATE TABLE t (a bigint) ENGINE=InnoDB", "no primary key"),
        (
            "CREATE TABLE t (a int PRIMARY KEY, b int, UNIQUE u (b)) ENGINE=InnoDB",
            "CREATE TABLE t (a int PRIMARY KEY, b bigint) ENGINE=InnoDB",
            "the unique key u goes",
        ),
    ],
)
def test_a_table_that_cannot_be_paired_is_changed_plainly_and_says_why(
    pair: Pair, before: str, after: str, reason: str
) -> None:
    pair.bench.run(before)
    plan = pair.plan(after)
    assert {step.strategy for step in plan.steps} == {Strategy.PLAIN}
    assert any(reason in notice for step in plan.steps for notice in step.notices)


def test_a_pair_of_columns_is_not_made_and_the_plan_says_so(filled: Pair) -> None:
    plan = filled.plan(AFTER, "column-pair")
    assert {step.strategy for step in plan.steps} == {Strategy.PLAIN}
    assert any("pairs of columns are not made" in notice for step in plan.steps for notice in step.notices)
