"""Two folds of one journal, written apart: what the engine says at the end of a run, and what its report says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lockgate.model.procedure import RunStatus
from lockgate.report.procedure.facts import build_report
from lockgate.report.procedure.material import Material
from tests.runbook.engine.test_no_path_to_green import Chance, go, people_speak, runbooks, subjects

AT_REST = {RunStatus.STOPPED, RunStatus.FAILED}


@settings(max_examples=25, deadline=None)
@given(text=runbooks(), data=st.data())
def test_engine_and_report_agree_on_how_a_run_stands(text: dict[str, Any], data: Any) -> None:
    if not list(subjects(text)):
        text["phases"][0]["tasks"] = [{"id": "0.0", "title": "x", "do": {"sh": "x"}}]
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda number: None)
        stage = Chance(Path(place), yaml.safe_dump(text, default_style='"'), draw=data.draw)
        for _ in range(data.draw(st.integers(1, 4))):
            ending = go(stage, data.draw(st.sampled_from([None, None, None, *range(1, 12)])))
            entries = tuple(stage.entries())
            if entries:
                standing = build_report(Material(runbook=stage.lock.runbook, entries=entries)).standing
                if ending is None:
                    assert not standing.is_good or standing.recorded
                else:
                    is_same = standing.status is ending.status or {standing.status, ending.status} <= AT_REST
                    assert is_same, (ending, standing)
                    assert not standing.conflict, standing
            stage.wish.count = 0
            people_speak(stage, text, data)
