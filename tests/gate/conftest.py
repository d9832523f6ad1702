"""What checks are asked with in these tests: a folder, a journal, and evidence kept where it can be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lockgate.gate.base import CheckContext
from lockgate.model.procedure import Entry, EntryType
from lockgate.outside.shell import build_environment
from lockgate.runbook.record import Record


@pytest.fixture
def context(tmp_path: Path) -> Callable[..., CheckContext]:
    """Make a context in a folder of its own; evidence goes into a real record's folder."""
    record = Record(tmp_path / "run")
    folder = tmp_path / "work"
    folder.mkdir()
    start = datetime.now(UTC) - timedelta(seconds=30)

    def make(**more: Any) -> CheckContext:
        given: dict[str, Any] = {
            "folder": folder,
            "environment": build_environment(os.environ),
            "started": {"run": start, "phase": start, "task": start},
            "keep": record.keep,
            "run_folder": record.folder,
            "phase": "1",
            "check": "gate-1/1",
            "sleep": lambda seconds: None,
        }
        return CheckContext(**{**given, **more})

    return make


def entry(seq: int, kind: EntryType, *, task: str = "", phase: str = "1", **body: Any) -> Entry:
    """Make one entry of a journal."""
    return Entry(seq=seq, type=kind, ts="2026-11-22T10:00:00+00:00", body=body, task=task, phase=phase)
