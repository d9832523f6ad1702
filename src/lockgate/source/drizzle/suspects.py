"""Tell whether code that could not be evaluated may make a table, so that none is left out in silence."""

from __future__ import annotations

from typing import Any

from lockgate.source.drizzle.modules import ExternalValue, ModuleValue, World
from lockgate.source.drizzle.pg_objects import Enum, SchemaObject
from lockgate.source.drizzle.scope import Import, Module
from lockgate.source.drizzle.values import Closure, Native, Obj, Place, Unknown, Value

_CORE = "drizzle-orm/"
_NAMES = {"identifier", "shorthand_property_identifier"}
_FUNCTIONS = {"function_declaration", "class_declaration", "abstract_class_declaration"}
_MAKERS = ("Table", "View", "a table creator", "a custom type", "Schema", "Enum")


class SchemaSense:
    """Looks through expressions and the functions they call for drizzle's table and column functions."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._core: dict[str, set[str]] = {}
        self._seen: set[tuple[str, int]] = set()

    def smells(self, node: Any, module: Module) -> bool:
        """Tell whether an expression may make a table; functions are followed, each once."""
        if (module.shown, node.id) in self._seen:
            return False
        self._seen.add((module.shown, node.id))
        core = self._core_names(module)
        stack = [node]
        while stack:
            part = stack.pop()
            if self._is_sign(part, core, module):
                return True
            stack.extend(part.named_children)
        return False

    def _is_sign(self, part: Any, core: set[str], module: Module) -> bool:
        if part.type in _NAMES:
            name = module.text_of(part)
            return name in core or self._is_maker(self._value_of(name, part, module), name, module)
        if part.type == "member_expression":
            return self._is_member_maker(part, module)
        return part.type == "call_expression" and _is_named_call(part)

    def _value_of(self, name: str, node: Any, module: Module) -> Value:
        value = module.scope.names.get(name)
        return self.world.lookup(name, node, module.scope) if isinstance(value, Import) else value

    def _is_maker(self, value: Value, name: str, module: Module) -> bool:
        match value:
            case Enum() | SchemaObject():
                return True
            case Native():
                return value.name.endswith(_MAKERS)
            case Closure():
                return self.smells(value.node, value.scope.module)
            case Obj():
                return any(self._is_maker(item, name, module) for item in value.values() if isinstance(item, Closure))
            case Unknown():
                found = find_declaration(module, name)
                return found is not None and self.smells(found, module)
        return False

    def _is_member_maker(self, node: Any, module: Module) -> bool:
        holder = node.child_by_field_name("object")
        if holder.type != "identifier":
            return False
        value = self._value_of(module.text_of(holder), holder, module)
        name = module.text_of(node.child_by_field_name("property"))
        if isinstance(value, ExternalValue):
            return _is_core(value.source)
        if isinstance(value, ModuleValue):
            return self._is_maker(value.member(name, Place(module.shown, 1)), name, value.module)
        return isinstance(value, Obj) and self._is_maker(value.get(name), name, module)

    def _core_names(self, module: Module) -> set[str]:
        """Return the local names a module imports from drizzle's dialect packages."""
        if module.shown not in self._core:
            self._core[module.shown] = {
                name for source, name in _imports_of(module) if _is_core(source) and not name.startswith("*")
            }
        return self._core[module.shown]


def find_declaration(module: Module, local: str) -> Any:
    """Return the expression, function or class that a name is declared with at the top of a module, else None.

    A name that gets its value later gives the whole module.
    """
    for statement in module.root.named_children:
        declared = statement
        if statement.type == "export_statement":
            declared = statement.child_by_field_name("declaration")
            if declared is None and local == "*default*":
                return statement.child_by_field_name("value")
        if declared is None:
            continue
        name = declared.child_by_field_name("name") if declared.type in _FUNCTIONS else None
        if name is not None and module.text_of(name) == local:
            return declared
        for part in declared.named_children:
            if part.type == "variable_declarator" and local in _bound_names(part.child_by_field_name("name"), module):
                return part.child_by_field_name("value") or module.root
    return None


def is_class(node: Any) -> bool:
    """Tell whether a declaration is a class, which is no table."""
    return node.type in ("class_declaration", "abstract_class_declaration", "class")


def _bound_names(pattern: Any, module: Module) -> set[str]:
    names, stack = set(), [pattern]
    while stack:
        part = stack.pop()
        if part.type in ("identifier", "shorthand_property_identifier_pattern"):
            names.add(module.text_of(part))
        stack.extend(part.named_children)
    return names


def _is_core(source: str) -> bool:
    return source.startswith(_CORE) and "-core" in source


def _is_named_call(node: Any) -> bool:
    arguments = node.child_by_field_name("arguments")
    given = [a for a in arguments.named_children if a.type != "comment"] if arguments.type == "arguments" else []
    return len(given) >= 2 and given[0].type == "string" and given[1].type in ("object", "arrow_function")


def _imports_of(module: Module) -> list[tuple[str, str]]:
    """Return each import's source and local name, types left out."""
    found = []
    for statement in module.root.named_children:
        source = statement.child_by_field_name("source") if statement.type == "import_statement" else None
        if source is None or any(child.type == "type" for child in statement.children):
            continue
        stack = list(statement.named_children)
        while stack:
            part = stack.pop()
            if part.type == "import_specifier" and part.children[0].type == "type":
                continue
            if part.type == "identifier":
                found.append((module.text_of(source)[1:-1], module.text_of(part)))
            stack.extend(part.named_children)
    return found
