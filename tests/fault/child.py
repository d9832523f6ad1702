"""A runner in a process of its own that kills itself at its n-th event: ``python child.py URL PLAN VERB N MS``."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from lockgate.engine import load_engine
from lockgate.model.plan import decode_plan
from lockgate.model.run import Event
from lockgate.model.target import parse_target
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.options import FinalizeOptions
from lockgate.workflow.recover import recover
from lockgate.workflow.roll_back import roll_back


def main() -> None:
    """Do one verb; die at event N (0: never), MS milliseconds after it."""
    url, path, verb, number, delay_ms = sys.argv[1:]
    target = parse_target(url)
    engine = load_engine(target.engine)
    seen = 0

    def observe(event: Event) -> None:
        nonlocal seen
        seen += 1
        if seen == int(number):
            if int(delay_ms):
                threading.Timer(int(delay_ms) / 1000, die).start()
            else:
                die()

    if verb == "apply":
        apply_plan(engine, target, decode_plan(Path(path).read_bytes()), None, observe)
    elif verb == "rollback":
        roll_back(engine, target, "start", None, observe)
    elif verb == "finalize":
        finalize(engine, target, "latest", FinalizeOptions(is_now=True), observe)
    elif verb == "recover":
        recover(engine, target, None, observe)


def die() -> None:
    """Be killed as if by ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)


main()
