"""Evaluate expressions of TypeScript without running anything: what cannot be known is an `Unknown` with a reason."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from lockgate.source.drizzle import builtins
from lockgate.source.drizzle.scope import Scope
from lockgate.source.drizzle.syntax import cook
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Arr,
    BigInt,
    Closure,
    Entity,
    Exhausted,
    Native,
    Obj,
    Undecided,
    Unknown,
    Value,
    is_nullish,
    is_too_large,
    text_of,
    truth_of,
)

MOST_STEPS = 1_000_000
MOST_DEPTH = 120
_TRANSPARENT = {
    "parenthesized_expression",
    "as_expression",
    "satisfies_expression",
    "non_null_expression",
    "instantiation_expression",
}
_TYPES = {bool: "boolean", int: "number", float: "number", str: "string", BigInt: "bigint"}


class Evaluator:
    """Evaluates expressions; statements and functions are in `Runner`, which this is the base of."""

    def __init__(self) -> None:
        self.steps = 0
        self.depth = 0
        self._handlers: dict[str, Callable[[Any, Scope], Value]] = {
            name[5:]: getattr(self, name) for name in dir(self) if name.startswith("eval_")
        }

    def eval(self, node: Any, scope: Scope) -> Value:
        """Return the value of an expression."""
        self.steps += 1
        kind = node.type
        while kind in _TRANSPARENT:
            node = next(child for child in node.named_children if child.type != "comment")
            kind = node.type
        handler = self._handlers.get(kind)
        if handler is None:
            return self.unknown(f"`{kind.replace('_', ' ')}` is not read", node, scope)
        if self.steps > MOST_STEPS:
            raise Exhausted(self.unknown("the code computes too much to be read without running it", node, scope))
        return handler(node, scope)

    def unknown(self, why: str, node: Any, scope: Scope) -> Unknown:
        """Return an unknown value at a node."""
        return Unknown(why, scope.module.place_of(node))

    def lookup(self, name: str, node: Any, scope: Scope) -> Value:
        """Return the value of a name; the modules' side is in `Runner`."""
        raise NotImplementedError

    def call(self, function: Value, args: list[Value], node: Any, scope: Scope) -> Value:
        """Call a function; see `Runner`."""
        raise NotImplementedError

    # literals

    def eval_string(self, node: Any, scope: Scope) -> Value:
        return cook(scope.module.text_of(node)[1:-1])

    def eval_number(self, node: Any, scope: Scope) -> Value:
        text = scope.module.text_of(node).replace("_", "")
        try:
            if text.endswith("n"):
                return BigInt(int(text[:-1], 0))
            return int(text, 0) if not set(text.lower()) & set(".e") or text[:2].lower() == "0x" else float(text)
        except ValueError:
            return self.unknown(f"the number {text} is not read", node, scope)

    def eval_true(self, node: Any, scope: Scope) -> Value:
        return True

    def eval_false(self, node: Any, scope: Scope) -> Value:
        return False

    def eval_null(self, node: Any, scope: Scope) -> Value:
        return None

    def eval_undefined(self, node: Any, scope: Scope) -> Value:
        return UNDEFINED

    def eval_identifier(self, node: Any, scope: Scope) -> Value:
        return self.lookup(scope.module.text_of(node), node, scope)

    def eval_this(self, node: Any, scope: Scope) -> Value:
        owner = scope.owner_of("this")
        return owner.names["this"] if owner else self.unknown("`this` is not known here", node, scope)

    def eval_template_string(self, node: Any, scope: Scope) -> Value:
        strings, values = self.template_parts(node, scope)
        text = [strings[0]]
        for value, string in zip(values, strings[1:], strict=True):
            if isinstance(value, Unknown):
                return value
            if is_too_large(value):
                return self.unknown("this text is too long to be read", node, scope)
            text += [text_of(value), string]
        return "".join(text)

    def template_parts(self, node: Any, scope: Scope, *, is_raw: bool = False) -> tuple[list[str], list[Value]]:
        """Return the fixed parts and the values between them of a template literal."""
        module, start, end = scope.module, node.start_byte + 1, node.end_byte - 1
        strings, values = [], []
        for part in node.named_children:
            if part.type == "template_substitution":
                strings.append(module.text[start : part.start_byte].decode("utf-8", "replace"))
                inner = next((c for c in part.named_children if c.type != "comment"), None)
                values.append(UNDEFINED if inner is None else self.eval(inner, scope))
                start = part.end_byte
        strings.append(module.text[start:end].decode("utf-8", "replace"))
        strings = [s.replace("\r\n", "\n") for s in strings]
        return strings if is_raw else [cook(s) for s in strings], values

    def eval_object(self, node: Any, scope: Scope) -> Value:
        result = Obj()
        for part in node.named_children:
            match part.type:
                case "pair":
                    key = self.key_of(part.child_by_field_name("key"), scope)
                    value = self.eval(part.child_by_field_name("value"), scope)
                    if isinstance(key, Unknown):
                        result.holes.append(key)
                    else:
                        result[key] = value
                case "shorthand_property_identifier":
                    result[scope.module.text_of(part)] = self.eval_identifier(part, scope)
                case "spread_element":
                    builtins.spread_into(result, self.eval(part.named_children[0], scope), scope.module.place_of(part))
                case "method_definition":
                    self._add_method(result, part, scope)
        return result

    def _add_method(self, result: Obj, part: Any, scope: Scope) -> None:
        key = self.key_of(part.child_by_field_name("name"), scope)
        first = part.children[0].type
        if isinstance(key, Unknown):
            result.holes.append(key)
        elif first in ("get", "set"):
            result[key] = self.unknown("a getter or setter is not read", part, scope)
        else:
            result[key] = Closure(part, scope, result)

    def key_of(self, node: Any, scope: Scope) -> Value:
        """Return a property key: a string, or Unknown."""
        match node.type:
            case "property_identifier" | "private_property_identifier":
                return scope.module.text_of(node)
            case "computed_property_name":
                value = self.eval(node.named_children[0], scope)
                return value if isinstance(value, Unknown) else text_of(value)
        return text_of(self.eval(node, scope))

    def eval_array(self, node: Any, scope: Scope) -> Value:
        result = Arr()
        for part in node.named_children:
            if part.type == "spread_element":
                value = self.eval(part.named_children[0], scope)
                builtins.extend_with(result, value, scope.module.place_of(part))
            elif part.type != "comment":
                result.append(self.eval(part, scope))
        return result

    def eval_arrow_function(self, node: Any, scope: Scope) -> Value:
        owner = scope.owner_of("this")
        return Closure(node, scope, owner.names["this"] if owner else UNDEFINED)

    def eval_function_expression(self, node: Any, scope: Scope) -> Value:
        return Closure(node, scope)

    def eval_type_assertion(self, node: Any, scope: Scope) -> Value:
        return self.eval(node.named_children[-1], scope)

    # access and calls

    def eval_member_expression(self, node: Any, scope: Scope) -> Value:
        holder = self.eval(node.child_by_field_name("object"), scope)
        name = scope.module.text_of(node.child_by_field_name("property"))
        if is_nullish(holder) and node.child_by_field_name("optional_chain") is not None:
            return UNDEFINED
        value = self.member(holder, name, node, scope)
        if isinstance(value, Entity) and isinstance(holder, Obj):
            value.is_constant = True
        return value

    def eval_subscript_expression(self, node: Any, scope: Scope) -> Value:
        holder = self.eval(node.child_by_field_name("object"), scope)
        index = self.eval(node.child_by_field_name("index"), scope)
        if isinstance(holder, Unknown) or isinstance(index, Unknown):
            return holder if isinstance(holder, Unknown) else index
        if is_nullish(holder) and node.child_by_field_name("optional_chain") is not None:
            return UNDEFINED
        if isinstance(holder, (list, str)) and isinstance(index, int):
            if isinstance(holder, Arr) and holder.holes:
                return holder.holes[0]
            return holder[index] if 0 <= index < len(holder) else UNDEFINED
        return self.member(holder, text_of(index), node, scope)

    def member(self, holder: Value, name: str, node: Any, scope: Scope) -> Value:
        """Return a property of any value."""
        if isinstance(holder, Unknown):
            return holder
        place = scope.module.place_of(node)
        if isinstance(holder, Entity):
            return holder.member(name, place)
        if isinstance(holder, Native) and name in holder.members:
            return holder.members[name]
        if is_nullish(holder):
            what = "null" if holder is None else "undefined"
            return Unknown(f"`.{name}` is read from {what}", place)
        return builtins.member(self, holder, name, place, scope)

    def eval_call_expression(self, node: Any, scope: Scope) -> Value:
        callee = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        function = self.eval(callee, scope)
        if isinstance(function, Unknown):
            return function
        if function is UNDEFINED and (_is_optional(callee) or _is_optional(node)):
            return UNDEFINED
        if arguments.type == "template_string":
            strings, values = self.template_parts(arguments, scope, is_raw=builtins.is_raw_tag(function))
            return self.call(function, [Arr(strings), *values], node, scope)
        args = self.arguments_of(arguments, scope)
        if args.holes:
            return args.holes[0]
        return self.call(function, args, node, scope)

    def arguments_of(self, node: Any, scope: Scope) -> Arr:
        """Return the values of an argument list."""
        return Arr() if node is None else self.eval_array(node, scope)

    def eval_new_expression(self, node: Any, scope: Scope) -> Value:
        function = self.eval(node.child_by_field_name("constructor"), scope)
        if isinstance(function, Native) and "new" in function.members:
            args = self.arguments_of(node.child_by_field_name("arguments"), scope)
            made: Value = function.members["new"].call(args, scope.module.place_of(node))
            return made
        name = scope.module.text_of(node.child_by_field_name("constructor"))
        return self.unknown(f"`new {name}(…)` is not read", node, scope)

    def eval_await_expression(self, node: Any, scope: Scope) -> Value:
        return self.unknown("`await` is not read", node, scope)

    # operators

    def eval_unary_expression(self, node: Any, scope: Scope) -> Value:
        sign = node.child_by_field_name("operator").type
        if sign == "delete":
            return self.delete(node.child_by_field_name("argument"), node, scope)
        value = self.eval(node.child_by_field_name("argument"), scope)
        if sign == "void":
            return UNDEFINED
        if isinstance(value, Unknown):
            return value
        match sign:
            case "!":
                return not truth_of(value)
            case "-" if isinstance(value, (int, float)):
                return BigInt(-value) if isinstance(value, BigInt) else -value
            case "+" if isinstance(value, (int, float)):
                return value
            case "typeof":
                if callable_value(value):
                    return "function"
                return "undefined" if value is UNDEFINED else _TYPES.get(type(value), "object")
        return self.unknown(f"the operator {sign} is not read here", node, scope)

    def delete(self, target: Any, node: Any, scope: Scope) -> Value:
        """Remove a property of a plain object."""
        if target.type in ("member_expression", "subscript_expression"):
            holder = self.eval(target.child_by_field_name("object"), scope)
            index = target.child_by_field_name("index")
            name = target.child_by_field_name("property")
            key = scope.module.text_of(name) if index is None else self.eval(index, scope)
            if isinstance(holder, Obj) and not isinstance(key, Unknown):
                holder.pop(text_of(key), None)
                return True
        raise Undecided(self.unknown("what is deleted here is not known", node, scope))

    def eval_binary_expression(self, node: Any, scope: Scope) -> Value:
        sign = node.child_by_field_name("operator").type
        left = self.eval(node.child_by_field_name("left"), scope)
        if isinstance(left, Unknown):
            return left
        if sign in ("&&", "||", "??"):
            is_left = is_nullish(left) if sign == "??" else truth_of(left) is (sign == "&&")
            return self.eval(node.child_by_field_name("right"), scope) if is_left else left
        right = self.eval(node.child_by_field_name("right"), scope)
        if isinstance(right, Unknown):
            return right
        return self._combine(sign, left, right, node, scope)

    def _combine(self, sign: str, left: Value, right: Value, node: Any, scope: Scope) -> Value:
        if len(sign) == 2 and sign in ("==", "!=") and _is_loose(left, right):
            return self.unknown(f"{sign} of two types is not read; write {sign}=", node, scope)
        if sign in ("===", "==", "!==", "!="):
            is_same = is_equal(left, right) or (len(sign) == 2 and is_nullish(left) and is_nullish(right))
            return is_same is (sign[0] == "=")
        if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
            if is_too_large(left) or is_too_large(right):
                return self.unknown("this text is too long to be read", node, scope)
            return text_of(left) + text_of(right)
        if sign == "in" and isinstance(right, dict):
            return text_of(left) in right
        are_numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (left, right))
        are_texts = isinstance(left, str) and isinstance(right, str)
        if sign in _COMPARE and (are_numbers or are_texts):
            return _COMPARE[sign](left, right)
        if sign in _ARITHMETIC and are_numbers:
            try:
                result = _ARITHMETIC[sign](left, right)
            except (ArithmeticError, ValueError):
                return self.unknown(f"the result of {sign} is no number", node, scope)
            return int(result) if isinstance(result, float) and result.is_integer() else result
        return self.unknown(f"the operator {sign} is not read here", node, scope)

    def eval_ternary_expression(self, node: Any, scope: Scope) -> Value:
        condition = self.eval(node.child_by_field_name("condition"), scope)
        if isinstance(condition, Unknown):
            return condition
        chosen = "consequence" if truth_of(condition) else "alternative"
        return self.eval(node.child_by_field_name(chosen), scope)

    def eval_sequence_expression(self, node: Any, scope: Scope) -> Value:
        value: Value = UNDEFINED
        for part in node.named_children:
            value = self.eval(part, scope)
        return value


