"""The probe says what the server does, and the tables of locks say what the probe says, for every operation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.agreement.measure import ask

ROWS = 2_000
"""Enough for a rewrite to be seen by the table's id; `make agreement` takes more, so that waiting is seen too."""


@pytest.mark.parametrize("flavor", ["postgres", "mysql", "mariadb"])
def test_probe_tables_and_server_agree(flavor: str, make_database: Callable[[str], str]) -> None:
    server, answers = ask(flavor, lambda: make_database(flavor), ROWS)

    wrong = [text for answer in answers for text in answer.disagreements()]
    assert not wrong, f"{server.flavor} {server.version_text}:\n" + "\n".join(wrong)
    assert len(answers) > 40
