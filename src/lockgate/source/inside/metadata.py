"""Finds the SQLAlchemy metadata that a spec names, describes it, and creates its tables in the scratch."""

from __future__ import annotations

import ast
import gc
import re
import sys
from typing import Any, Iterator  # noqa: UP035

from .address import forbid_engines, open_engine
from .common import Refused, get_by_path, import_named, own_files
from .statement import refused_by_server

_USUAL = ("metadata", "Base", "db", "SQLModel", "metadata_obj", "mapper_registry", "target_metadata")
_DEFAULT_BIND = ""
_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<!^)(?=[A-Z][a-z])")


def work(whole: dict[str, Any]) -> dict[str, Any]:
    """Describe the metadata, or create its tables when the job names a scratch."""
    import sqlalchemy

    engine: Any | None = None
    if whole["address"] is None:
        forbid_engines()
    else:
        engine = open_engine(whole, whole["job"]["dialect"])
    modules = [import_named(name, whole["folder"]) for name in whole["job"]["modules"]]
    found = _Found(sqlalchemy.MetaData)
    for name in whole["job"]["attributes"] or [_guess(modules[-1], found)]:
        value = get_by_path(modules[-1], name.split("."))
        if value is None:
            raise Refused(f"the module {modules[-1].__name__} has no {name}", cause=_offers(modules[-1], found))
        if not found.add(value, name):
            raise Refused(
                f"{modules[-1].__name__}:{name} holds no SQLAlchemy metadata",
                cause=f"it is a {type(value).__name__}; allowed are a MetaData, a declarative base, a registry, "
                "SQLModel, a Flask-SQLAlchemy object or app, a Table, a list of these, or a function that returns one",
            )
    chosen = found.choose(whole["job"]["bind"])
    if engine is not None:
        return _create(engine, chosen, whole)
    return _describe(found, chosen, whole["folder"])


class _Found:
    """The metadata found so far, by bind key (empty: the default one)."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self.binds: dict[str, list[Any]] = {}

    def add(self, value: Any, name: str, depth: int = 0) -> bool:
        """Take what a value holds; tell whether it holds any."""
        if depth > 4:
            return False
        if isinstance(value, (list, tuple, set, frozenset)):
            return bool(value) and all(self.add(part, name, depth + 1) for part in value)
        if isinstance(value, dict):
            return bool(value) and all(self.add(part, name, depth + 1) for part in value.values())
        return self._add_one(value, name, depth)

    def _add_one(self, value: Any, name: str, depth: int) -> bool:
        by_bind = getattr(value, "metadatas", None)
        if isinstance(by_bind, dict):
            for key, metadata in by_bind.items():
                self._keep(key or _DEFAULT_BIND, metadata)
            return True
        metadata = value if isinstance(value, self._kind) else getattr(value, "metadata", None)
        if isinstance(metadata, self._kind):
            self._keep(_DEFAULT_BIND, metadata)
            return True
        extensions = getattr(value, "extensions", None)
        if isinstance(extensions, dict) and "sqlalchemy" in extensions:
            return self._add_one(extensions["sqlalchemy"], name, depth)
        return callable(value) and not isinstance(value, type) and self.add(value(), name, depth + 1)

    def _keep(self, key: str, metadata: Any) -> None:
        known = self.binds.setdefault(key, [])
        if not any(metadata is other for other in known):
            known.append(metadata)

    def choose(self, bind: str) -> list[Any]:
        """Return the metadata of one bind key."""
        if bind not in self.binds:
            names = ", ".join(repr(key) for key in self.binds if key) or "none"
            raise Refused(f"there is no bind key {bind!r}", cause=f"the bind keys are {names}")
        return self.binds[bind]


def _guess(module: Any, found: _Found) -> str:
    candidates = _candidates(module, found)
    usual = [name for name in _USUAL if name in candidates]
    different = {id(get_by_path(module, (name,))) for name in candidates}
    if usual or len(different) == 1:
        return (usual or candidates)[0]
    raise Refused(f"say which metadata of {module.__name__} is meant", cause=_offers(module, found))


def _candidates(module: Any, found: _Found) -> list[str]:
    """Return the names in a module that hold metadata; functions are not called, nor single tables or models taken."""
    names = []
    for name, value in sorted(vars(module).items()):
        is_model = isinstance(value, type) and hasattr(value, "__table__")
        holds = isinstance(value, found._kind) or isinstance(getattr(value, "metadata", None), found._kind)
        if holds and not is_model and not hasattr(value, "columns") and not name.startswith("__"):
            names.append(name)
    return names


def _offers(module: Any, found: _Found) -> str:
    names = _candidates(module, found)
    return f"it offers {', '.join(names)}" if names else "nothing in it holds SQLAlchemy metadata"


def _describe(found: _Found, chosen: list[Any], folder: str) -> dict[str, Any]:
    tables = [table for metadata in chosen for table in metadata.tables.values()]
    return {
        "tables": [[table.schema or "", table.name] for table in tables],
        "binds": {
            key: sorted(str(name) for metadata in held for name in metadata.tables)
            for key, held in found.binds.items()
            if not any(metadata in chosen for metadata in held)
        },
        "others": _other_metadata(found),
        "files": own_files(folder),
    }


def _other_metadata(found: _Found) -> list[list[str]]:
    """Return the tables of each metadata in this process that the spec did not name, SQLAlchemy's own left out."""
    named = {id(metadata) for held in found.binds.values() for metadata in held}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "sqlalchemy":
            named |= {id(value) for value in vars(module).values()}
    others = [value for value in gc.get_objects() if isinstance(value, found._kind) and id(value) not in named]
    return sorted(sorted(map(str, other.tables)) for other in others if other.tables)


