"""Each kind of drift has its own code, and every code is the answer to some difference."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lockgate.diff.compare import diff_schemas
from lockgate.diff.drift import digest_change, rate_change
from lockgate.diff.drift_rules import RULES
from lockgate.diff.undo import undo_changes
from lockgate.model.codec import fingerprint
from lockgate.model.schema import (
    Check,
    Column,
    Definition,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)

A, B = IndexPart(column="a"), IndexPart(column="b")
COLUMNS = (
    Column(name="a", type="int"),
    Column(name="b", type="text", collation="C", default="'x'", comment="old"),
    Column(name="c", type="int", is_nullable=False),
)
INDEX = Index(name="by_a", parts=(A,))
CHECK = Check(name="positive", expression="a > 0")
KEY = ForeignKey(name="to_t", columns=("a",), ref_namespace="", ref_table="t", ref_columns=("c",))
TABLE = Table(
    namespace="", name="t", columns=COLUMNS, indexes=(INDEX,), checks=(CHECK,), foreign_keys=(KEY,), comment="old"
)
OTHER = Table(namespace="", name="u", columns=COLUMNS)
VIEW = Definition(kind="view", namespace="", name="v", sql="SELECT 1")
LIVE = Schema(engine="any", tables=(TABLE, OTHER), definitions=(VIEW,))


def with_table(table: Table) -> Schema:
    return replace(LIVE, tables=(table, OTHER))


def with_column(number: int, **fields: object) -> Schema:
    columns = tuple(replace(c, **fields) if i == number else c for i, c in enumerate(COLUMNS))
    return with_table(replace(TABLE, columns=columns))


DESIRED = {
    "table": (replace(LIVE, tables=(*LIVE.tables, replace(OTHER, name="w"))), "drift-missing"),
    "column": (with_table(replace(TABLE, columns=(*COLUMNS, Column(name="d", type="int")))), "drift-missing"),
    "index": (with_table(replace(TABLE, indexes=(INDEX, Index(name="by_b", parts=(B,))))), "drift-missing-index"),
    "unique index": (
        with_table(replace(TABLE, indexes=(INDEX, Index(name="by_b", parts=(B,), is_unique=True)))),
        "drift-missing-constraint",
    ),
    "key": (with_table(replace(TABLE, primary_key=PrimaryKey(name="p", parts=(A,)))), "drift-missing-constraint"),
    "unique": (with_table(replace(TABLE, uniques=(Unique(name="q", parts=(A,)),))), "drift-missing-constraint"),
    "no table": (replace(LIVE, tables=(TABLE,)), "drift-undeclared"),
    "no view": (replace(LIVE, definitions=()), "drift-undeclared"),
    "no column": (with_table(replace(TABLE, columns=COLUMNS[:2])), "drift-undeclared"),
    "no check": (with_table(replace(TABLE, checks=())), "drift-undeclared-constraint"),
    "no index": (with_table(replace(TABLE, indexes=())), "drift-undeclared-index"),
    "type": (with_column(0, type="bigint"), "drift-type"),
    "identity": (with_column(0, identity=Identity(generation="always")), "drift-value-origin"),
    "not null": (with_column(0, is_nullable=False), "drift-nullable"),
    "null": (with_column(2, is_nullable=True), "drift-not-null"),
    "collation": (with_column(1, collation="POSIX"), "drift-collation"),
    "default": (with_column(1, default="'y'"), "drift-default"),
    "comment": (with_column(1, comment="new"), "drift-cosmetic"),
    "expression": (with_table(replace(TABLE, checks=(replace(CHECK, expression="a > 1"),))), "drift-definition"),
    "view": (replace(LIVE, definitions=(replace(VIEW, sql="SELECT 2"),)), "drift-definition"),
    "action": (with_table(replace(TABLE, foreign_keys=(replace(KEY, on_delete="cascade"),))), "drift-property"),
    "table comment": (with_table(replace(TABLE, comment="new")), "drift-cosmetic"),
    "index name": (with_table(replace(TABLE, indexes=(replace(INDEX, name="by_a2"),))), "drift-renamed"),
}


@pytest.mark.parametrize("name", DESIRED)
def test_a_difference_has_its_code_and_can_be_undone(name: str) -> None:
    desired, code = DESIRED[name]
    (change,) = diff_schemas(LIVE, desired)
    assert rate_change(change).code == code
    assert fingerprint(undo_changes(desired, (change,))) == fingerprint(LIVE)


def test_every_code_is_the_answer_to_some_difference() -> None:
    assert {rule.code for rule in RULES} == {code for _, code in DESIRED.values()}


def test_the_digests_of_differences_are_all_different() -> None:
    digests = [digest_change(diff_schemas(LIVE, desired)[0]) for desired, _ in DESIRED.values()]
    assert len(set(digests)) == len(digests)


def test_all_differences_together_can_be_undone_one_by_one() -> None:
    for name, (desired, _) in DESIRED.items():
        for other, (live, _) in DESIRED.items():
            changes = diff_schemas(live, desired)
            for change in changes:
                rest = diff_schemas(live, undo_changes(desired, (change,)))
                assert len(rest) == len(changes) - 1, (name, other, change)
