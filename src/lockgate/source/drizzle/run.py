"""Execute statements and functions of TypeScript as far as they do not depend on anything unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lockgate.source.drizzle import builtins
from lockgate.source.drizzle.control import Control, Outcome, Return
from lockgate.source.drizzle.evaluate import MOST_DEPTH
from lockgate.source.drizzle.scope import Scope
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Arr,
    Closure,
    Exhausted,
    Native,
    Obj,
    Place,
    Undecided,
    Unknown,
    Value,
    find_unknown,
    text_of,
)

_DECLARATIONS = {"lexical_declaration", "variable_declaration"}
_NOTHING = {
    "comment",
    "interface_declaration",
    "type_alias_declaration",
    "ambient_declaration",
    "empty_statement",
    "function_signature",
    "import_statement",
    "hash_bang_line",
}


class Runner(Control):
    """Adds statements, functions and patterns to the evaluator."""

    def __init__(self) -> None:
        super().__init__()
        self._statements: dict[str, Callable[[Any, Scope], Outcome]] = {
            name[4:]: getattr(self, name) for name in dir(self) if name.startswith("run_")
        }

    # functions

    def call(self, function: Value, args: list[Value], node: Any, scope: Scope) -> Value:
        """Call a function at a node."""
        return self.call_value(function, args, scope.module.place_of(node))

    def call_value(self, function: Value, args: list[Value], place: Place) -> Value:
        """Call any value; what is no function, or does not come to an end, gives Unknown."""
        if isinstance(function, Closure):
            return self._call_closure(function, args, place)
        if isinstance(function, Unknown):
            return function
        if isinstance(function, Native) or callable(getattr(type(function), "call", None)):
            return function.call(args, place)
        return Unknown("what is called here is no function that is known", place)

    def _call_closure(self, function: Closure, args: list[Value], place: Place) -> Value:
        node = function.node
        if any(child.type in ("async", "*") for child in node.children[:3]):
            return Unknown("async functions and generators are not read", place)
        if self.depth >= MOST_DEPTH:
            return Unknown("functions call each other too deep to be read", place)
        scope = Scope(function.scope.module, function.scope)
        scope.names["this"] = function.this
        self.depth += 1
        try:
            self._bind_parameters(node, args, scope)
            body = node.child_by_field_name("body")
            if body.type != "statement_block":
                return self.eval(body, scope)
            outcome = self.run_block(body, scope)
            return outcome.value if isinstance(outcome, Return) else UNDEFINED
        except Exhausted:
            raise
        except Undecided as error:
            return error.unknown
        finally:
            self.depth -= 1

    def _bind_parameters(self, node: Any, args: list[Value], scope: Scope) -> None:
        single = node.child_by_field_name("parameter")
        if single is not None:
            scope.names[scope.module.text_of(single)] = args[0] if args else UNDEFINED
            return
        parameters = node.child_by_field_name("parameters")
        index = 0
        for parameter in parameters.named_children:
            pattern = parameter.child_by_field_name("pattern")
            if pattern is None or pattern.type == "this":
                continue
            if pattern.type == "rest_pattern":
                self.bind(pattern.named_children[0], Arr(args[index:]), scope)
                return
            value = args[index] if index < len(args) else UNDEFINED
            default = parameter.child_by_field_name("value")
            if value is UNDEFINED and default is not None:
                value = self.eval(default, scope)
            self.bind(pattern, value, scope)
            index += 1

    def bind(self, pattern: Any, value: Value, scope: Scope) -> None:
        """Give names to (the parts of) a value, as a declaration or parameter does."""
        match pattern.type:
            case "identifier" | "shorthand_property_identifier_pattern":
                scope.names[scope.module.text_of(pattern)] = value
            case "object_pattern":
                self._bind_object(pattern, value, scope)
            case "array_pattern":
                self._bind_array(pattern, value, scope)
            case "assignment_pattern" | "object_assignment_pattern":
                if value is UNDEFINED:
                    value = self.eval(pattern.child_by_field_name("right"), scope)
                self.bind(pattern.child_by_field_name("left"), value, scope)
            case _:
                raise Undecided(self.unknown(f"the pattern {pattern.type} is not read", pattern, scope))

    def _bind_object(self, pattern: Any, value: Value, scope: Scope) -> None:
        taken: list[str] = []
        for part in pattern.named_children:
            match part.type:
                case "pair_pattern":
                    key = self.key_of(part.child_by_field_name("key"), scope)
                    target = part.child_by_field_name("value")
                case "rest_pattern":
                    rest = Obj()
                    builtins.spread_into(rest, value, scope.module.place_of(part))
                    for name in taken:
                        rest.pop(name, None)
                    self.bind(part.named_children[0], rest, scope)
                    continue
                case "comment":
                    continue
                case _:
                    target = part
                    left = part.child_by_field_name("left") or part
                    key = scope.module.text_of(left)
            taken.append(key if isinstance(key, str) else "")
            item = key if isinstance(key, Unknown) else self.member(value, key, part, scope)
            self.bind(target, item, scope)

    def _bind_array(self, pattern: Any, value: Value, scope: Scope) -> None:
        index = 0
        for part in pattern.children:
            if part.type == ",":
                index += 1
            if not part.is_named or part.type == "comment":
                continue
            if part.type == "rest_pattern":
                self.bind(part.named_children[0], Arr(value[index:]) if isinstance(value, list) else value, scope)
                return
            if isinstance(value, list) and not getattr(value, "holes", None):
                item = value[index] if index < len(value) else UNDEFINED
            else:
                item = find_unknown(value) or self.unknown("what is taken apart here is not known", part, scope)
            self.bind(part, item, scope)

    # statements

    def run(self, node: Any, scope: Scope) -> Outcome:
        """Run one statement.

        Raises:
            Undecided: Whether or how it runs depends on something unknown.
        """
        if node.type in _NOTHING:
            return None
        handler = self._statements.get(node.type)
        if handler is None:
            raise Undecided(self.unknown(f"a {node.type.replace('_', ' ')} is not read", node, scope))
        return handler(node, scope)

    def run_block(self, node: Any, scope: Scope) -> Outcome:
        """Run the statements of a block; functions are known before the first."""
        self.hoist(node, scope)
        for statement in node.named_children:
            outcome = self.run(statement, scope)
            if outcome is not None:
                return outcome
        return None

    def hoist(self, node: Any, scope: Scope) -> None:
        """Make the functions of a block known."""
        for statement in node.named_children:
            inner = statement.child_by_field_name("declaration") if statement.type == "export_statement" else statement
            if inner is not None and inner.type in ("function_declaration", "generator_function_declaration"):
                name = scope.module.text_of(inner.child_by_field_name("name"))
                scope.names[name] = Closure(inner, scope)

    def run_statement_block(self, node: Any, scope: Scope) -> Outcome:
        return self.run_block(node, Scope(scope.module, scope))

    def run_function_declaration(self, node: Any, scope: Scope) -> Outcome:
        return None

    def run_generator_function_declaration(self, node: Any, scope: Scope) -> Outcome:
        return None

    def run_lexical_declaration(self, node: Any, scope: Scope) -> Outcome:
        for declarator in node.named_children:
            if declarator.type == "variable_declarator":
                value = declarator.child_by_field_name("value")
                name = declarator.child_by_field_name("name")
                self.bind(name, UNDEFINED if value is None else self.eval(value, scope), scope)
        return None

    run_variable_declaration = run_lexical_declaration

    def run_class_declaration(self, node: Any, scope: Scope) -> Outcome:
        name = scope.module.text_of(node.child_by_field_name("name"))
        scope.names[name] = self.unknown(f"the class {name} is not read", node, scope)
        return None

    run_abstract_class_declaration = run_class_declaration

    def run_enum_declaration(self, node: Any, scope: Scope) -> Outcome:
        result = Obj()
        following: Value = 0
        inner = Scope(scope.module, scope)
        for item in node.child_by_field_name("body").named_children:
            if item.type == "comment":
                continue
            is_assigned = item.type == "enum_assignment"
            key = self.key_of(item.child_by_field_name("name") if is_assigned else item, scope)
            value = self.eval(item.child_by_field_name("value"), inner) if is_assigned else following
            following = self.unknown("the value before it is not known", item, scope)
            if isinstance(value, int):
                result[str(value)] = key
                following = value + 1
            result[key] = inner.names[key] = value
        numbers = {key: result[key] for key in sorted((k for k in result if k.isdigit()), key=int)}
        ordered = Obj({**numbers, **result})
        scope.names[scope.module.text_of(node.child_by_field_name("name"))] = ordered
        return None

    def run_expression_statement(self, node: Any, scope: Scope) -> Outcome:
        for child in node.named_children:
            if child.type in ("internal_module", "module"):
                name = scope.module.text_of(child.child_by_field_name("name"))
                scope.names[name] = self.unknown("a namespace is not read", node, scope)
            elif child.type != "comment":
                self.eval(child, scope)
        return None

    def run_return_statement(self, node: Any, scope: Scope) -> Outcome:
        inner = next((c for c in node.named_children if c.type != "comment"), None)
        return Return(UNDEFINED if inner is None else self.eval(inner, scope))

    # assignments

    def eval_assignment_expression(self, node: Any, scope: Scope) -> Value:
        value = self.eval(node.child_by_field_name("right"), scope)
        self.assign(node.child_by_field_name("left"), value, scope)
        return value

    def eval_augmented_assignment_expression(self, node: Any, scope: Scope) -> Value:
        left = node.child_by_field_name("left")
        sign = node.child_by_field_name("operator").type[:-1]
        before = self.eval(left, scope)
        right = self.eval(node.child_by_field_name("right"), scope)
        unknown = next((v for v in (before, right) if isinstance(v, Unknown)), None)
        value = unknown if unknown is not None else self._combine(sign, before, right, node, scope)
        self.assign(left, value, scope)
        return value

    def eval_update_expression(self, node: Any, scope: Scope) -> Value:
        target = node.child_by_field_name("argument")
        before = self.eval(target, scope)
        if not isinstance(before, int):
            return self.unknown("what is counted here is no number", node, scope)
        step = 1 if node.child_by_field_name("operator").type == "++" else -1
        self.assign(target, before + step, scope)
        return before if node.children[0].id == target.id else before + step

    def assign(self, target: Any, value: Value, scope: Scope) -> None:
        """Set a name or a property."""
        while target.type in ("parenthesized_expression", "as_expression", "non_null_expression"):
            target = target.named_children[0]
        if target.type == "identifier":
            name = scope.module.text_of(target)
            (scope.owner_of(name) or scope).names[name] = value
            return
        if target.type not in ("member_expression", "subscript_expression"):
            raise Undecided(self.unknown("this assignment is not read", target, scope))
        holder = self.eval(target.child_by_field_name("object"), scope)
        if target.type == "member_expression":
            key: Value = scope.module.text_of(target.child_by_field_name("property"))
        else:
            key = self.eval(target.child_by_field_name("index"), scope)
        if isinstance(holder, Closure):
            holder = holder.members
        if isinstance(holder, Obj):
            if isinstance(key, Unknown):
                holder.holes.append(key)
            else:
                holder[text_of(key)] = value
        elif isinstance(holder, Arr):
            if isinstance(key, int) and 0 <= key < len(holder):
                holder[key] = value
            else:
                holder.holes.append(self.unknown("this element is not read", target, scope))
        elif isinstance(holder, Native) or not isinstance(holder, Unknown):
            raise Undecided(self.unknown("this assignment is not read", target, scope))


def taint(node: Any, scope: Scope, unknown: Unknown) -> None:
    """Make every name unknown that a statement declares, sets or calls a method of; the statement was not run."""
    stack = [node]
    while stack:
        part = stack.pop()
        target = None
        if part.type in ("assignment_expression", "augmented_assignment_expression"):
            target = part.child_by_field_name("left")
        elif part.type == "variable_declarator":
            target = part.child_by_field_name("name")
        elif part.type == "call_expression":
            target = part.child_by_field_name("function")
            target = target if target is not None and target.type == "member_expression" else None
        _taint_target(target, scope, unknown)
        stack.extend(part.named_children)


def _taint_target(target: Any, scope: Scope, unknown: Unknown) -> None:
    while target is not None and target.type in ("member_expression", "subscript_expression"):
        target = target.child_by_field_name("object")
    if target is None:
        return
    if target.type == "identifier":
        name = scope.module.text_of(target)
        owner = scope.owner_of(name) or scope.module.scope
        held = owner.names.get(name)
        if isinstance(held, (Obj, Arr)):
            held.holes.append(unknown)
        elif not isinstance(held, Native):
            owner.names[name] = unknown
    elif target.type in ("object_pattern", "array_pattern"):
        for name_node in _names_in(target):
            scope.module.scope.names[scope.module.text_of(name_node)] = unknown


def _names_in(pattern: Any) -> list[Any]:
    found, stack = [], [pattern]
    while stack:
        part = stack.pop()
        if part.type in ("identifier", "shorthand_property_identifier_pattern"):
            found.append(part)
        stack.extend(part.named_children)
    return found