def callable_value(value: Value) -> bool:
    """Tell whether a value can be called."""
    return isinstance(value, (Closure, Native)) or callable(getattr(type(value), "call", None))


def is_equal(left: Value, right: Value) -> bool:
    """Tell what JavaScript's ``===`` does of two values that are known."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, (int, float, str)):
        return (type(left) is type(right) and bool(left == right)) or (
            _is_number(left) and _is_number(right) and left == right
        )
    return left is right


def _is_loose(left: Value, right: Value) -> bool:
    """Tell whether ``==`` would convert one of two values to the other's type."""
    kinds = (bool, int, float, str)
    return isinstance(left, kinds) and isinstance(right, kinds) and _TYPES.get(type(left)) != _TYPES.get(type(right))


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, (bool, BigInt))


def _is_optional(node: Any) -> bool:
    return any(child.type == "optional_chain" for child in node.children)


def _signed(value: int) -> int:
    """Return a number as JavaScript's bit operators leave it: 32 bits with a sign."""
    return (value + 2**31) % 2**32 - 2**31


def _power(left: float, right: float) -> float:
    if abs(right) > 1024:
        raise OverflowError
    return float(float(left) ** right)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "<<": lambda a, b: _signed(int(a) << (int(b) & 31)),
    ">>": lambda a, b: _signed(int(a)) >> (int(b) & 31),
    "&": lambda a, b: _signed(int(a) & int(b)),
    "|": lambda a, b: _signed(int(a) | int(b)),
    "^": lambda a, b: _signed(int(a) ^ int(b)),
    "**": _power,
}

__all__ = ["Evaluator", "Undecided", "callable_value", "is_equal"]
