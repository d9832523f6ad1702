"""What a checkpoint is chosen to be, and how decoded changes become statements."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.backup.incremental import choose_kind, find_tables, with_connected
from lockgate.backup.repository import Repository
from lockgate.engine import load_engine
from lockgate.engine.postgres.wal_changes import LoggedTable, read_row, statements_of
from lockgate.errors import InputError, LogUnusable
from lockgate.model.backup import BackupKind
from lockgate.model.schema import Column, ForeignKey, Key, PartitionOf, Schema, Table
from lockgate.model.target import parse_target
from lockgate.workflow.choose_backup import choose_backup

TABLES = {
    ("public", "t"): LoggedTable("public", "t", ("id",), frozenset({"g"})),
    ("public", "no"): LoggedTable("public", "no", ()),
    ("S p", 'a"b'): LoggedTable("S p", 'a"b', ("k 1",)),
    ("public", "parts"): LoggedTable("public", "parts", (), is_partitioned=True),
}


def table(name: str, refers: str = "", part_of: str = "") -> Table:
    """Return a table."""
    foreign = ForeignKey(name="f", columns=("id",), ref_namespace="s", ref_table=refers, ref_columns=("id",))
    return Table(
        namespace="s",
        name=name,
        columns=(Column(name="id", type="int"),),
        foreign_keys=(foreign,) if refers else (),
        partition_of=PartitionOf(namespace="s", name=part_of, bound="DEFAULT") if part_of else None,
    )


SCHEMA = Schema(
    engine="x",
    tables=(table("a"), table("b", "a"), table("c", "b"), table("d"), table("e"), table("e1", part_of="e")),
)


@pytest.mark.parametrize(
    "named, reached", [("a", "abc"), ("c", "abc"), ("d", "d"), ("e1", ["e", "e1"]), ("e", ["e", "e1"])]
)
def test_touched_tables_come_with_all_they_are_connected_with(named: str, reached: list[str]) -> None:
    found = with_connected(SCHEMA, find_tables(SCHEMA, [named]))
    assert [key.name for key in found] == list(reached)
    assert find_tables(SCHEMA, [f"s.{named}"]) == find_tables(SCHEMA, [named])
    assert with_connected(SCHEMA, [Key("table", "s", "not there yet")]) == ()


def test_sqlite_keeps_no_log_and_everything_is_taken(sqlite_url: str, tmp_path: Path) -> None:
    engine, target, repository = load_engine("sqlite"), parse_target(sqlite_url), Repository(tmp_path / "r")
    session = engine.connect(target)
    assert choose_kind(engine, session, repository).kind is BackupKind.FULL
    assert "no log" in choose_kind(engine, session, repository).why
    session.close()
    for kind, more, words in (
        (BackupKind.TABLES, {}, "needs the tables"),
        (BackupKind.FULL, {"table_names": ["a"]}, "does not belong to a full backup"),
        (BackupKind.FULL, {"since": "x"}, "follows none"),
        (BackupKind.TABLES, {"table_names": ["a"]}, "there is no table a"),
        (BackupKind.LOG, {}, "no backup that a log could follow"),
    ):
        with pytest.raises(InputError, match=words):
            choose_backup(engine, target, repository, kind, **more)


@pytest.mark.parametrize(
    "line, statement",
    [
        ("table public.t: INSERT: id[integer]:1 v[text]:'it''s' g[integer]:2 n[text]:null",
         "INSERT INTO public.t (id, v, n) OVERRIDING SYSTEM VALUE VALUES ('1', 'it''s', NULL);"),
        ("table public.t: UPDATE: id[integer]:1 big[text]:unchanged-toast-datum b[bit varying]:B'101'",
         "UPDATE ONLY public.t SET id = '1', b = '101' WHERE id = '1';"),
        ("table public.t: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 v[text]:' new-tuple: '",
         "UPDATE ONLY public.t SET id = '2', v = ' new-tuple: ' WHERE id = '1';"),
        ('table "S p"."a""b": DELETE: "k 1"[character varying]:\'x] y\'',
         'DELETE FROM ONLY "S p"."a""b" WHERE "k 1" = \'x] y\';'),
        ('table public.t: INSERT: id[integer[]]:\'{1}\' v["Odd]t"."x y"]:\'unchanged-toast-datum\'',
         "INSERT INTO public.t (id, v) OVERRIDING SYSTEM VALUE VALUES ('{1}', 'unchanged-toast-datum');"),
        ("table public.t, public.parts, public.no: TRUNCATE: cascade", "TRUNCATE ONLY public.t, public.no;"),
    ],
)  # fmt: skip
def test_a_change_becomes_the_statement_that_makes_it_again(line: str, statement: str) -> None:
    text = "".join(statements_of(["BEGIN", line, "COMMIT", "BEGIN", "COMMIT"], TABLES))
    assert text == f"BEGIN;\nSET CONSTRAINTS ALL DEFERRED;\n{statement}\nCOMMIT;\n"


@pytest.mark.parametrize(
    "line, why",
    [
        ("table public.no: DELETE: (no-tuple-data)", "without a primary key"),
        ("table public.no: UPDATE: a[integer]:1", "without a primary key"),
        ("table public.gone: INSERT: a[integer]:1", "not there any more"),
    ],
)
def test_a_change_that_cannot_be_made_again_is_refused(line: str, why: str) -> None:
    with pytest.raises(LogUnusable) as caught:
        list(statements_of(["BEGIN", line, "COMMIT"], TABLES))
    assert why in caught.value.cause


@given(st.lists(st.one_of(st.none(), st.text(alphabet="a' :[]\"\\n-", max_size=9)), min_size=1, max_size=4))
def test_any_values_are_read_back(values: list[str | None]) -> None:
    shown = [
        f"c{number}[text]:" + ("null" if value is None else "'" + value.replace("'", "''") + "'")
        for number, value in enumerate(values)
    ]
    assert list(read_row(" ".join(shown)).values()) == values
