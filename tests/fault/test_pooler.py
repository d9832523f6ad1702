"""A pooler that hands out another connection for each transaction is found out before anything is done."""

from __future__ import annotations

import re

import pytest

from lockgate.engine import load_engine
from lockgate.errors import ConnectError
from lockgate.execute.opening import open_execution
from lockgate.execute.retry import Patience
from lockgate.model.target import parse_target
from lockgate.workflow.options import ignore_event, random_id, utc_now
from tests.fault.pooler import Pooler


@pytest.mark.parametrize("hold", [1, 2, 3, 4, 7])
def test_a_transaction_pooler_is_refused(postgres_url: str, hold: int) -> None:
    pooler = Pooler(postgres_url, hold)
    pooled = parse_target(re.sub(r"@[^/@]*/", f"@127.0.0.1:{pooler.port}/", postgres_url))
    try:
        with (
            pytest.raises(ConnectError, match="pooler"),
            open_execution(
                load_engine("postgres"),
                pooled,
                patience=Patience(),
                observer=ignore_event,
                now=utc_now,
                new_id=random_id,
            ),
        ):
            pass
    finally:
        pooler.close()
