"""A restore in a process of its own that is killed: ``python child.py URL FOLDER VERB PHASE MS BACKUP``.

It kills itself MS milliseconds after it wrote PHASE down (0: at once, before the phase begins).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from lockgate.backup.restores import RestoreLog
from lockgate.model.restore import Phase, Restore
from tests.execute.bench import make_bench
from tests.restore.conftest import Shop

save = RestoreLog.save


def die() -> None:
    """Be killed as if by ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)


def save_and_die(log: RestoreLog, restore: Restore, phase: Phase | None = None) -> Restore:
    """Write the phase down, then die."""
    item = save(log, restore, phase)
    if phase is not None and phase.value == PHASE:
        if int(MS):
            threading.Timer(int(MS) / 1000, die).start()
        else:
            die()
    return item


URL, FOLDER, VERB, PHASE, MS, BACKUP = sys.argv[1:]
RestoreLog.save = save_and_die  # type: ignore[method-assign]
shop = Shop(make_bench(URL), Path(FOLDER))
if (Path(FOLDER) / "instances").exists():
    shop.hooks(int((Path(FOLDER) / "instances").read_text()), is_new=False)
if VERB == "restore":
    shop.restore(shop.repository.find(BACKUP))
else:
    getattr(shop, VERB)()