def _create(engine: Any, chosen: list[Any], whole: dict[str, Any]) -> dict[str, Any]:
    """Let SQLAlchemy create everything as it would for the application, schemas that its tables are in before."""
    import sqlalchemy

    now: list[Any] = []
    home = whole["job"]["schema"]
    options: dict[str, Any] = {"schema_translate_map": {home: None}} if home else {}
    try:
        with engine.connect() as plain, plain.execution_options(**options) as connection:
            for name in _schemas(chosen, engine.dialect, home):
                connection.execute(sqlalchemy.schema.CreateSchema(name, if_not_exists=True))
            for metadata in chosen:
                tables = [t for t in metadata.tables.values() if _is_here(t, engine.dialect, home)]
                for table in tables:
                    sqlalchemy.event.listen(table, "before_create", lambda target, *_, **__: now.append(target))
                metadata.create_all(connection, tables=tables)
            connection.commit()
    except sqlalchemy.exc.DBAPIError as error:
        file, line = _place_of_table(now[-1], whole["folder"]) if now else ("", 0)
        raise refused_by_server(error, whole["folder"], (file, line)) from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        file, line = _place_of_table(now[-1], whole["folder"]) if now else ("", 0)
        raise Refused(
            f"SQLAlchemy cannot make the tables on {engine.dialect.name}", file=file, line=line, cause=str(error)
        ) from None
    return {"dialect": f"{engine.dialect.name}+{engine.dialect.driver}"}


def _schemas(chosen: list[Any], dialect: Any, home: str) -> list[str]:
    if not _HAS_SCHEMAS[dialect.name]:
        return []
    names = {table.schema for metadata in chosen for table in metadata.tables.values()}
    for metadata in chosen:
        names.update(sequence.schema for sequence in metadata._sequences.values())
        names.update(kind.schema for kind in _named_types(metadata))
    return sorted(name for name in names if name and name not in (home, dialect.default_schema_name))


def _named_types(metadata: Any) -> Iterator[Any]:
    for table in metadata.tables.values():
        for column in table.columns:
            kind = getattr(column.type, "item_type", column.type)
            if getattr(kind, "schema", None):
                yield kind


_HAS_SCHEMAS = {"postgresql": True, "mysql": False, "mariadb": False, "sqlite": False}
"""Dialect → whether a schema is a part of one database; elsewhere a table in one is in another database."""


def _is_here(table: Any, dialect: Any, home: str) -> bool:
    return _HAS_SCHEMAS[dialect.name] or not table.schema or table.schema == home


def _place_of_table(table: Any, folder: str) -> tuple[str, int]:
    """Return where a table is declared in the user's files: its class, or the call that made it."""
    for file in own_files(folder):
        for line, name in declared_tables(_read(file)):
            if name == table.name:
                return file, line
    return "", 0


def _read(file: str) -> str:
    with open(file, encoding="utf-8", errors="replace") as text:
        return text.read()


def declared_tables(text: str) -> list[tuple[int, str]]:
    """Return the line and name of each table that a Python file writes out: ``__tablename__`` and ``Table("…")``."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found += [(node.lineno, name) for name in _table_names(node)]
        elif isinstance(node, ast.Call) and _called(node) == "Table" and node.args:
            found += [(node.lineno, name) for name in _text(node.args[0])]
    return sorted(found)


def _table_names(node: ast.ClassDef) -> list[str]:
    """Return what a class calls its table; SQLModel and Flask-SQLAlchemy make a name of the class's own."""
    names: list[str] = []
    for part in node.body:
        targets = (
            part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__tablename__" for target in targets):
            names += _text(part.value)  # type: ignore[attr-defined]
        if any(isinstance(target, ast.Name) and target.id == "__abstract__" for target in targets):
            return []
    if not names and any(word.arg == "table" and _is_true(word.value) for word in node.keywords):
        return [node.name.lower()]
    if not names and any(_is_flask_model(base) for base in node.bases):
        return [_SNAKE.sub("_", node.name).lower()]
    return names


def _is_flask_model(base: ast.expr) -> bool:
    """Tell whether a class is made from ``db.Model``, as Flask-SQLAlchemy's guide calls it."""
    return isinstance(base, ast.Attribute) and base.attr == "Model" and getattr(base.value, "id", "") == "db"


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _text(node: Any) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
