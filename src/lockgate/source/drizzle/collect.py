"""Collect what the entry files export: only that is schema for drizzle-kit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lockgate.source.drizzle.columns import Dialect
from lockgate.source.drizzle.modules import World
from lockgate.source.drizzle.orm import Orm
from lockgate.source.drizzle.pg_objects import Enum, Policy, Role, SchemaObject, Sequence
from lockgate.source.drizzle.scope import Import, Module
from lockgate.source.drizzle.tables import Problem, Table, problem_of
from lockgate.source.drizzle.values import Place, Unknown, Value
from lockgate.source.drizzle.views import View

_CORES = ("drizzle-orm/mysql-core", "drizzle-orm/pg-core", "drizzle-orm/sqlite-core")


@dataclass
class Exported:
    """The schema by kind, in the order of the exports, each thing once. ``others`` are tables of other dialects."""

    tables: list[Table] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    enums: list[Enum] = field(default_factory=list)
    schemas: list[SchemaObject] = field(default_factory=list)
    sequences: list[Sequence] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    others: list[Table | View] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    entries: list[Module] = field(default_factory=list)

    def add(self, value: Value, dialect: Dialect) -> None:
        """Sort one exported value in; what is no schema is nothing."""
        if isinstance(value, (Table, View)) and value.dialect is not dialect:
            _append(self.others, value)
            return
        for kind, group in (
            (Table, self.tables),
            (Enum, self.enums),
            (SchemaObject, self.schemas),
            (Sequence, self.sequences),
            (Role, self.roles),
            (Policy, self.policies),
        ):
            if isinstance(value, kind):
                _append(group, value)
        if isinstance(value, View) and value.is_done:
            _append(self.views, value)


def _append(group: list[Any], value: Any) -> None:
    """Add a value that is not there yet; entities are equal only to themselves."""
    if value not in group:
        group.append(value)


def collect(world: World, orm: Orm, entries: list[Path], dialect: Dialect) -> Exported:
    """Load the entry files and return what they export. Raises SourceError."""
    exported = Exported()
    for entry in entries:
        module = world.load(entry)
        exported.entries.append(module)
        place = Place(module.shown, 1)
        for name in world.export_names(module):
            value = world.export_of(module, name, place)
            if isinstance(value, Unknown):
                problem = _suspect(world, module, name, value)
                exported.problems += [problem] if problem is not None else []
            else:
                exported.add(value, dialect)
        holes = [*module.common.holes, *world.unread_stars(module)]
        exported.problems += [problem_of("what this file exports", hole, hole.place) for hole in holes]
    exported.problems += orm.made.problems
    for module in world.modules.values():
        if module.first_error:
            at = Place(module.shown, module.first_error)
            exported.problems.append(Problem("the file", "the parser does not know the syntax here", at))
    return exported


def _suspect(world: World, module: Module, name: str, unknown: Unknown) -> Problem | None:
    """Return a problem when an exported value that is unknown could be a table: it is made like one."""
    owner, local = _owner_of(world, module, name)
    if owner is None or local is None:
        return problem_of(f"the export `{name}`", unknown, unknown.place)
    node = _initializer(owner, local)
    if node is None or not _looks_like_schema(node, owner):
        return None
    return problem_of(f"the export `{name}`", unknown, owner.place_of(node))


def _owner_of(world: World, module: Module | None, name: str, depth: int = 0) -> tuple[Module | None, str | None]:
    """Follow an export to the module that declares it, and the local name there."""
    while module is not None and depth < 50:
        depth += 1
        target = module.exports.get(name)
        if isinstance(target, str):
            held = module.scope.names.get(target)
            if not isinstance(held, Import):
                return module, target
            target = held
        if target is None:
            module = next((m for m in _starred(world, module) if name in world.export_names(m)), None)
            continue
        path = world.resolver.find(target.source, module.path)
        if path is None or path not in world.modules or target.name == "*":
            return (module, None) if path is None else (None, None)
        module, name = world.modules[path], target.name
    return None, None


def _starred(world: World, module: Module) -> list[Module]:
    paths = (world.resolver.find(star.source, module.path) for star in module.stars)
    return [world.modules[path] for path in paths if path is not None and path in world.modules]


def _initializer(module: Module, local: str) -> Any:
    """Return the expression a name is declared with, at the top of a module."""
    for statement in module.root.named_children:
        declared = statement
        if statement.type == "export_statement":
            declared = statement.child_by_field_name("declaration")
            if declared is None and local == "*default*":
                return statement.child_by_field_name("value")
        for part in declared.named_children if declared is not None else ():
            if part.type == "variable_declarator":
                name = part.child_by_field_name("name")
                if module.text_of(name) == local:
                    return part.child_by_field_name("value")
    return None


def _looks_like_schema(node: Any, module: Module) -> bool:
    """Tell whether an expression uses drizzle's column functions, or calls something with a name and columns."""
    core = {
        name
        for name, value in module.scope.names.items()
        if name in _imported_from_core(module) or isinstance(value, (SchemaObject, Enum))
    }
    stack = [node]
    while stack:
        part = stack.pop()
        if part.type == "identifier" and module.text_of(part) in core:
            return True
        if part.type == "call_expression" and _is_named_call(part):
            return True
        stack.extend(part.named_children)
    return False


def _is_named_call(node: Any) -> bool:
    arguments = node.child_by_field_name("arguments")
    given = [a for a in arguments.named_children if a.type != "comment"] if arguments.type == "arguments" else []
    return len(given) >= 2 and given[0].type == "string" and given[1].type in ("object", "arrow_function")


def _imported_from_core(module: Module) -> set[str]:
    """Return the local names a module imports from drizzle's dialect packages."""
    names: set[str] = set()
    for statement in module.root.named_children:
        source = statement.child_by_field_name("source") if statement.type == "import_statement" else None
        if source is None or module.text_of(source)[1:-1] not in _CORES:
            continue
        stack = list(statement.named_children)
        while stack:
            part = stack.pop()
            if part.type == "identifier":
                names.add(module.text_of(part))
            stack.extend(part.named_children)
    return names
