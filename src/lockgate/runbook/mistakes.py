"""Say what is wrong in a runbook's YAML in its writer's words: the key that means nothing, what may stand there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from lockgate.model.runbook import Runbook
from lockgate.runbook.kinds import ACTIONS, CHECKS, fields_of

_PART = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_ENUM = re.compile(r"Invalid enum value '(.*)'")
_EXPECTED = re.compile(r"Expected `(.*)`, got `(.*)`")
_TYPES = {
    "object": "a table of keys",
    "array": "a list",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
}
_NO_KIND = "Object missing required field `kind`"


def explain(words: str, path: str, plain: Any, action_keys: frozenset[str]) -> tuple[str, str]:
    """Return what is wrong at a path, and the cause.

    Args:
        words: What the reader of values said.
        path: Where, such as ``phases[0].tasks[1].do``.
        plain: The whole runbook as plain values.
        action_keys: The keys under which an action stands; kinds are missing elsewhere only where a check stands.
    """
    steps = [int(number) if number else name for name, number in _PART.findall(path)]
    value = _value_at(plain, steps)
    if words == _NO_KIND and isinstance(value, dict):
        is_action = bool(steps) and steps[-1] in action_keys
        return _no_kind(list(value), "action" if is_action else "check", ACTIONS if is_action else CHECKS)
    unknown = _UNKNOWN.fullmatch(words)
    if unknown:
        return f"the key {unknown[1]} means nothing here", _allowed(unknown[1], _keys_at(plain, steps))
    enum = _ENUM.fullmatch(words)
    if enum:
        return f"{enum[1]} is none of its values", _allowed(enum[1], _values_at(plain, steps))
    expected = _EXPECTED.fullmatch(words)
    if expected:
        return _expected(expected[1], expected[2])
    return words, "see the reference of runbooks for what may stand here"


def _expected(types: str, found: str) -> tuple[str, str]:
    names = [_TYPES.get(name, name) for name in types.split(" | ") if name != "null"]
    return f"{' or '.join(names)} is expected", f"{_TYPES.get(found, found)} stands here"


def _no_kind(keys: Sequence[str], what: str, kinds: Iterable[str]) -> tuple[str, str]:
    said = f"{keys[0]} is no {what}" if keys else f"no {what} stands here"
    return said, _allowed(keys[0] if keys else "", sorted(kinds))


def _allowed(written: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(written, names, 1)
    return f"{f'did you mean {near[0]}? ' if near else ''}allowed are {', '.join(names)}"


def _value_at(plain: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        try:
            plain = plain[step]
        except (KeyError, IndexError, TypeError):
            return None
    return plain


def _keys_at(plain: Any, steps: Sequence[str | int]) -> list[str]:
    kinds = _types_at(plain, steps)
    return [name for kind in kinds if isinstance(kind, msgspec.inspect.StructType) for name in fields_of(kind.cls)]


def _values_at(plain: Any, steps: Sequence[str | int]) -> list[str]:
    kinds = _types_at(plain, steps)
    return [str(one.value) for kind in kinds if isinstance(kind, msgspec.inspect.EnumType) for one in kind.cls]


def _types_at(plain: Any, steps: Sequence[str | int]) -> list[Any]:
    """Return what may stand at a place, found by walking the types along the path."""
    kinds: list[Any] = [msgspec.inspect.type_info(Runbook)]
    for number, step in enumerate(steps):
        value = _value_at(plain, steps[: number + 1])
        inner = [found for kind in kinds for found in _inside(kind, step)]
        kinds = [kind for kind in inner if _fits(kind, value)]
    return kinds


def _inside(kind: Any, step: str | int) -> list[Any]:
    if isinstance(kind, msgspec.inspect.StructType):
        found = [field.type for field in kind.fields if field.encode_name == step]
    elif isinstance(kind, msgspec.inspect.DictType):
        found = [kind.value_type]
    else:
        found = [inner for inner in (getattr(kind, "item_type", None),) if inner is not None]
    return [one for each in found for one in (each.types if isinstance(each, msgspec.inspect.UnionType) else (each,))]


def _fits(kind: Any, value: Any) -> bool:
    """Tell whether a struct of a tagged union is the one the value says it is."""
    tag = getattr(kind, "tag", None)
    return tag is None or not isinstance(value, dict) or value.get("kind") == tag
