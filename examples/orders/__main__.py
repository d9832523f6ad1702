"""Show the procedure at work: once to its end, once with a change that breaks the service and takes itself back.

``python -m examples.orders [--out FOLDER]`` (``make example``) uses an SQLite file of its own.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from examples.orders.database import kept_values
from examples.orders.stand import Stand, met, open_stand


def main() -> int:
    """Run both stories and say what can be seen; exit code 1 when one does not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("example-report"))
    out = parser.parse_args().out.resolve()
    if (out / "orders.db").exists():
        shutil.rmtree(out)
    is_good = True
    for story, expected, variables in (
        ("green", 0, ()),
        ("breach", 6, ("--var", "desired=schema-broken.sql")),
    ):
        folder = out if story == "green" else out / story
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "orders.db").touch()
        with open_stand(f"sqlite:///{folder / 'orders.db'}", folder) as stand:
            is_good &= _tell(stand, story, expected, variables)
    return 0 if is_good else 1


def _tell(stand: Stand, story: str, expected: int, variables: tuple[str, ...]) -> bool:
    before, started = kept_values(stand.url), time.monotonic()
    done = stand.lockgate("runbook", "run", "runbook.yaml", "--yes", *variables)
    seconds = time.monotonic() - started
    is_kept, is_healthy = kept_values(stand.url) == before, stand.is_healthy()
    _say(f"\n== {story}: exit code {done.returncode} in {seconds:.1f} s (expected {expected})")
    _say(done.stdout.rstrip() or done.stderr.rstrip())
    _say(
        f"every old value is there: {'yes' if is_kept else 'NO'}; the service answers: {'yes' if is_healthy else 'NO'}"
    )
    _say(f"customers met: {met(stand.traffic.end())}")
    return done.returncode == expected and is_kept and is_healthy


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
