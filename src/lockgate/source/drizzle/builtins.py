"""What JavaScript itself offers: methods of arrays, strings and objects, and the global names a schema uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lockgate.source.drizzle.values import (
    MOST_PARTS,
    UNDEFINED,
    Arr,
    Closure,
    Exhausted,
    JsDate,
    Native,
    Obj,
    Place,
    Unknown,
    Value,
    is_nullish,
    text_of,
    truth_of,
)

if TYPE_CHECKING:
    from lockgate.source.drizzle.evaluate import Evaluator
    from lockgate.source.drizzle.scope import Scope

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_LENGTH = 1_000_000


def spread_into(result: Obj, value: Value, place: Place) -> None:
    """Do ``{...result, ...value}``."""
    if isinstance(value, Obj):
        result.update(value)
        result.holes += value.holes
    elif isinstance(value, Unknown):
        result.holes.append(value)
    elif isinstance(value, list):
        result.update({str(i): item for i, item in enumerate(value)})
    elif hasattr(value, "spread"):
        result.update(value.spread())
    elif not (is_nullish(value) or isinstance(value, (bool, int, float))):
        result.holes.append(Unknown("what is spread here is not known", place))


def extend_with(result: Arr, value: Value, place: Place) -> None:
    """Do ``[...result, ...value]``."""
    if isinstance(value, (list, str)) and len(result) + len(value) > MOST_PARTS:
        result.holes.append(Unknown("this array is too long to be read", place))
    elif isinstance(value, (list, str)):
        result.extend(value)
        result.holes += value.holes if isinstance(value, Arr) else []
    elif isinstance(value, Unknown):
        result.holes.append(value)
    else:
        result.holes.append(Unknown("what is spread here is not known", place))


def is_raw_tag(function: Value) -> bool:
    """Tell whether a template tag takes its text with the escapes in it."""
    return isinstance(function, Native) and function.name == "String.raw"


def member(ev: Evaluator, holder: Value, name: str, place: Place, scope: Scope) -> Value:
    """Return a property of an object, array, string, number or function."""
    if isinstance(holder, dict):
        if name in holder:
            return holder[name]
        if isinstance(holder, Obj) and holder.holes:
            return holder.holes[0]
        return UNDEFINED if name not in ("hasOwnProperty", "toString") else Unknown(f"`.{name}` is not read", place)
    if isinstance(holder, Closure):
        return holder.members.get(name, UNDEFINED)
    if isinstance(holder, Arr) and holder.holes:
        return holder.holes[0]
    if name == "length" and isinstance(holder, (list, str)):
        return len(holder)
    table = _methods_of(holder)
    if name not in table:
        return Unknown(f"`.{name}` is not read here", place)
    method = table[name]

    def call(args: list[Value], at: Place) -> Value:
        unknown = next((a for a in args if isinstance(a, Unknown)), None)
        if unknown is not None and name not in ("push", "unshift", "concat"):
            return unknown
        try:
            return method(_Context(ev, scope, at), holder, args)
        except (IndexError, TypeError, ValueError, AttributeError):
            return Unknown(f"`.{name}(…)` is not read with these arguments", at)

    return Native(name, call)


class _Context:
    """What a method needs to call back into the user's functions."""

    def __init__(self, ev: Evaluator, scope: Scope, place: Place) -> None:
        self.ev, self.scope, self.place = ev, scope, place

    def apply(self, function: Value, *args: Value) -> Value:
        """Call a function the way array methods do."""
        return self.ev.call_value(function, list(args), self.place)  # type: ignore[attr-defined]


def _methods_of(holder: Value) -> dict[str, Callable[[_Context, Any, list[Value]], Value]]:
    if isinstance(holder, list):
        return _ARRAY
    if isinstance(holder, str):
        return _STRING
    if isinstance(holder, JsDate):
        return _DATE
    return _NUMBER if isinstance(holder, (int, float)) else {}


def _reduce(c: _Context, items: list[Value], args: list[Value]) -> Value:
    rest = list(items)
    total = args[1] if len(args) > 1 else rest.pop(0)
    for index, item in enumerate(rest):
        total = c.apply(args[0], total, item, index)
    return total


def _push(c: _Context, items: list[Value], args: list[Value]) -> Value:
    if len(items) > MOST_PARTS:
        raise Exhausted(Unknown("this array is too long to be read", c.place))
    items.extend(args)
    return len(items)


def _flat_map(c: _Context, items: list[Value], args: list[Value]) -> Value:
    result = Arr()
    for index, item in enumerate(items):
        made = c.apply(args[0], item, index)
        if isinstance(made, list):
            result.extend(made)
        else:
            result.append(made)
    return result


def _flat(c: _Context, items: list[Value], args: list[Value]) -> Value:
    return Arr([x for item in items for x in (item if isinstance(item, list) else [item])])


def _concat(c: _Context, items: list[Value], args: list[Value]) -> Value:
    result = Arr(items)
    for arg in args:
        if isinstance(arg, list):
            extend_with(result, arg, c.place)
        else:
            result.append(arg)
    return result


