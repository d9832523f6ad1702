"""Load modules when a name of theirs is used: imports, re-exports, barrels, cycles, and what drizzle-orm offers."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from lockgate.errors import SourceError
from lockgate.source.drizzle.js_globals import make_globals
from lockgate.source.drizzle.node import import_meta, make_process, make_url, node_packages
from lockgate.source.drizzle.paths import Resolver
from lockgate.source.drizzle.run import Runner, taint
from lockgate.source.drizzle.scope import Import, Module, Scope
from lockgate.source.drizzle.syntax import parse_file
from lockgate.source.drizzle.values import UNDEFINED, Entity, Native, Obj, Place, Undecided, Unknown, Value

_CORE = re.compile(r"(drizzle-orm/(?:mysql|pg|sqlite)-core)(?:/.*|\.js)")
_SQL = re.compile(r"drizzle-orm/(?:sql|expressions)(?:/.*)?$")
MOST_IMPORTS = 100
_DECLARED = {"lexical_declaration", "variable_declaration"}
_NAMED = {"function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration"}


class ModuleValue(Entity):
    """A module as a value: ``import * as schema``."""

    def __init__(self, world: World, module: Module) -> None:
        self.world, self.module = world, module

    def member(self, name: str, place: Place) -> Value:
        """Return an export."""
        return self.world.export_of(self.module, name, place)

    def spread(self) -> dict[str, Value]:
        """Return all exports by name."""
        place = Place(self.module.shown, 1)
        return {name: self.member(name, place) for name in self.world.export_names(self.module)}


class ExternalValue(Entity):
    """A package as a value: ``import * as p from "drizzle-orm/pg-core"``."""

    def __init__(self, world: World, source: str) -> None:
        self.world, self.source = world, source

    def member(self, name: str, place: Place) -> Value:
        """Return what the package exports, as far as it is known."""
        return self.world.external(self.source, name, place)

    def spread(self) -> dict[str, Value]:
        """Return all that is known of it."""
        return dict(self.world.packages.get(self.source, {}))


class World(Runner):
    """All modules of one reading. ``packages`` maps a package's import source to its exports."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.packages: dict[str, dict[str, Value]] = {}
        self.modules: dict[Path, Module] = {}
        self.resolver = Resolver()
        self.import_depth = 0
        self._globals = make_globals(self.call_value)
        self.packages |= node_packages(root)
        self._globals |= {"process": make_process(root), "URL": make_url()}
        self._globals["require"] = Native("require", lambda args, place: Unknown("`require` of a computed name", place))

    def load(self, path: Path) -> Module:
        """Parse a file once; it is run when first needed. Raises SourceError."""
        module = self.modules.get(path)
        if module is None:
            path = path.resolve()
            module = self.modules.setdefault(path, self.modules.get(path) or parse_file(path, self.show(path)))
        if not module.is_run:
            module.is_run = True
            self._run_module(module)
        return module

    def show(self, path: Path) -> str:
        """Return a path as the user would write it: from the working directory."""
        shown = os.path.relpath(path)
        return str(path) if shown.startswith(f"..{os.sep}..") else shown

    # names

    def lookup(self, name: str, node: Any, scope: Scope) -> Value:
        """Return a name's value, from blocks, the module, imports, or the globals."""
        owner = scope.owner_of(name)
        if owner is not None:
            value = owner.names[name]
            if not isinstance(value, Import):
                if isinstance(value, Entity) and owner.parent is None:
                    value.is_constant = True
                return value
            value = self._imported(value, scope.module)
            if not isinstance(value, Unknown):
                owner.names[name] = value
                if isinstance(value, Entity):
                    value.is_constant = True
            return value
        if name in scope.module.pending:
            return self.unknown(f"`{name}` is used before it has a value", node, scope)
        if name in ("__dirname", "__filename"):
            return str(scope.module.path.parent if name == "__dirname" else scope.module.path)
        if name in self._globals:
            return self._require(scope) if name == "require" else self._globals[name]
        return self.unknown(f"`{name}` is not declared in this file", node, scope)

    def _imported(self, imported: Import, module: Module) -> Value:
        if self.import_depth >= MOST_IMPORTS:
            return Unknown(f"the imports of {imported.source!r} go round in a circle", imported.place)
        self.import_depth += 1
        try:
            return self._find_imported(imported, module)
        finally:
            self.import_depth -= 1

    def _find_imported(self, imported: Import, module: Module) -> Value:
        if imported.source in self.packages or imported.source.startswith("drizzle-orm"):
            if imported.name == "*":
                return ExternalValue(self, imported.source)
            return self.external(imported.source, imported.name, imported.place)
        path = self.resolver.find(imported.source, module.path)
        if path is None:
            name = f"`{imported.name}` of " if imported.name not in ("*", "default") else ""
            return Unknown(f"{name}{imported.source!r} is not in the project's own files", imported.place)
        try:
            target = self.load(path)
        except SourceError as error:
            return Unknown(f"{error.what}: {error.cause}", Place(error.file, 1))
        if imported.name == "*":
            return ModuleValue(self, target)
        return self.export_of(target, imported.name, imported.place)

    def external(self, source: str, name: str, place: Place) -> Value:
        """Return a package's export."""
        known = self.packages.get(_SQL.sub("drizzle-orm", _CORE.sub(r"\1", source)))
        if known is None or name not in known:
            return Unknown(f"`{name}` of {source!r} is not known", place)
        return known[name]

    def export_of(self, module: Module, name: str, place: Place, seen: frozenset[Path] = frozenset()) -> Value:
        """Return an export of a module, through re-exports."""
        target = module.exports.get(name)
        if isinstance(target, Import):
            return self._imported(target, module)
        if target is not None:
            if target in module.scope.names:
                value = module.scope.names[target]
                return self._imported(value, module) if isinstance(value, Import) else value
            return Unknown(f"`{name}` of {module.shown} is used before it has a value (circular import)", place)
        if name in module.common:
            return module.common[name]
        if name == "default" and module.common:
            return module.common
        return self._from_stars(module, name, place, seen | {module.path})

    def _from_stars(self, module: Module, name: str, place: Place, seen: frozenset[Path]) -> Value:
        unknown = None
        for star in module.stars:
            if star.source in self.packages and name in self.packages[star.source]:
                return self.packages[star.source][name]
            whole = self._imported(star, module)
            if isinstance(whole, ModuleValue) and whole.module.path not in seen:
                value = self.export_of(whole.module, name, place, seen)
                if not isinstance(value, Unknown) or name in self.export_names(whole.module):
                    return value
            elif isinstance(whole, Unknown):
                unknown = whole
        return unknown or Unknown(f"{module.shown} does not export `{name}`", place)

    def export_names(self, module: Module, seen: frozenset[Path] = frozenset()) -> tuple[str, ...]:
        """Return the names a module exports in drizzle-kit's order: its own sorted, then those of ``export *``."""
        names = dict.fromkeys([*sorted(module.exports), *module.common])
        for star in module.stars:
            whole = self._imported(star, module)
            if isinstance(whole, ModuleValue) and whole.module.path not in seen:
                inner = self.export_names(whole.module, seen | {module.path})
                names.update(dict.fromkeys(n for n in inner if n != "default"))
        return tuple(names)

    def unread_stars(self, module: Module) -> list[Unknown]:
        """Return why each ``export *`` that leads nowhere does."""
        found = [self._imported(star, module) for star in module.stars]
        return [value for value in found if isinstance(value, Unknown)]

    def _require(self, scope: Scope) -> Value:
        def call(args: list[Value], place: Place) -> Value:
            if not args or not isinstance(args[0], str):
                return Unknown("`require` of a computed name", place)
            return self._imported(Import(args[0], "*", place), scope.module)

        return Native("require", call)

    def eval_meta_property(self, node: Any, scope: Scope) -> Value:
        return import_meta(scope.module.path)

    # running a module

    def _run_module(self, module: Module) -> None:
        scope = module.scope
        scope.names["exports"] = module.common
        scope.names["module"] = Obj({"exports": module.common})
        for statement in module.root.named_children:
            self._declare(statement, module)
        self.hoist(module.root, scope)
        for statement in module.root.named_children:
            try:
                self._run_top(statement, scope)
            except Undecided as error:
                taint(statement, scope, error.unknown)
            except RecursionError:
                taint(statement, scope, self.unknown("this nests too deep to be read", statement, scope))
        exported = scope.names["module"]
        if isinstance(exported, Obj) and isinstance(exported.get("exports"), Obj):
            module.common = exported["exports"]

    def _declare(self, statement: Any, module: Module) -> None:
        """Register imports, exports and the names that will have a value later."""
        if statement.type == "import_statement":
            self._declare_import(statement, module)
            return
        declared = statement
        if statement.type == "export_statement":
            declared = statement.child_by_field_name("declaration")
            self._declare_export(statement, declared, module)
        if declared is not None and declared.type in _DECLARED:
            module.pending.update(_names_of(declared, module))

    def _declare_import(self, statement: Any, module: Module) -> None:
        source_node = statement.child_by_field_name("source")
        if source_node is None or any(child.type == "type" for child in statement.children):
            return
        source, place = module.text_of(source_node)[1:-1], module.place_of(statement)
        clause = next((c for c in statement.named_children if c.type == "import_clause"), None)
        for part in clause.named_children if clause is not None else ():
            if part.type == "identifier":
                module.scope.names[module.text_of(part)] = Import(source, "default", place)
            elif part.type == "namespace_import":
                module.scope.names[module.text_of(part.named_children[0])] = Import(source, "*", place)
            elif part.type == "named_imports":
                for item in part.named_children:
                    if item.type != "import_specifier" or item.children[0].type == "type":
                        continue
                    name = item.child_by_field_name("name")
                    local = item.child_by_field_name("alias") or name
                    module.scope.names[module.text_of(local)] = Import(source, _plain(name, module), place)

    def _declare_export(self, statement: Any, declared: Any, module: Module) -> None:
        source_node = statement.child_by_field_name("source")
        source = module.text_of(source_node)[1:-1] if source_node is not None else ""
        place = module.place_of(statement)
        if any(child.type == "type" for child in statement.children):
            return
        if declared is not None:
            for name in _names_of(declared, module):
                module.exports[name] = name
            if any(child.type == "default" for child in statement.children):
                module.exports["default"] = next(iter(_names_of(declared, module)), "*default*")
        elif statement.child_by_field_name("value") is not None:
            module.exports["default"] = "*default*"
        for part in statement.children:
            if part.type == "export_clause":
                self._declare_clause(part, source, place, module)
            elif part.type == "namespace_export":
                module.exports[_plain(part.named_children[0], module)] = Import(source, "*", place)
            elif part.type == "*":
                module.stars.append(Import(source, "*", place))

    def _declare_clause(self, clause: Any, source: str, place: Place, module: Module) -> None:
        for item in clause.named_children:
            if item.type != "export_specifier" or item.children[0].type == "type":
                continue
            name = _plain(item.child_by_field_name("name"), module)
            alias = item.child_by_field_name("alias")
            shown = _plain(alias, module) if alias is not None else name
            module.exports[shown] = Import(source, name, place) if source else name

    def _run_top(self, statement: Any, scope: Scope) -> None:
        if statement.type != "export_statement":
            if statement.type != "ERROR":
                self.run(statement, scope)
            return
        declared = statement.child_by_field_name("declaration")
        value = statement.child_by_field_name("value")
        if declared is not None:
            self.run(declared, scope)
        elif value is not None:
            scope.names["*default*"] = self.eval(value, scope)


def _plain(node: Any, module: Module) -> str:
    text = module.text_of(node)
    return text[1:-1] if text[:1] in "\"'" else text


def _names_of(declared: Any, module: Module) -> list[str]:
    if declared.type in _NAMED or declared.type == "enum_declaration":
        name = declared.child_by_field_name("name")
        return [module.text_of(name)] if name is not None else []
    names, stack = [], []
    for declarator in declared.named_children if declared.type in _DECLARED else ():
        if declarator.type == "variable_declarator":
            stack.append(declarator.child_by_field_name("name"))
    while stack:
        part = stack.pop()
        if part.type in ("identifier", "shorthand_property_identifier_pattern"):
            names.append(module.text_of(part))
        elif part.type == "pair_pattern":
            stack.append(part.child_by_field_name("value"))
        else:
            stack.extend(part.named_children)
    return names


__all__ = ["UNDEFINED", "ExternalValue", "ModuleValue", "World"]
