"""The global names of JavaScript that a schema uses: `Object`, `Array`, `Math`, `Date` and their like."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lockgate.source.drizzle.builtins import EPOCH, spread_into
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Arr,
    BigInt,
    JsDate,
    Native,
    Obj,
    Opaque,
    Place,
    Unknown,
    Value,
    find_unknown,
    is_too_large,
    json_of,
    text_of,
    truth_of,
)

_MOST_ITEMS = 10_000


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
            return JsDate(EPOCH + timedelta(milliseconds=args[0]))
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
