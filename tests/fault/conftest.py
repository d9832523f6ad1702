"""Fixtures: a shop with rows on a fresh database, and runners in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.model.plan import Plan, encode_plan
from tests.execute.bench import Bench, make_bench
from tests.execute.shop import build_shop

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop(any_url: str) -> Bench:
    """A shop with rows, once for each engine."""
    if any_url.startswith("sqlite"):
        Path(any_url.removeprefix("sqlite:///")).touch()
    bench = make_bench(any_url)
    build_shop(bench)
    return bench


@pytest.fixture
def child(shop: Bench, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a verb in a process of its own that dies at its n-th event."""

    def run(verb: str, number: int, plan: Plan | None = None, delay_ms: int = 0) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "plan.json"
        if plan is not None:
            path.write_bytes(encode_plan(plan))
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        command = [sys.executable, str(Path(__file__).parent / "child.py"), shop.url, str(path), verb]
        return subprocess.run(
            [*command, str(number), str(delay_ms)],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
        )

    return run
