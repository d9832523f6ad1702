"""The state machine of a run: what comes next is folded from its journal; every act is written before it is done."""

from lockgate.runbook.engine.machine import run
from lockgate.runbook.engine.options import Ending, EngineOptions

__all__ = ["Ending", "EngineOptions", "run"]
