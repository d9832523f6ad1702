"""What JavaScript itself offers: methods of arrays, strings and objects, and the global names a schema uses."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lockgate.source.drizzle.values import (
    MOST_PARTS,
    UNDEFINED,
    Arr,
    BigInt,
    Closure,
    Exhausted,
    JsDate,
    Native,
    Obj,
    Opaque,
    Place,
    Unknown,
    Value,
    find_unknown,
    is_nullish,
    is_too_large,
    json_of,
    text_of,
    truth_of,
)

if TYPE_CHECKING:
    from lockgate.source.drizzle.evaluate import Evaluator
    from lockgate.source.drizzle.scope import Scope

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_LENGTH = 1_000_000
_MOST_ITEMS = 10_000


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
    "getTime": lambda c, x, a: int((x.time - _EPOCH).total_seconds() * 1000),
}


def _in_order(value: dict[str, Value]) -> dict[str, Value]:
    """Return an object's properties in JavaScript's order: whole numbers first, rising."""
    numbers = sorted((key for key in value if key.isdecimal() and str(int(key)) == key), key=int)
    return {**{key: value[key] for key in numbers}, **value} if numbers else value


def _array_from(ev: Callable[[Value, list[Value], Place], Value]) -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        source = args[0] if args else UNDEFINED
        length = source.get("length", UNDEFINED) if isinstance(source, Obj) else UNDEFINED
        if isinstance(length, int) and 0 <= length <= _MOST_ITEMS:
            source = Arr([UNDEFINED] * length)
        if not isinstance(source, (list, str)) or getattr(source, "holes", None):
            return find_unknown(source) or Unknown("`Array.from` of this is not read", place)
        if len(args) < 2:
            return Arr(source)
        return Arr(ev(args[1], [item, index], place) for index, item in enumerate(source))

    return call


def _object_view(pick: Callable[[dict[str, Value]], list[Value]]) -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        value = args[0] if args else UNDEFINED
        if isinstance(value, Unknown):
            return value
        if isinstance(value, list):
            value = Obj({str(i): item for i, item in enumerate(value)})
        if hasattr(value, "spread"):
            value = Obj(value.spread())
        if not isinstance(value, Obj):
            return Unknown("the properties of this are not known", place)
        result = Arr(pick(_in_order(value)))
        result.holes += value.holes
        return result

    return call


def _from_entries(args: list[Value], place: Place) -> Value:
    result = Obj()
    if not args or not isinstance(args[0], list):
        return Unknown("`Object.fromEntries` is read with an array only", place)
    result.holes += args[0].holes if isinstance(args[0], Arr) else []
    for pair in args[0]:
        if not (isinstance(pair, list) and len(pair) == 2) or isinstance(pair[0], Unknown):
            return Unknown("a pair of `Object.fromEntries` is not known", place)
        result[text_of(pair[0])] = pair[1]
    return result


def _assign(args: list[Value], place: Place) -> Value:
    if not args or not isinstance(args[0], Obj):
        return Unknown("`Object.assign` is read on plain objects only", place)
    for value in args[1:]:
        spread_into(args[0], value, place)
    return args[0]


def _new_date(args: list[Value], place: Place) -> Value:
    if not args:
        return Unknown("`new Date()` is another moment each time", place)
    try:
        if isinstance(args[0], (int, float)):
            return JsDate(_EPOCH + timedelta(milliseconds=args[0]))
        if isinstance(args[0], str) and args[0][:4].isdigit():
            moment = datetime.fromisoformat(args[0])
            is_date = len(args[0]) == 10
            if moment.tzinfo is not None or is_date:
                return JsDate(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        pass
    return Unknown("this date is not read; give it as `new Date('2024-01-31T00:00:00Z')`", place)


def _convert(function: Callable[[Value], Value]) -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        value = args[0] if args else UNDEFINED
        if isinstance(value, Unknown):
            return value
        try:
            return function(value)
        except (ValueError, TypeError):
            return Unknown("this conversion is not read", place)

    return call


def _stringify(args: list[Value], place: Place) -> Value:
    if is_too_large(args):
        return Unknown("this is too large to be read", place)
    return find_unknown(Arr(args)) or json_of(_first(args, place))


def _first(args: list[Value], place: Place) -> Value:
    return args[0] if args else UNDEFINED


def _raw(args: list[Value], place: Place) -> Value:
    text = [args[0][0]]
    for value, string in zip(args[1:], args[0][1:], strict=True):
        if isinstance(value, Unknown):
            return value
        text += [text_of(value), string]
    return "".join(text)


def _number(value: Value) -> Value:
    number = float(value)
    return int(number) if number.is_integer() else number


def _parse_int(args: list[Value], place: Place) -> Value:
    if args and isinstance(args[0], Unknown):
        return args[0]
    found = re.match(r"\s*[+-]?\d+", text_of(args[0]) if args else "")
    if found is None or (len(args) > 1 and args[1] not in (10, UNDEFINED)):
        return Unknown("`parseInt` is read with decimal digits only", place)
    return int(found[0])


def _on_numbers(function: Callable[..., float]) -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        unknown = next((arg for arg in args if isinstance(arg, Unknown)), None)
        if unknown is not None:
            return unknown
        try:
            return _number(function(*args))
        except (TypeError, ValueError, OverflowError):
            return Unknown("this number is not read", place)

    return call


def _new_set(args: list[Value], place: Place) -> Value:
    items = args[0] if args else Arr()
    if not isinstance(items, list) or getattr(items, "holes", None) or find_unknown(items) is not None:
        return find_unknown(items) or Unknown("`new Set` is read with an array only", place)
    if not all(isinstance(item, (str, int, float)) for item in items):
        return Unknown("`new Set` is read with texts and numbers only", place)
    return Arr(dict.fromkeys(items))


_MATH: dict[str, Callable[..., float]] = {
    "max": max,
    "min": min,
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "abs": abs,
    "pow": pow,
    "round": lambda x: math.floor(x + 0.5),
}


def make_globals(call: Callable[[Value, list[Value], Place], Value]) -> dict[str, Value]:
    """Return the global names that are known; ``call`` calls a function of the user's code."""

    def namespace(name: str, **functions: Callable[[list[Value], Place], Value]) -> Native:
        members: dict[str, Value] = {key: Native(f"{name}.{key}", call) for key, call in functions.items()}
        return Native(name, lambda args, place: Unknown(f"`{name}(…)` is not read", place), members)

    string = namespace("String", raw=_raw)
    string.call = _convert(text_of)
    number = namespace("Number", parseInt=_parse_int, parseFloat=_convert(_number))
    number.call = _convert(_number)
    number.members |= {"MAX_SAFE_INTEGER": 2**53 - 1, "MIN_SAFE_INTEGER": 1 - 2**53}
    date = namespace("Date", new=_new_date)
    big = namespace("BigInt")
    big.call = _convert(lambda value: BigInt(int(value)))
    boolean = namespace("Boolean")
    boolean.call = _convert(truth_of)
    return {
        "Object": namespace(
            "Object",
            keys=_object_view(lambda o: list(o)),
            values=_object_view(lambda o: list(o.values())),
            entries=_object_view(lambda o: [Arr([k, v]) for k, v in o.items()]),
            fromEntries=_from_entries,
            assign=_assign,
            freeze=_first,
        ),
        "Array": namespace(
            "Array",
            isArray=lambda a, p: isinstance(_first(a, p), list),
            of=lambda a, p: Arr(a),
            **{"from": _array_from(call)},
        ),
        "JSON": namespace("JSON", stringify=_stringify),
        "Set": namespace("Set", new=_new_set),
        "Math": namespace("Math", **{name: _on_numbers(call) for name, call in _MATH.items()}),
        "parseInt": number.members["parseInt"],
        "parseFloat": number.members["parseFloat"],
        "String": string,
        "Number": number,
        "BigInt": big,
        "Boolean": boolean,
        "Date": date,
        "Infinity": float("inf"),
        "NaN": float("nan"),
        "undefined": UNDEFINED,
        "console": Opaque("the console"),
    }
