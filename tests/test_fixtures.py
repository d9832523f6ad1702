"""The fixtures themselves: every engine's database is there and empty."""

from __future__ import annotations

from lockgate.model.target import parse_target


def test_a_fresh_database_has_an_address_of_its_own(any_url: str) -> None:
    target = parse_target(any_url)

    assert target.path or target.database.startswith("t")
