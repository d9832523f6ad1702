"""The command line with a clock that is wrong by ``LOCKGATE_FAULT_CLOCK_S`` seconds."""

from __future__ import annotations

import datetime
import os
import sys
import time

_SKEW_S = float(os.environ["LOCKGATE_FAULT_CLOCK_S"])
_now, _time = datetime.datetime.now, time.time


class _Shifted(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
        return _now(tz) + datetime.timedelta(seconds=_SKEW_S)


datetime.datetime = _Shifted  # type: ignore[misc]
time.time = lambda: _time() + _SKEW_S

if __name__ == "__main__":
    from lockgate.cli import main

    sys.argv[0] = "lockgate"
    main()
