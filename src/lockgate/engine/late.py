"""Functions of an engine that are imported when they are first called: most commands need few of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


class Late:
    """A function ``module:name`` that is not there yet; calling it imports it."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._function: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call the function."""
        return self.load()(*args, **named)

    def load(self) -> Callable[..., Any]:
        """Import the function and return it."""
        if self._function is None:
            module, _, name = self.place.partition(":")
            function: Callable[..., Any] = getattr(importlib.import_module(module), name)
            self._function = function
        return self._function