def _each(c: _Context, items: list[Value], args: list[Value]) -> Value:
    for index, item in enumerate(list(items)):
        c.apply(args[0], item, index)
    return UNDEFINED


def _is_same(left: Value, right: Value) -> bool:
    is_plain = isinstance(left, (str, int, float)) and isinstance(left, bool) is isinstance(right, bool)
    return left is right or (is_plain and bool(left == right))


def _slice(items: Any, args: list[Value]) -> Any:
    return items[slice(*(None if is_nullish(a) else int(a) for a in args[:2]))] if args else items[:]


def _replace(c: _Context, text: str, args: list[Value]) -> Value:
    if not (isinstance(args[0], str) and isinstance(args[1], str)):
        return Unknown("`.replace` is read with two strings only", c.place)
    return text.replace(args[0], args[1], 1)


def _repeat(c: _Context, text: str, args: list[Value]) -> Value:
    if len(text) * int(args[0]) > _MOST_LENGTH:
        raise ValueError
    return text * int(args[0])


_ARRAY: dict[str, Callable[[_Context, Any, list[Value]], Value]] = {
    "map": lambda c, x, a: Arr([c.apply(a[0], item, i) for i, item in enumerate(x)]),
    "filter": lambda c, x, a: Arr([item for i, item in enumerate(x) if truth_of(c.apply(a[0], item, i))]),
    "find": lambda c, x, a: next((v for i, v in enumerate(x) if truth_of(c.apply(a[0], v, i))), UNDEFINED),
    "some": lambda c, x, a: any(truth_of(c.apply(a[0], v, i)) for i, v in enumerate(x)),
    "every": lambda c, x, a: all(truth_of(c.apply(a[0], v, i)) for i, v in enumerate(x)),
    "reduce": _reduce,
    "forEach": _each,
    "flatMap": _flat_map,
    "flat": _flat,
    "concat": _concat,
    "push": _push,
    "join": lambda c, x, a: (text_of(a[0]) if a else ",").join("" if is_nullish(v) else text_of(v) for v in x),
    "slice": lambda c, x, a: Arr(_slice(x, a)),
    "includes": lambda c, x, a: any(_is_same(v, a[0]) for v in x),
    "indexOf": lambda c, x, a: next((i for i, v in enumerate(x) if _is_same(v, a[0])), -1),
    "at": lambda c, x, a: x[a[0]] if -len(x) <= a[0] < len(x) else UNDEFINED,
    "reverse": lambda c, x, a: Arr(x.reverse() or x),
    "toReversed": lambda c, x, a: Arr(reversed(x)),
    "sort": lambda c, x, a: x.sort(key=text_of) or x if not a else Unknown("`.sort` with a function", c.place),
    "entries": lambda c, x, a: Arr([Arr([i, v]) for i, v in enumerate(x)]),
    "keys": lambda c, x, a: Arr(range(len(x))),
    "values": lambda c, x, a: Arr(x),
}
_STRING: dict[str, Callable[[_Context, Any, list[Value]], Value]] = {
    "toLowerCase": lambda c, x, a: x.lower(),
    "toUpperCase": lambda c, x, a: x.upper(),
    "trim": lambda c, x, a: x.strip(),
    "concat": lambda c, x, a: x + "".join(map(text_of, a)),
    "slice": lambda c, x, a: _slice(x, a),
    "substring": lambda c, x, a: x[max(a[0], 0) : max(a[1], 0) if len(a) > 1 else None],
    "startsWith": lambda c, x, a: x.startswith(a[0]),
    "endsWith": lambda c, x, a: x.endswith(a[0]),
    "includes": lambda c, x, a: a[0] in x,
    "split": lambda c, x, a: Arr(list(x) if a[0] == "" else x.split(a[0])),
    "replace": _replace,
    "replaceAll": lambda c, x, a: x.replace(a[0], a[1]),
    "repeat": _repeat,
    "padStart": lambda c, x, a: x.rjust(min(a[0], _MOST_LENGTH), a[1] if len(a) > 1 else " "),
    "charAt": lambda c, x, a: x[a[0]] if 0 <= a[0] < len(x) else "",
    "toString": lambda c, x, a: x,
    "trimEnd": lambda c, x, a: x.rstrip(),
    "trimStart": lambda c, x, a: x.lstrip(),
}
_NUMBER: dict[str, Callable[[_Context, Any, list[Value]], Value]] = {
    "toString": lambda c, x, a: text_of(x) if not a else Unknown("`.toString` with a base", c.place),
    "toFixed": lambda c, x, a: f"{x:.{a[0] if a else 0}f}",
}
_DATE: dict[str, Callable[[_Context, Any, list[Value]], Value]] = {
    "toISOString": lambda c, x, a: x.iso,
    "getTime": lambda c, x, a: int((x.time - EPOCH).total_seconds() * 1000),
}
