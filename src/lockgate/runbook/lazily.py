"""Functions known by ``module:function``, imported when they are first called."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from lockgate.runbook.target import TargetTools


def load(place: str) -> Callable[..., Any]:
    """Return the function that stands at ``module:function``."""
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def bind(places: Mapping[str, str], tools: TargetTools) -> dict[str, Callable[..., Any]]:
    """Return functions by name that call what stands at each place with the tools first."""
    return {name: _bound(place, tools) for name, place in places.items()}


def _bound(place: str, tools: TargetTools) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        return load(place)(tools, *arguments)

    return call
