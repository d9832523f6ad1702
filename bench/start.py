"""Measure how long `lockgate --help` and `--version` take, against the goal of 150 ms.

``python -m bench.start`` prints the quickest of some runs; exit code 1 when the goal was missed.
"""

from __future__ import annotations

import os
import sys

from bench.measure import run_measured

GOAL_S = 0.150
RUNS = 10


def main() -> int:
    """Measure both and print them."""
    is_met = True
    for argument in ("--help", "--version"):
        seconds = measure(argument)
        is_met = is_met and seconds <= GOAL_S
        sys.stdout.write(f"lockgate {argument}: {seconds * 1000:.0f} ms, the goal is {GOAL_S * 1000:.0f} ms\n")
    return 0 if is_met else 1


def measure(argument: str) -> float:
    """Return the processor seconds of the quickest run, which a busy machine does not lengthen."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds = []
    for _ in range(RUNS):
        done = run_measured([sys.executable, "-m", "lockgate", argument], env, 60)
        if done is None or done.code != 0:
            raise SystemExit(f"lockgate {argument} did not end well")
        seconds.append(done.cpu_s)
    return min(seconds)


if __name__ == "__main__":
    sys.exit(main())
