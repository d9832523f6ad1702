"""A scratch that is opened when something needs it, and never otherwise."""

from __future__ import annotations

from contextlib import ExitStack

from lockgate.engine.base import Engine, Scratch, ScratchOptions
from lockgate.model.server import Server
from lockgate.model.target import Target


class LazyScratch:
    """Opens the scratch at the first use, and closes it with the stack."""

    def __init__(
        self, stack: ExitStack, engine: Engine, server: Server, target: Target, options: ScratchOptions
    ) -> None:
        self._stack, self._engine = stack, engine
        self._server, self._target, self._options = server, target, options
        self._scratch: Scratch | None = None

    def __call__(self) -> Scratch:
        """Return the open scratch. Raises ScratchUnavailable."""
        if self._scratch is None:
            opened = self._engine.open_scratch(self._server, self._target, self._options)
            self._scratch = self._stack.enter_context(opened)
        return self._scratch
