"""How many rows the next range has."""

from __future__ import annotations

from lockgate.execute.pace import PACES


def test_a_commit_that_takes_long_does_not_make_ranges_tiny() -> None:
    pace, rows = PACES["normal"], 200
    for _ in range(20):
        rows = pace.next_rows(rows, 0.08)
    assert rows == pace.first_rows


def test_a_range_that_takes_far_too_long_is_made_much_smaller() -> None:
    assert PACES["normal"].next_rows(200, 3.0) == 50
    assert PACES["normal"].next_rows(5000, 0.06) == 2500
    assert PACES["normal"].next_rows(5000, 0.01) == 5000
