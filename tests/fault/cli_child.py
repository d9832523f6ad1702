"""The command line with one fault at one event: ``python cli_child.py PID SIGNAL TYPE N DELAY_MS PAUSE -- ARGUMENTS``.

At the N-th event of a TYPE (``any``: of all) the process PID (0: this one) gets SIGNAL, DELAY_MS milliseconds later
when that is not 0. PAUSE scales the pauses between attempts to connect again.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace

from lockgate.cli import main, progress, read_patience
from lockgate.model.run import Event

PID, SIGNAL, TYPE, NUMBER, DELAY_MS, PAUSE = sys.argv[1:7]
seen = 0


def strike() -> None:
    """Send the signal and leave it a moment to arrive."""
    os.kill(int(PID) or os.getpid(), signal.Signals[SIGNAL])
    time.sleep(0.2)


class Striking(progress.Progress):
    """The observer of the command line, with the fault."""

    def __call__(self, event: Event) -> None:
        """Take one event, then strike at the chosen one."""
        global seen
        super().__call__(event)
        if TYPE in (event.type.value, "any"):
            seen += 1
            if seen == int(NUMBER):
                if int(DELAY_MS):
                    threading.Timer(int(DELAY_MS) / 1000, strike).start()
                else:
                    strike()


unhurried = read_patience.read_patience
progress.Progress = Striking  # type: ignore[misc]
read_patience.read_patience = lambda *limits: replace(
    unhurried(*limits), sleep=lambda seconds: time.sleep(seconds * float(PAUSE))
)
sys.argv[1:] = sys.argv[8:]
main()
