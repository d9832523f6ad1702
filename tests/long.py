"""Which tests are kept for `make fault`: on the servers, every third point of a loop over points stays in `make test`.

Nothing is left out for good: SQLite has every point in `make test`, and `make fault` has all of them on every server.
"""

from __future__ import annotations

import re

_SERVERS = "(postgres|mysql|mariadb)"
LONG = tuple(
    re.compile(pattern)
    for pattern in (
        rf"test_killed\.py::test_a_run_killed_at_an_event_is_undone\[{_SERVERS}-(1|9|13|22|25|34)\]",
        rf"test_killed\.py::test_a_run_killed_at_an_event_is_finished\[{_SERVERS}-(4|9|18|22|29|34)\]",
        rf"test_killed\.py::test_a_rollback_killed_at_an_event_is_completed\[{_SERVERS}-(6|15|20)\]",
        rf"test_killed\.py::test_a_finalize_killed_at_an_event_is_completed\[{_SERVERS}-(1|3)\]",
        rf"test_disturbed\.py::test_ctrl_c_winds_down_and_rolls_back\[{_SERVERS}-(2|8|27)\]",
        rf"test_disturbed\.py::test_a_connection_that_is_cut_is_looked_after_over_a_new_one\[(5|24|30)-{_SERVERS}\]",
        rf"test_server_killed\.py::test_a_run_whose_server_died_is_undone_when_it_is_back\[{_SERVERS}-statement_finished-",
        rf"test_server_killed\.py::test_a_run_whose_server_died_is_finished_when_it_is_back\[{_SERVERS}-statement_started\]",
        r"test_online_killed\.py::test_a_change_beside_its_writers_is_killed_there_and_back\[(postgres|mysql)\]",
        r"test_lossless\.py::test_no_row_and_no_value_is_lost\[(?!everything at once).*-postgres\]",
        r"test_pairs\.py::test_a_schema_planned_against_itself_needs_nothing\[(postgres|mysql)\]",
    )
)


def is_long(node: str) -> bool:
    """Whether a test is one of them, by its node id."""
    return any(pattern.search(node) for pattern in LONG)
