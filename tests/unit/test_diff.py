"""The comparison of two schemas, renamings, and words for changes; values in, values out."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.diff.drift import DriftStatus, build_drift_report, rate_change
from lockgate.diff.rename import find_renames
from lockgate.errors import InputError
from lockgate.model.change import (
    AddColumn,
    AddConstraint,
    AddIndex,
    AlterColumn,
    AlterConstraint,
    AlterTable,
    CreateObject,
    DropColumn,
    DropConstraint,
    DropObject,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
)
from lockgate.model.codec import canonical_schema, decode, encode, fingerprint
from lockgate.model.finding import Severity
from lockgate.model.schema import (
    Check,
    Column,
    Definition,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    PrimaryKey,
    Schema,
    Table,
    Unique,
    Unmanaged,
)


def col(name: str, type_: str = "int", **more: object) -> Column:
    return Column(name=name, type=type_, **more)  # type: ignore[arg-type]


def table(name: str, *columns: Column, **more: object) -> Table:
    return Table(namespace="", name=name, columns=columns, **more)  # type: ignore[arg-type]


def schema(*tables: Table, **more: object) -> Schema:
    return Schema(engine="sqlite", tables=tables, **more)  # type: ignore[arg-type]


def parts(*names: str) -> tuple[IndexPart, ...]:
    return tuple(IndexPart(column=name) for name in names)


USERS = table(
    "users",
    col("id", is_nullable=False),
    col("email", "text"),
    primary_key=PrimaryKey(name="", parts=parts("id")),
    indexes=(Index(name="by_email", parts=parts("email")),),
)


def test_a_schema_compared_with_itself_has_no_difference() -> None:
    assert diff_schemas(schema(USERS), schema(USERS)) == ()


def test_column_order_and_derived_dependencies_are_no_difference() -> None:
    turned = replace(USERS, columns=(replace(USERS.columns[1], depends_on=(Key("enum", "", "e"),)), USERS.columns[0]))
    assert diff_schemas(schema(USERS), schema(turned)) == ()
    assert fingerprint(schema(USERS)) == fingerprint(schema(turned))


def test_a_new_and_a_vanished_table_come_whole() -> None:
    assert diff_schemas(schema(), schema(USERS)) == (CreateObject(object=USERS),)
    assert diff_schemas(schema(USERS), schema()) == (DropObject(object=USERS),)


def test_parts_of_a_table_are_told_apart() -> None:
    after = replace(
        USERS,
        columns=(USERS.columns[0], col("email", "text", is_nullable=False), col("age")),
        indexes=(Index(name="by_age", parts=parts("age")),),
        comment="people",
    )
    kinds = [type(c) for c in diff_schemas(schema(USERS), schema(after))]
    assert kinds[:3] == [AlterTable, AlterColumn, AddColumn]
    assert {k.__name__ for k in kinds[3:]} == {"DropIndex", "AddIndex"}


def test_an_index_that_differs_only_in_name_is_renamed() -> None:
    after = replace(USERS, indexes=(Index(name="users_email", parts=parts("email")),))
    (change,) = diff_schemas(schema(USERS), schema(after))
    assert isinstance(change, RenameIndex)
    assert (change.before.name, change.after.name) == ("by_email", "users_email")


def test_unnamed_constraints_pair_by_content_and_never_by_their_empty_name() -> None:
    one = replace(USERS, checks=(Check(name="", expression="(id > 0)"), Check(name="", expression="(id < 9)")))
    two = replace(USERS, checks=(Check(name="", expression="(id < 9)"), Check(name="", expression="(id < 7)")))
    changes = diff_schemas(schema(one), schema(two))
    assert [type(c) for c in changes] == [DropConstraint, AddConstraint]
    assert changes[0].constraint.expression == "(id > 0)"  # type: ignore[union-attr]


def test_a_constraint_of_the_same_name_that_differs_is_altered_and_an_equal_one_renamed() -> None:
    fk = ForeignKey(name="fk", columns=("id",), ref_namespace="", ref_table="o", ref_columns=("id",))
    before = replace(USERS, foreign_keys=(fk,), uniques=(Unique(name="u", parts=parts("email")),))
    after = replace(
        USERS, foreign_keys=(replace(fk, on_delete="cascade"),), uniques=(Unique(name="v", parts=parts("email")),)
    )
    kinds = [type(c) for c in diff_schemas(schema(before), schema(after))]
    assert kinds == [RenameConstraint, AlterConstraint]


def test_a_trigger_is_known_by_its_table_and_name() -> None:
    one = Definition(kind="trigger", namespace="", name="t", table="a", sql="x")
    two = replace(one, table="b")
    changes = diff_schemas(schema(definitions=(one,)), schema(definitions=(two,)))
    assert {type(c) for c in changes} == {DropObject, CreateObject}


def test_a_schema_survives_its_canonical_json() -> None:
    assert decode(encode(schema(USERS)), Schema, "x") == schema(USERS)
    assert canonical_schema(canonical_schema(schema(USERS))) == canonical_schema(schema(USERS))


def test_a_column_in_the_same_place_with_the_same_definition_is_a_renaming() -> None:
    before = schema(table("t", col("id"), col("nmae", "text")))
    after = schema(table("t", col("id"), col("name", "text")))
    found = find_renames(before, after, ())
    assert found.columns == (RenameColumn(table=Key("table", "", "t"), before="nmae", after="name"),)
    assert found.found


def test_two_candidates_make_a_question_and_no_renaming() -> None:
    before = schema(table("t", col("id"), col("a", "text"), col("b", "text")))
    after = schema(table("t", col("id"), col("c", "text"), col("d", "text")))
    found = find_renames(before, after, ())
    assert found.columns == ()
    assert ("t.a", "c") in found.questions


def test_a_table_with_the_same_columns_is_a_renaming_and_a_hint_needs_both_sides() -> None:
    before, after = schema(USERS), schema(replace(USERS, name="people"))
    assert find_renames(before, after, ()).tables[0].after.name == "people"
    with pytest.raises(InputError, match="names no table"):
        find_renames(before, after, ("nobody:people",))
    with pytest.raises(InputError, match="old:new"):
        find_renames(before, after, ("people",))


def test_a_hint_renames_a_column_of_a_renamed_table() -> None:
    before = schema(table("t", col("id"), col("a", "text"), col("x")))
    after = schema(table("u", col("id"), col("b", "text"), col("x")))
    found = find_renames(before, after, ("t:u", "t.a:b"))
    assert found.columns == (RenameColumn(table=Key("table", "", "u"), before="a", after="b"),)


def test_what_is_declared_but_not_live_is_critical_and_the_reverse_a_warning() -> None:
    assert rate_change(CreateObject(object=USERS)).severity is Severity.CRITICAL
    assert rate_change(DropObject(object=USERS)).severity is Severity.WARNING
    assert rate_change(DropColumn(table=Key("table", "", "t"), column=col("x"))).severity is Severity.WARNING
    unique = Index(name="i", parts=parts("a"), is_unique=True)
    assert rate_change(AddIndex(table=Key("table", "", "t"), index=unique)).severity is Severity.CRITICAL


def test_unmanaged_objects_make_the_verdict_unknown_and_never_green() -> None:
    odd = (Unmanaged(kind="subscription", name="s", reason="not modelled"),)
    live, desired = schema(USERS, unmanaged=odd), schema(USERS)
    report = build_drift_report(
        live, desired, (), server_version="1", target="t", desired_name="d", fingerprints=("a", "a")
    )
    assert report.status is DriftStatus.UNKNOWN
    assert report.checked["columns"] == 2


def test_a_change_is_described_by_what_differs_only() -> None:
    change = AlterColumn(table=Key("table", "", "t"), before=col("a"), after=col("a", "bigint"))
    note = describe_change(change)
    assert (note.kind, note.table, note.object) == ("alter_column", "t", "t.a")
    assert (note.before, note.after) == ("type int", "type bigint")


def test_a_table_that_takes_a_live_views_name_is_no_renaming() -> None:
    view = Definition(kind="view", namespace="", name="people", sql="SELECT 1")
    before = schema(USERS, definitions=(view,))
    assert find_renames(before, schema(replace(USERS, name="people")), ()).tables == ()
