"""What a rendered plan cannot say in words, as a table of settings over it; pure.

A table changes what it names. A list of things with ids, or of the same length, is changed by id or position
(``"3.2": {…}``, ``"[4]": {…}``); any other list, and any value, is put in whole. ``~`` takes a key away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_GONE = "~"


def make_patch(have: Any, want: Any) -> dict[str, Any]:
    """Return what turns the table ``have`` into ``want``."""
    patch: dict[str, Any] = {}
    for key in {**have, **want}:
        if key not in want:
            patch[key] = _GONE
        elif key not in have or have[key] != want[key]:
            patch[key] = _change(have.get(key), want[key])
    return patch


def apply_patch(have: Any, patch: dict[str, Any]) -> dict[str, Any]:
    """Return the table with the settings put in; those for ids that are not there any more do nothing."""
    result = dict(have)
    for key, change in patch.items():
        old = result.get(key)
        if change == _GONE:
            result.pop(key, None)
        elif isinstance(old, list | tuple) and isinstance(change, dict):
            result[key] = _apply_list(old, change)
        elif isinstance(old, dict) and isinstance(change, dict) and "=" not in change:
            result[key] = apply_patch(old, change)
        else:
            result[key] = change["="] if isinstance(change, dict) and "=" in change else change
    return result


def _change(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        if old.get("kind") == new.get("kind"):
            return make_patch(old, new)
        return {"=": new}
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        names = _names(old)
        if names and names == _names(new):
            return {
                name: make_patch(before, after)
                for name, before, after in zip(names, old, new, strict=True)
                if before != after
            }
    if isinstance(new, dict) or new == _GONE:
        return {"=": new}
    return new


def _names(values: Sequence[Any]) -> list[str]:
    """Return how each value of a list of tables is named: by ids when all have one, else by place."""
    if not values or not all(isinstance(value, dict) for value in values):
        return []
    ids = [str(value.get("id", "")) for value in values]
    if all(ids) and len(set(ids)) == len(ids):
        return ids
    return [f"[{index}]" for index in range(len(values))]


def _apply_list(old: Sequence[Any], change: dict[str, Any]) -> list[Any]:
    names = _names(old)
    result = list(old)
    for index, name in enumerate(names):
        if name in change:
            result[index] = apply_patch(result[index], change[name])
    return result
