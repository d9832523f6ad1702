"""The values of the static evaluator: JavaScript's own, and *unknown* with the reason and the place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lockgate.source.drizzle.scope import Scope

Value = Any
"""None is null; bool, int, float, str are themselves; then `Obj`, `Arr`, and the classes below."""


class Place(NamedTuple):
    """Where something stands in the user's files; ``line`` from 1."""

    file: str
    line: int


MOST_PARTS = 500_000
MOST_LEVELS = 100


class Undefined:
    """JavaScript's undefined; one value."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = Undefined()


@dataclass(frozen=True)
class Unknown:
    """A value that cannot be known without running the code: why, and where."""

    why: str
    place: Place


class Undecided(Exception):
    """A statement depends on something unknown, so what it does is unknown."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.why)
        self.unknown = unknown


class Exhausted(Undecided):
    """The code computes more than any schema does; nothing further is evaluated."""


class BigInt(int):
    """A literal such as ``10n``."""


class Obj(dict[str, Value]):
    """A plain object; ``holes`` are unknown values that were spread into it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.holes: list[Unknown] = []


class Arr(list[Value]):
    """An array; ``holes`` are unknown values that were spread into it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.holes: list[Unknown] = []


@dataclass(frozen=True)
class JsDate:
    """A date with a fixed time."""

    time: datetime

    @property
    def iso(self) -> str:
        """``2024-01-31T00:00:00.000Z``."""
        return self.time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.time.microsecond // 1000:03d}Z"


@dataclass(eq=False)
class Closure:
    """A function of the user's code."""

    node: Any
    scope: Scope
    this: Value = UNDEFINED
    members: Obj = field(default_factory=Obj)


@dataclass(eq=False)
class Native:
    """A function of ours: ``call(args, place)``; ``members`` are its properties."""

    name: str
    call: Callable[[list[Value], Place], Value]
    members: dict[str, Value] = field(default_factory=dict)


class Entity:
    """A value with properties of its own; ``is_constant`` when it was read from a name at the top of a module."""

    is_constant = False

    def member(self, name: str, place: Place) -> Value:
        """Return a property."""
        return Unknown(f"`.{name}` is not known here", place)


@dataclass(eq=False)
class Opaque(Entity):
    """Something that is no part of a schema (relations, a type); every property of it is opaque, too."""

    what: str

    def member(self, name: str, place: Place) -> Value:
        """Return the same again."""
        return self


def is_nullish(value: Value) -> bool:
    """Tell whether a value is null or undefined."""
    return value is None or value is UNDEFINED


def truth_of(value: Value) -> bool:
    """Return what a condition makes of a value.

    Raises:
        Undecided: It is unknown.
    """
    if isinstance(value, Unknown):
        raise Undecided(value)
    if isinstance(value, (bool, int, float, str)):
        return bool(value) and value == value
    return not is_nullish(value)


def text_of(value: Value) -> str:
    """Return a value as JavaScript's ``String(value)`` does."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)
        case float():
            return number_text(value)
        case JsDate():
            return value.iso
        case list():
            return ",".join("" if is_nullish(item) else text_of(item) for item in value)
        case dict():
            return "[object Object]"
    return "undefined" if value is UNDEFINED else "[object Object]"


def number_text(value: float) -> str:
    """Write a number as JavaScript does: ``1`` for ``1.0``, ``1e+21``."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    digits, _, power = text.partition("e")
    return f"{digits}e{'+' if int(power) > 0 else ''}{int(power)}"


def json_of(value: Value) -> str:
    """Return ``JSON.stringify(value)``."""
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)


def find_unknown(value: Value) -> Unknown | None:
    """Return the first unknown value in a literal, however deep; each part is looked at once."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Unknown):
            return part
        if not isinstance(part, (dict, list)) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, (Obj, Arr)) and part.holes:
            return part.holes[0]
        waiting += reversed(list(part.values() if isinstance(part, dict) else part))
    return None


def is_too_large(value: Value) -> bool:
    """Tell whether a value is too large or too deep to be written out (or holds itself)."""
    if isinstance(value, str):
        return len(value) > MOST_PARTS
    count, level = 0, [value]
    for _ in range(MOST_LEVELS):
        count += len(level)
        if count > MOST_PARTS:
            return True
        inner: list[Value] = []
        for part in level:
            if isinstance(part, (dict, list)):
                inner += part.values() if isinstance(part, dict) else part
                if len(inner) > MOST_PARTS:
                    return True
        if not inner:
            return False
        level = inner
    return True


def _plain(value: Value) -> Any:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items() if item is not UNDEFINED}
        case list():
            return [None if item is UNDEFINED else _plain(item) for item in value]
        case JsDate():
            return value.iso
        case float():
            return int(value) if value == int(value) else value
        case None | bool() | int() | str():
            return value
    return None
