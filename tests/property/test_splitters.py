"""Splitters never cut inside a string, comment, dollar quote, quoted name or program body, whatever stands in there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockgate.engine import load_engine
from lockgate.errors import SourceError
from lockgate.source.migrations.split import CUTS, OTHER

ENGINES = ("sqlite", "postgres", "mysql")
MARKS = ("--> statement-breakpoint", "\n-- +goose Down\n", "\n-- migrate:down\n", "\n-- +goose StatementEnd\n")
# What misleads: delimiters, quotes of every kind, comment edges, words that open and close bodies, marks of the tools.
TRAPS = st.lists(
    st.sampled_from(
        (";", ";;", "--", "/*", "*/", "#", "$$", "$a$", "'", '"', "`", "[", "]", "\n", "\r\n", "\\", "//", " ", "x",
         "BEGIN", "END", "CASE", "DELIMITER //", "\nDELIMITER ;\n", "é", "\u2028", "--\n", *MARKS)
    ),
    max_size=6,
).map("".join)  # fmt: skip
FAST = settings(
    max_examples=int(os.environ.get("LOCKGATE_FUZZ", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def backslashed(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def double(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def ticked(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def bracketed(text: str) -> str:
    return "[" + text.replace("]", "") + "]"


def dollar(text: str) -> str:
    return "$q$" + text.replace("$q$", "").replace("$", "") + "$q$"


def block(text: str) -> str:
    """A comment without edges inside, and not one that MySQL executes."""
    return "/* " + text.replace("*/", "").replace("/*", "").replace("*", "").replace("/", "") + " */"


def line_comment(text: str) -> str:
    return "-- " + re.sub(r"[\r\n]", "", text) + "\n"


def nested(text: str) -> str:
    return f"/* a /* {block(text)} ; */ ; */"


SHELLS: dict[str, tuple[Callable[[str], str], ...]] = {
    "sqlite": (single, double, ticked, bracketed, block, line_comment),
    "postgres": (single, lambda t: "E" + backslashed(t), double, dollar, block, nested, line_comment),
    "mysql": (backslashed, lambda t: double(t.replace("\\", "")), ticked, block, line_comment),
}
BODIES = {
    "sqlite": "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT {0}; UPDATE a SET b = CASE WHEN {0} THEN 1 END; END",
    "postgres": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT {0}; SELECT CASE WHEN {0} THEN 2 END; END",
    "mysql": "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN IF 1 THEN SELECT {0}; END IF; SET @x = {0}; END",
}


@st.composite
def statements(draw: st.DrawFn, engine: str) -> str:
    """One statement that is full of traps and holds no delimiter outside of them."""
    shells = draw(st.lists(st.tuples(st.sampled_from(SHELLS[engine]), TRAPS), max_size=4))
    filling = " ".join(f"{shell(text)} +" for shell, text in shells)
    if draw(st.booleans()) and shells:
        return BODIES[engine].format(f"{filling} 1")
    return f"SELECT {filling} 1"


def scripts(engine: str) -> st.SearchStrategy[list[str]]:
    return st.lists(statements(engine), max_size=5)


@pytest.mark.parametrize("engine", ENGINES)
@FAST
@given(data=st.data())
def test_a_script_splits_into_the_statements_it_was_made_of(engine: str, data: st.DataObject) -> None:
    parts = data.draw(scripts(engine))
    between = data.draw(
        st.sampled_from((";", ";\n", " ;\n-- a comment; with one\n", ";\r\n\r\n", ";/* ; */\n", ";;\n"))
    )
    script = between.join(parts)
    found = load_engine(engine).split_sql(script)
    assert [statement.text for statement in found] == parts
    assert [statement.line for statement in found] == lines_of(script, parts)


def lines_of(script: str, parts: list[str]) -> list[int]:
    lines, at = [], 0
    for part in parts:
        at = script.index(part, at)
        lines.append(script.count("\n", 0, at) + 1)
        at += len(part)
    return lines


@FAST
@given(data=st.data())
def test_a_mysql_script_may_change_its_delimiter(data: st.DataObject) -> None:
    parts = [part for part in data.draw(scripts("mysql")) if "//" not in part and "\nDELIMITER" not in part]
    script = "DELIMITER //\n" + "".join(f"{part} //\n" for part in parts) + "DELIMITER ;\nSELECT 9;"
    assert [s.text for s in load_engine("mysql").split_sql(script)] == [*parts, "SELECT 9"]


@pytest.mark.parametrize("engine", ENGINES)
@FAST
@given(data=st.data())
def test_whatever_the_text_its_statements_join_and_split_to_the_same(engine: str, data: st.DataObject) -> None:
    """Text made of nothing but traps: pieces and delimiters rebuild it, and every line is where it says."""
    script = data.draw(st.lists(st.one_of(TRAPS, st.just("SELECT 1"), st.text(max_size=3)), max_size=12).map("".join))
    script = script.replace("DELIMITER", "")
    split = load_engine(engine).split_sql
    try:
        found = split(script)
    except SourceError as error:
        assert error.line >= 1
        return
    texts = [statement.text for statement in found]
    assert [statement.text for statement in split("\n;\n".join(texts))] == texts
    lines = script.split("\n")
    assert all(statement.text.split("\n")[0] in lines[statement.line - 1] for statement in found)


@pytest.mark.parametrize("engine", ENGINES)
@FAST
@given(data=st.data())
def test_opaque_stretches_are_in_order_and_never_fail(engine: str, data: st.DataObject) -> None:
    script = data.draw(st.lists(st.one_of(TRAPS, st.text(max_size=3)), max_size=12).map("".join))
    spans = load_engine(engine).find_opaque(script)
    assert all(0 <= start < end <= len(script) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


CUTTERS = {"drizzle": "--> statement-breakpoint", "goose": "-- +goose StatementEnd", "dbmate": "-- migrate:up"}


@pytest.mark.parametrize("tool", CUTTERS)
@pytest.mark.parametrize("engine", ENGINES)
@FAST
@given(data=st.data())
def test_a_files_pieces_are_the_file_and_lines_stay_in_place(engine: str, tool: str, data: st.DataObject) -> None:
    script = data.draw(st.lists(st.one_of(TRAPS, st.sampled_from(("\n-- +goose Up\n", "\n-- migrate:up\n", "\ufeff")),
                                          st.text(max_size=3)), max_size=12).map("".join))  # fmt: skip
    cut = CUTS[tool](script, load_engine(engine).find_opaque(script))
    assert "".join(piece.text for piece in cut.pieces) == script
    assert len(cut.sql) == len(script)
    assert [i for i, char in enumerate(cut.sql) if char == "\n"] == [i for i, char in enumerate(script) if char == "\n"]


@pytest.mark.parametrize("engine", ENGINES)
@FAST
@given(data=st.data())
def test_a_tools_marks_between_statements_cut_and_those_in_text_do_not(engine: str, data: st.DataObject) -> None:
    parts = data.draw(scripts(engine))
    load = load_engine(engine)
    for script, tool in (
        (";--> statement-breakpoint\n".join(parts), "drizzle"),
        ("\n--> statement-breakpoint\n".join(parts), "drizzle"),
        ("-- +goose Up\n" + "".join(f"-- +goose StatementBegin\n{p}\n-- +goose StatementEnd\n" for p in parts)
         + "-- +goose Down\nSELECT 'down'", "goose"),
        ("-- migrate:up\n" + ";\n".join(parts) + "\n-- migrate:down\nSELECT 'down'", "dbmate"),
    ):  # fmt: skip
        cut = CUTS[tool](script, load.find_opaque(script))
        assert [statement.text for statement in load.split_sql(cut.sql)] == parts
        assert any(piece.kind == OTHER for piece in cut.pieces) == (tool != "drizzle")
