"""Read a Drizzle project's schema statically and give the SQL that drizzle-kit would export for it.

``config`` and ``entries`` find the files; ``modules`` (over ``run``, ``control``, ``evaluate``, ``builtins``,
``paths``, ``syntax``) evaluates them without running them; ``orm`` and its column, table and view modules are what
drizzle-orm offers them; ``collect`` takes what is exported; ``resolve`` and ``ddl_*`` write it as SQL; ``checks``
find what is wrong with it.
"""

from __future__ import annotations

from lockgate.errors import InputError
from lockgate.model.finding import Finding
from lockgate.source.declaration import Declaration, SourceContext, SqlFile
from lockgate.source.drizzle import checks, rules
from lockgate.source.drizzle.checks_kit import check_mangled
from lockgate.source.drizzle.collect import Exported, collect
from lockgate.source.drizzle.config import DrizzleConfig, read_config
from lockgate.source.drizzle.ddl_mysql import write_mysql
from lockgate.source.drizzle.ddl_postgres import write_postgres
from lockgate.source.drizzle.ddl_sqlite import write_sqlite
from lockgate.source.drizzle.entries import find_entries, find_neighbours
from lockgate.source.drizzle.modules import World
from lockgate.source.drizzle.orm import Orm
from lockgate.source.drizzle.resolve import Resolved, Resolver, Statement
from lockgate.source.drizzle.tables import Table
from lockgate.source.drizzle.values import Place
from lockgate.source.drizzle.version import check_version

__all__ = ["read_drizzle"]


def read_drizzle(argument: str, context: SourceContext) -> Declaration:
    """Read the project at ``argument``: a config file, a project's folder, a schema file, or a folder of them.

    Raises:
        InputError: There is no such file, no schema, or the config is for another kind of database.
        SourceError: A file cannot be read at all.
        ConfigError: The TypeScript parser is not installed.
    """
    config = read_config(argument, context.engine.name)
    dialect = config.target.dialect
    world = World(config.folder)
    orm = Orm(world)
    orm.install()
    exported = collect(world, orm, find_entries(config), dialect)
    tables, left_out = _select(exported, config)
    resolver = Resolver(world, dialect, config.casing)
    tables, blocking, findings = checks.check_twice(tables, config.casing)
    resolved = [resolver.resolve(table) for table in tables]
    statements = _write(resolver, resolved, exported, config)
    made = list(orm.made.tables)
    for part in (
        checks.check_names(resolved, dialect.name),
        checks.check_exports(world, exported, made),
        check_mangled(resolved, dialect.param),
    ):
        blocking += part[0]
        findings += part[1]
    findings += [
        *left_out,
        *map(_ignored, dict.fromkeys(resolver.ignored)),
        *checks.check_columns(tables, config.casing),
        *check_version(config.folder.resolve(), str(config.file)),
    ]
    unread = (*checks.unread_findings([*exported.problems, *resolver.problems]), *blocking)
    files = len(world.modules)
    findings += checks.check_files(
        world, find_neighbours(config, [m.path for m in exported.entries]), tables, orm.made.tables, config.casing
    )
    if not statements and not unread:
        raise _empty(config, exported)
    return Declaration(
        files=(_as_file(argument or str(config.file), statements),),
        unread=unread,
        findings=tuple(findings),
        bookkeeping=config.bookkeeping,
        checked=_count(files, resolved, exported),
        takes_extensions=True,
    )


def _select(exported: Exported, config: DrizzleConfig) -> tuple[list[Table], list[Finding]]:
    """Return the tables that drizzle-kit takes, and findings on the others."""
    taken, findings = [], []
    is_schema_ours = "array" in config.target.dialect.traits
    for table in exported.tables:
        reason = ""
        if table.schema and not is_schema_ours:
            reason = f"it is in another database, {table.schema}"
        elif config.schema_filter and (table.schema or "public") not in config.schema_filter and is_schema_ours:
            reason = f"its schema {table.schema or 'public'} is not in schemaFilter"
        if reason:
            findings.append(_left_out(table.shown, reason, table.place))
        else:
            taken.append(table)
    for other in exported.others:
        reason = f"it is of the dialect {other.dialect.name}, the config is not"
        findings.append(_left_out(other.name, reason, other.place))
    return taken, findings


def _left_out(name: str, reason: str, place: Place) -> Finding:
    return rules.LEFT_OUT.found(
        f"drizzle-kit leaves {name} out: {reason}", file=place.file, line=place.line, object=name
    )


def _ignored(table: Table) -> Finding:
    message = f"a bare sql`…` among the indexes and constraints of the table {table.shown} is ignored by drizzle"
    return rules.IGNORED.found(message, file=table.place.file, line=table.place.line, object=table.shown)


def _write(resolver: Resolver, resolved: list[Resolved], exported: Exported, config: DrizzleConfig) -> list[Statement]:
    if config.target.journal_schema:
        schemas = [s for s in exported.schemas if not config.schema_filter or s.name in config.schema_filter]
        return write_postgres(
            resolver,
            resolved,
            exported.views,
            exported.enums,
            schemas,
            exported.sequences,
            exported.roles,
            exported.policies,
        )
    write = write_mysql if resolver.dialect.quote == "`" else write_sqlite
    return write(resolver, resolved, exported.views)


def _as_file(name: str, statements: list[Statement]) -> SqlFile:
    """Put the statements into one text, and remember where each came from; repeated ones are given once."""
    once = {statement.text: statement for statement in statements}
    lines, parts, line = {}, [], 1
    for statement in once.values():
        lines[line] = (statement.place.file, statement.place.line)
        parts.append(statement.text)
        line += statement.text.count("\n") + 1
    return SqlFile(f"drizzle:{name}", "\n".join(parts) + "\n", lines)


def _count(files: int, resolved: list[Resolved], exported: Exported) -> dict[str, int]:
    return {
        "files": files,
        "tables": len(resolved),
        "columns": sum(len(item.table.columns) for item in resolved),
        "indexes": sum(len(item.indexes) for item in resolved),
        "foreign keys": sum(len(item.foreign_keys) for item in resolved),
        "enums": len(exported.enums),
        "views": len(exported.views),
    }


def _empty(config: DrizzleConfig, exported: Exported) -> InputError:
    cause = f"{', '.join(module.shown for module in exported.entries[:5])} export no table of the dialect"
    if exported.others:
        cause += f"; {exported.others[0].name} is of the dialect {exported.others[0].dialect.name}"
    return InputError(
        "the Drizzle schema holds nothing",
        where=str(config.file),
        cause=cause,
        state="nothing was touched",
        hint="give the config or file that exports the tables",
    )
