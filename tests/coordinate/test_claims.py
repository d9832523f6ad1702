"""Which claims meet."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.coordinate.claims import claims_meet, parse_claim
from lockgate.coordinate.globs import patterns_overlap
from lockgate.errors import InputError


@pytest.mark.parametrize(
    ("one", "two", "is_meeting"),
    [
        ("drizzle/migrations/*", "drizzle/migrations/0050.sql", True),
        ("drizzle/**", "drizzle/migrations/0050.sql", True),
        ("drizzle/", "drizzle/schema.ts", True),
        ("drizzle", "drizzle/schema.ts", True),
        ("drizzle/*", "src/*", False),
        ("src/a*.ts", "src/*b.ts", True),
        ("src/a*.ts", "src/b*.ts", False),
        ("**/x.ts", "x.ts", True),
        ("src/**/x.ts", "src/x.ts", True),
        ("src/*.ts", "src/deep/x.ts", False),
        ("src/{a,b}.ts", "src/b.ts", True),
        ("src/{a,b}.ts", "src/c.ts", False),
        ("./src/a.ts (new)", "src/a.ts", True),
        ("src/a.ts", "src/a.tsx", False),
        ("a/?.sql", "a/b.sql", True),
        ("docs", "docs2/x", False),
    ],
)
def test_patterns_meet_when_a_path_fits_both(one: str, two: str, is_meeting: bool) -> None:
    assert patterns_overlap(one, two) is is_meeting
    assert patterns_overlap(two, one) is is_meeting


_PIECES = st.lists(st.sampled_from(["a", "b", "/", "*", "?"]), min_size=1, max_size=5).map("".join)
_PATHS = ["".join(p) for n in range(1, 5) for p in itertools.product("ab/", repeat=n)]


def _matches(pattern: str, path: str) -> bool:
    import re

    text = "".join({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(text, path) is not None


@given(_PIECES, _PIECES)
def test_two_patterns_that_share_a_path_always_meet(one: str, two: str) -> None:
    if any(_matches(one, path) and _matches(two, path) for path in _PATHS):
        assert patterns_overlap(one, two)


@pytest.mark.parametrize(
    ("one", "two", "is_meeting"),
    [
        ("table:orders", "table:ORDERS", True),
        ("table:orders", "table:public.orders", True),
        ("table:a.orders", "table:b.orders", False),
        ("table:orders", "table:customers", False),
        ("table:orders", "column:orders.total", True),
        ("column:orders.total", "column:orders.note", False),
        ("column:orders.total", "column:public.orders.total", True),
        ("table:order*", "table:orders", True),
        ("shared:table:orders", "shared:table:orders", False),
        ("shared:table:orders", "table:orders", True),
        ("target:prod", "target:Prod", True),
        ("target:prod", "table:orders", False),
        ("table:orders", "files:orders", False),
    ],
)
def test_claims_meet_by_what_they_are_about(one: str, two: str, is_meeting: bool) -> None:
    assert claims_meet(parse_claim(one), parse_claim(two)) is is_meeting
    assert claims_meet(parse_claim(two), parse_claim(one)) is is_meeting


def test_an_exclusive_claim_on_a_target_takes_in_the_tables_claimed_in_it() -> None:
    whole, table = parse_claim("target:prod"), parse_claim("table:orders")
    assert claims_meet(whole, table, "prod", "prod")
    assert not claims_meet(whole, table, "prod", "staging")
    assert not claims_meet(parse_claim("shared:target:prod"), table, "prod", "prod")
    assert not claims_meet(table, table, "prod", "staging")


@pytest.mark.parametrize("text", ["orders", "tabel:orders", "table:", "column:orders"])
def test_what_is_no_claim_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InputError, match="is no claim"):
        parse_claim(text)
