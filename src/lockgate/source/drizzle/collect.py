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
from lockgate.source.drizzle.suspects import SchemaSense, find_declaration, is_class
from lockgate.source.drizzle.tables import Problem, Table, problem_of
from lockgate.source.drizzle.values import Place, Unknown, Value
from lockgate.source.drizzle.views import View


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
    node = find_declaration(owner, local)
    if node is None or is_class(node) or not SchemaSense(world).smells(node, owner):
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
