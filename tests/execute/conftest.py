"""Fixtures: a shop with rows on a fresh database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execute.bench import Bench, make_bench
from tests.execute.shop import build_shop


@pytest.fixture
def shop(any_url: str) -> Bench:
    """A shop with rows, once for each engine."""
    if any_url.startswith("sqlite"):
        Path(any_url.removeprefix("sqlite:///")).touch()
    bench = make_bench(any_url)
    build_shop(bench)
    return bench
