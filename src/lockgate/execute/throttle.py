"""Hold a copy back: because people asked for it, or because the server has other things to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lockgate.errors import Interrupted
from lockgate.execute.execution import Execution
from lockgate.model.run import EventType
from lockgate.store.progress import ABANDON, PAUSE, read_wish

_LOOK_EVERY_S = 0.5


@dataclass
class Throttle:
    """Decides between two ranges whether the copy goes on."""

    execution: Execution
    fields: dict[str, Any]
    looked_at: float = -1.0
    is_told: bool = False

    def wait(self) -> None:
        """Return when the copy may go on.

        Raises:
            Interrupted: A stop was asked for, or that the copy be abandoned.
        """
        execution = self.execution
        if not execution.interrupts.is_winding_down:
            execution.interrupts.check()
        if execution.patience.timer() - self.looked_at < _LOOK_EVERY_S:
            return
        while reason := self._reason():
            if not self.is_told:
                execution.tell(EventType.THROTTLED, message=reason, **self.fields)
                self.is_told = True
            execution.patience.sleep(_LOOK_EVERY_S)
            if not execution.interrupts.is_winding_down:
                execution.interrupts.check()
        self.is_told = False
        self.looked_at = execution.patience.timer()

    def _reason(self) -> str:
        """Return why the copy is held back now; empty when it is not."""
        wish = read_wish(self.execution.store)
        if wish == ABANDON and not self.execution.interrupts.is_winding_down:
            raise Interrupted("the copy was abandoned", cause="somebody asked for it")
        return "paused on request" if wish == PAUSE else ""
