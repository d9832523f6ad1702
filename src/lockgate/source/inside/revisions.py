"""Runs Alembic's revisions in the scratch with a context of our own; the user's env.py never connects.

Of env.py only what decides the options of ``context.configure`` is run: imports, and the assignments those need.
"""

from __future__ import annotations

import ast
import contextlib
import os
from collections.abc import Iterator
from typing import Any

from .address import forbid_engines, open_engine
from .common import Refused, get_by_path, import_named, place_of, shorten
from .statement import refused_by_server

_OPTIONS = (
    "target_metadata",
    "version_table",
    "version_table_schema",
    "version_table_pk",
    "transaction_per_migration",
    "transactional_ddl",
)
_RUN_CALLS = frozenset(
    {"load_dotenv", "dotenv.load_dotenv", "os.environ.setdefault", "sys.path.append", "sys.path.insert"}
)

_FILLING = frozenset({"update", "setdefault", "append", "extend"})


def work(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the version table; with a scratch, run all revisions there first."""
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    job = whole["job"]
    engine = None
    if whole["address"] is None:
        forbid_engines()
    else:
        engine = open_engine(whole, job["dialect"])
    config = _config(job)
    try:
        script = ScriptDirectory.from_config(config)
        heads = script.get_heads()
    except CommandError as error:
        raise Refused("Alembic cannot read its folder", file=job["place"], cause=str(error)) from None
    environment = EnvironmentContext(
        config, script, fn=lambda revision, context: script._upgrade_revs("heads", revision), destination_rev="heads"
    )
    with environment, _flask_app(job["app"], whole["folder"]):
        options = {} if job["has_own_env"] else _read_options(os.path.join(script.dir, "env.py"), whole["folder"])
        if engine is not None:
            _upgrade(engine, environment, options, heads, whole)
    return {
        "version_table": options.get("version_table") or "alembic_version",
        "version_table_schema": options.get("version_table_schema") or "",
        "heads": sorted(heads),
    }


def _config(job: dict[str, Any]) -> Any:
    from alembic.config import Config

    if job["toml"]:
        return Config(job["file"] or None, toml_file=job["toml"], ini_section=job["section"])
    config = Config(job["file"] or None, ini_section=job["section"])
    if not job["file"]:
        config.set_main_option("script_location", job["location"].replace("%", "%%"))
    return config


@contextlib.contextmanager
def _flask_app(name: str, folder: str) -> Iterator[None]:
    """Work inside a Flask app's context when the spec names one: env.py of Flask-Migrate asks for it."""
    if not name:
        yield
        return
    module, _, attribute = name.partition(":")
    app = get_by_path(import_named(module, folder), (attribute or "app").removesuffix("()").split("."))
    app = app if hasattr(app, "app_context") or not callable(app) else app()
    if not hasattr(app, "app_context"):
        raise Refused(f"{name} is no Flask application", cause=f"it is a {type(app).__name__}")
    with app.app_context():
        yield


def _upgrade(engine: Any, environment: Any, options: dict[str, Any], heads: Any, whole: dict[str, Any]) -> None:
    import sqlalchemy
    from alembic.util import CommandError

    schema = options.get("version_table_schema")
    try:
        with engine.connect() as connection:
            if schema:
                connection.execute(sqlalchemy.schema.CreateSchema(schema, if_not_exists=True))
                connection.commit()
            environment.configure(connection=connection, **options)
            with environment.begin_transaction():
                environment.run_migrations()
    except sqlalchemy.exc.DBAPIError as error:
        raise refused_by_server(error, whole["folder"]) from None
    except CommandError as error:
        file, line = place_of(error, whole["folder"])
        raise Refused("Alembic cannot run the revisions", file=file, line=line, cause=str(error)) from None
    with engine.connect() as connection:
        environment.configure(connection=connection, **options)
        recorded = environment.get_context().get_current_heads()
    if sorted(recorded) != sorted(heads):
        raise Refused(
            "the revisions ran, but the version table does not hold their heads",
            cause=f"it holds {', '.join(sorted(recorded)) or 'nothing'}; the heads are {', '.join(sorted(heads))}",
        )


def _read_options(file: str, folder: str) -> dict[str, Any]:
    """Return what env.py gives to ``context.configure``, as far as it changes what a revision does."""
    with open(file, encoding="utf-8") as text:
        tree = ast.parse(text.read(), file)
    sliced = slice_env(tree)
    if sliced is None:
        raise Refused(
            "env.py has no call of context.configure, so its options are unknown",
            file=shorten(file, folder),
            hint="when Alembic's own defaults hold, say so: add ?env=default to the spec",
        )
    statements, expressions = sliced
    names: dict[str, Any] = {"__name__": "env", "__file__": file}
    options: dict[str, Any] = {}
    try:
        exec(compile(ast.Module(statements, []), file, "exec"), names)
        for name, expression in expressions:
            value = eval(compile(ast.Expression(expression), file, "eval"), names)
            options.update({name: value} if name else dict(value))
    except NameError as error:
        place, line = place_of(error, folder)
        raise Refused(
            "env.py makes the options of context.configure while it runs, so they are unknown",
            file=place,
            line=line,
            cause=str(error),
            hint="when Alembic's own defaults hold, add ?env=default to the spec",
        ) from None
    return {name: value for name, value in options.items() if name in _OPTIONS}


def slice_env(tree: ast.Module) -> tuple[list[ast.stmt], list[tuple[str, ast.expr]]] | None:
    """Return the statements of env.py that its options need, and the options; None without ``context.configure``.

    An option without a name is a mapping of options (``**arguments``).
    """
    found = _configure_call(tree)
    if found is None:
        return None
    function, call = found
    expressions = [(k.arg or "", k.value) for k in call.keywords if k.arg is None or k.arg in _OPTIONS]
    local = _simple_statements(function) if function is not None else []
    needed = {name for _, expression in expressions for name in _used(expression)}
    chosen: set[int] = set()
    statements = [*tree.body, *local]
    for statement in statements:
        if _runs_always(statement):
            chosen.add(id(statement))
            needed |= _used(statement)
    is_growing = True
    while is_growing:
        fresh = [s for s in statements if id(s) not in chosen and _bound(s) & needed]
        chosen |= {id(statement) for statement in fresh}
        needed = needed.union(*(_used(statement) for statement in fresh))
        is_growing = bool(fresh)
    return [statement for statement in statements if id(statement) in chosen], expressions


def _configure_call(tree: ast.Module) -> tuple[ast.AST | None, ast.Call] | None:
    """Return the call for a live connection and the function around it; another such call when there is none."""
    calls: list[tuple[ast.AST | None, ast.Call]] = []

    def look(node: ast.AST, function: ast.AST | None) -> None:
        for child in ast.iter_child_nodes(node):
            inner = child if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else function
            if isinstance(child, ast.Call) and _dotted(child.func).endswith("context.configure"):
                calls.append((function, child))
            look(child, inner)

    look(tree, None)
    calls.sort(key=lambda found: not any(keyword.arg == "connection" for keyword in found[1].keywords))
    return calls[0] if calls else None


def _simple_statements(function: ast.AST) -> list[ast.stmt]:
    kinds = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Expr)
    return sorted((node for node in ast.walk(function) if isinstance(node, kinds)), key=lambda node: node.lineno)


def _runs_always(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _dotted(statement.value.func) in _RUN_CALLS
    return False


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names a statement binds or fills; those inside a function that it defines are not among them."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        owner, _, method = _dotted(statement.value.func).rpartition(".")
        return {owner} if method in _FILLING else set()
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            names.add(_dotted(node.value))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def _used(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
