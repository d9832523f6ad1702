"""A small shop with rows, and a plan by hand over all three stages; the same SQL on every engine."""

from __future__ import annotations

from lockgate.model.op import Parked, Precheck, Statement
from lockgate.model.plan import Plan
from lockgate.model.schema import Key
from tests.execute.bench import Bench, op

ROWS = 5


def build_shop(bench: Bench) -> None:
    """Create three tables with rows."""
    bench.run(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50), age INTEGER)",
        "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER, total INTEGER)",
        "CREATE TABLE old_notes (id INTEGER NOT NULL PRIMARY KEY, note VARCHAR(100))",
    )
    for number in range(1, ROWS + 1):
        bench.run(
            f"INSERT INTO users VALUES ({number}, 'name {number}', NULL)",
            f"INSERT INTO orders VALUES ({number}, {number}, {number * 10})",
            f"INSERT INTO old_notes VALUES ({number}, 'note 100% {number}')",
        )


def all_rows(bench: Bench) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the shop's tables, by table."""
    columns = {"users": "id, name, age", "orders": "id, user_id, total", "old_notes": "id, note"}
    return {table: bench.rows(f"SELECT {names} FROM {table} ORDER BY id") for table, names in columns.items()}


def shop_plan(bench: Bench, *, is_transactional: bool = True) -> Plan:
    """Return a plan: a table and an index (1), a column by several statements (2), parking a table (3)."""
    ns = "public" if bench.schema().tables[0].namespace else ""
    kind = {"is_transactional": is_transactional, "namespace": ns}
    dot = f"{ns}." if ns else ""
    items = Parked(
        original=Key("table", ns, "items"),
        parked=f"{dot}lockgate_p2_items",
        finalize=(Statement(sql="DROP TABLE lockgate_p2_items", is_transactional=is_transactional),),
    )
    notes = Parked(
        original=Key("table", ns, "old_notes"),
        parked=f"{dot}lockgate_p1_old_notes",
        finalize=(Statement(sql="DROP TABLE lockgate_p1_old_notes", is_transactional=is_transactional),),
    )
    is_mysql = "ON orders" if bench.engine.quote("x") == "`x`" else ""
    plan = bench.plan(
        op(
            "add table items", 1, ["CREATE TABLE items (id INTEGER NOT NULL PRIMARY KEY)"], ["DROP TABLE items"], **kind
        ),
        op(
            "add index orders_user",
            1,
            ["CREATE INDEX orders_user ON orders (user_id)"],
            [f"DROP INDEX orders_user {is_mysql}".strip()],
            table="orders",
            **kind,
        ),
        op(
            "rename age to years and fill it",
            2,
            [
                "ALTER TABLE users ADD COLUMN years INTEGER",
                "UPDATE users SET years = 7 WHERE years IS NULL",
                "CREATE INDEX users_years ON users (years)",
            ],
            [
                f"DROP INDEX users_years {is_mysql.replace('orders', 'users')}".strip(),
                "UPDATE users SET years = NULL",
                "ALTER TABLE users DROP COLUMN years",
            ],
            table="users",
            prechecks=(Precheck(name="ages", sql="SELECT count(*) FROM users WHERE age < 0", message="ages below 0"),),
            **kind,
        ),
        op(
            "drop table old_notes",
            3,
            ["ALTER TABLE old_notes RENAME TO lockgate_p1_old_notes"],
            ["ALTER TABLE lockgate_p1_old_notes RENAME TO old_notes"],
            table="old_notes",
            parks=(notes,),
            **kind,
        ),
    )
    return _park_backward(plan, items)


def _park_backward(plan: Plan, items: Parked) -> Plan:
    """Let the way back park the new table instead of dropping it (measured with a drop, so nothing is left)."""
    from msgspec.structs import replace

    from lockgate.model.plan import seal_plan

    first = plan.stages[0]
    step = first.steps[0]
    parking = Statement(
        sql="ALTER TABLE items RENAME TO lockgate_p2_items", is_transactional=step.statements[0].is_transactional
    )
    step = replace(step, backward=(parking,), backward_parks=(items,))
    stage = replace(first, steps=(step, *first.steps[1:]))
    return seal_plan(replace(plan, stages=(stage, *plan.stages[1:])))
