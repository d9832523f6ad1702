"""Random pairs on real servers: the whole loop succeeds, or the change is refused with nothing touched."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from lockgate.errors import StatementFailed
from lockgate.workflow.make_plan import PlanOptions
from tests.loop import Loop, assert_same, picture
from tests.property.pairs import pairs

EXAMPLES = int(os.environ.get("LOCKGATE_TEST_EXAMPLES", "4"))
COMMON = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 6,
    database=None,
    phases=(Phase.generate, Phase.shrink) if EXAMPLES > 6 else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("flavor", ["sqlite", "postgres", "mysql", "mariadb"])
def test_any_change_leads_there_and_back_or_is_refused(flavor: str, make_database: Callable[[str], str]) -> None:
    @COMMON
    @given(pair=pairs(flavor))
    def run(pair: object) -> None:
        note(f"-- before\n{pair.before}\n-- after\n{pair.after}")  # type: ignore[attr-defined]
        loop = Loop(make_database(flavor), make_database(flavor), PlanOptions(allow=("all",)))
        try:
            loop.run_script(loop.live, pair.before)  # type: ignore[attr-defined]
            trial = make_database(flavor)
            loop.run_script(trial, pair.after)  # type: ignore[attr-defined]
        except StatementFailed:
            return  # the server itself takes no such schema: there is nothing to plan
        with tempfile.TemporaryDirectory() as folder:
            desired = Path(folder) / "schema.sql"
            desired.write_text(pair.after)  # type: ignore[attr-defined]
            loop.try_whole(desired)

    run()


@pytest.mark.parametrize("flavor", ["sqlite", "postgres", "mysql", "mariadb"])
def test_a_schema_planned_against_itself_needs_nothing(flavor: str, make_database: Callable[[str], str]) -> None:
    @COMMON
    @given(pair=pairs(flavor), seed=st.none())
    def run(pair: object, seed: None) -> None:
        loop = Loop(make_database(flavor), make_database(flavor), PlanOptions())
        try:
            loop.run_script(loop.live, pair.after)  # type: ignore[attr-defined]
        except StatementFailed:
            return
        with tempfile.TemporaryDirectory() as folder:
            desired = Path(folder) / "schema.sql"
            desired.write_text(pair.after)  # type: ignore[attr-defined]
            start = picture(loop.engine, loop.target)
            assert loop.plan(desired).is_empty
            assert_same(picture(loop.engine, loop.target), start)

    run()
