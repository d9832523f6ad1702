"""Tables are placed without overlap, the same way each time, whatever the foreign keys are."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from lockgate.model.neighbours import keep_neighbourhood
from lockgate.model.schema import Column, ForeignKey, Key, Schema, Table
from lockgate.report.er import Box, draw_schema
from lockgate.report.svg import schema_svg

LINKS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30)


def build(links: list[tuple[int, int]], count: int = 12) -> Schema:
    tables = []
    for number in range(count):
        keys = tuple(
            ForeignKey(name=f"f{i}", columns=("a",), ref_namespace="", ref_table=f"t{b}", ref_columns=("a",))
            for i, (a, b) in enumerate(links)
            if a == number
        )
        tables.append(
            Table(namespace="", name=f"t{number}", columns=(Column(name="a", type="int"),), foreign_keys=keys)
        )
    return Schema(engine="any", tables=tuple(sorted(tables, key=lambda t: t.name)))


def overlap(one: Box, other: Box) -> bool:
    is_beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    is_above = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (is_beside or is_above)


@given(LINKS)
def test_no_two_tables_overlap_and_all_are_there(links: list[tuple[int, int]]) -> None:
    drawing = draw_schema(build(links))
    assert {box.title for box in drawing.boxes} == {f"t{n}" for n in range(12)}
    assert len(drawing.edges) == len(links)
    assert not [1 for one, other in combinations(drawing.boxes, 2) if overlap(one, other)]
    assert all(box.x + box.width <= drawing.width and box.y + box.height <= drawing.height for box in drawing.boxes)
    assert draw_schema(build(links)) == drawing


@given(LINKS)
def test_the_picture_is_well_formed_and_says_the_keys_in_words(links: list[tuple[int, int]]) -> None:
    root = ElementTree.fromstring(schema_svg(build(links), "a < b & c"))
    description = next(e for e in root if e.tag.endswith("desc")).text or ""
    assert description.count("refers to") == len(links)


def test_an_empty_schema_is_a_picture_too() -> None:
    ElementTree.fromstring(schema_svg(Schema(engine="any"), "nothing"))


def test_a_neighbourhood_reaches_in_both_directions() -> None:
    schema = build([(1, 0), (2, 1), (3, 2), (5, 4)])
    kept = keep_neighbourhood(schema, {Key("table", "", "t1")}, 1)
    assert {t.name for t in kept.tables} == {"t0", "t1", "t2"}
    assert {t.name for t in keep_neighbourhood(schema, {Key("table", "", "t1")}, 2).tables} == {"t0", "t1", "t2", "t3"}
