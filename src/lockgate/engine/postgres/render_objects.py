"""Write everything that is not a table as PostgreSQL's DDL, with comments and grants; pure, reused by the planner."""

from __future__ import annotations

from lockgate.engine.postgres.acl import OWNER, Acl, decode_acl, public_schema_acl, render_grants
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.engine.postgres.render import (
    option,
    options_with,
    render_comment,
    render_constraint,
    render_reloptions,
)
from lockgate.model.schema import (
    Composite,
    Definition,
    Domain,
    EnumType,
    Extension,
    Namespace,
    Options,
    SchemaObject,
    Sequence,
    Table,
)

_WORDS = {
    "view": "VIEW",
    "materialized_view": "MATERIALIZED VIEW",
    "function": "FUNCTION",
    "procedure": "PROCEDURE",
    "statistics": "STATISTICS",
    "event_trigger": "EVENT TRIGGER",
    "range": "TYPE",
    "collation": "COLLATION",
    "conversion": "CONVERSION",
    "ts_parser": "TEXT SEARCH PARSER",
    "ts_template": "TEXT SEARCH TEMPLATE",
    "ts_dictionary": "TEXT SEARCH DICTIONARY",
    "ts_configuration": "TEXT SEARCH CONFIGURATION",
    "language": "LANGUAGE",
    "access_method": "ACCESS METHOD",
    "fdw": "FOREIGN DATA WRAPPER",
    "server": "SERVER",
    "publication": "PUBLICATION",
    "index": "INDEX",
}
_ON_TABLE = {"trigger": "TRIGGER", "rule": "RULE", "policy": "POLICY"}
_ROUTINES = ("function", "procedure")
_GRANTS = {
    "view": ("TABLE", "table"),
    "materialized_view": ("TABLE", "table"),
    "function": ("FUNCTION", "function"),
    "procedure": ("PROCEDURE", "function"),
    "aggregate": ("FUNCTION", "function"),
    "range": ("TYPE", "type"),
    "language": ("LANGUAGE", "language"),
    "fdw": ("FOREIGN DATA WRAPPER", "fdw"),
    "server": ("FOREIGN SERVER", "server"),
}
_STATES = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "": "ENABLE"}
_DEFAULT_PRIVILEGES = {
    "tables": "table",
    "sequences": "sequence",
    "functions": "function",
    "types": "type",
    "schemas": "schema",
}


def reference(obj: SchemaObject) -> str:
    """Return the words that name an object after DROP, ALTER or COMMENT ON: ``FUNCTION public.f(integer)``."""
    match obj:
        case Namespace():
            return f"SCHEMA {quote_ident(obj.name)}"
        case Extension():
            return f"EXTENSION {quote_ident(obj.name)}"
        case EnumType() | Composite():
            return f"TYPE {qualify(obj.namespace, obj.name)}"
        case Domain():
            return f"DOMAIN {qualify(obj.namespace, obj.name)}"
        case Sequence():
            return f"SEQUENCE {qualify(obj.namespace, obj.name)}"
        case Table():
            word = "FOREIGN TABLE" if option(obj.options, "server") else "TABLE"
            return f"{word} {qualify(obj.namespace, obj.name)}"
        case Definition():
            return _definition_reference(obj)


def _definition_reference(definition: Definition) -> str:
    given = option(definition.options, "reference")
    if given:
        return given
    if definition.kind in _ON_TABLE:
        table = qualify(definition.namespace, definition.table or "")
        return f"{_ON_TABLE[definition.kind]} {quote_ident(definition.name)} ON {table}"
    return f"{_WORDS[definition.kind]} {definition_name(definition)}"


def definition_name(definition: Definition) -> str:
    """Return a definition's qualified and quoted name; a routine's with its argument types."""
    if definition.kind in _ROUTINES:
        name, bracket, arguments = definition.name.partition("(")
        return qualify(definition.namespace, name) + bracket + arguments
    return qualify(definition.namespace, definition.name)


def grant_clause(obj: SchemaObject) -> tuple[str, str] | None:
    """Return what stands after GRANT … ON and the kind of privileges, or None when it takes no grants."""
    match obj:
        case Namespace():
            return f"SCHEMA {quote_ident(obj.name)}", "schema"
        case EnumType() | Composite() | Domain():
            return f"TYPE {qualify(obj.namespace, obj.name)}", "type"
        case Sequence():
            return f"SEQUENCE {qualify(obj.namespace, obj.name)}", "sequence"
        case Table():
            return f"TABLE {qualify(obj.namespace, obj.name)}", "table"
        case Definition() if obj.kind in _GRANTS:
            word, kind = _GRANTS[obj.kind]
            name = reference(obj).removeprefix("AGGREGATE ") if obj.kind == "aggregate" else definition_name(obj)
            return f"{word} {name}", kind
        case _:
            return None


def default_acl_of(obj: SchemaObject, version: tuple[int, ...]) -> Acl:
    """Return the privileges an object has when its ``acl`` option is absent."""
    if isinstance(obj, Namespace) and obj.name == "public":
        return public_schema_acl(version)
    clause = grant_clause(obj)
    return {} if clause is None else decode_acl(None, clause[1])


def render_grant_change(
    obj: SchemaObject, before: Options | None, after: Options, version: tuple[int, ...]
) -> tuple[str, ...]:
    """Return the statements that change an object's own grants from one set of options to another.

    Args:
        obj: The object, for its name.
        before: Options before; None for an object just made.
        after: Options after.
        version: The server's version.
    """
    if isinstance(obj, Definition) and obj.kind == "default_privileges":
        return _render_default_privileges(obj, before, after)
    clause = grant_clause(obj)
    if clause is None:
        return ()
    default = default_acl_of(obj, version)
    old = decode_acl(option(before, "acl") or None, clause[1], default) if before is not None else default
    new = decode_acl(option(after, "acl") or None, clause[1], default)
    return render_grants(clause[0], old, new, clause[1])


def _render_default_privileges(obj: Definition, before: Options | None, after: Options) -> tuple[str, ...]:
    objects = option(obj.options, "objects")
    kind = _DEFAULT_PRIVILEGES[objects]
    base: Acl | None = {} if obj.namespace else None
    old = decode_acl(option(before or (), "acl") or None, kind, base)
    new = decode_acl(option(after, "acl") or None, kind, base)
    role = obj.sql.removeprefix("ALTER DEFAULT PRIVILEGES FOR ROLE ").split(" IN SCHEMA ")[0]
    statements = render_grants(objects.upper(), old, new, kind, prefix=obj.sql + " ")
    own = OWNER in old or OWNER in new
    return tuple(s.replace("CURRENT_USER", role) for s in statements) if own else statements


def render_create(obj: SchemaObject) -> list[str]:
    """Return the statements that make an object (not a table) with its state, without comment and grants."""
    match obj:
        case Namespace():
            return [f"CREATE SCHEMA {quote_ident(obj.name)}"]
        case Extension():
            return [f"CREATE EXTENSION {quote_ident(obj.name)} WITH SCHEMA {quote_ident(obj.namespace)}"]
        case EnumType():
            labels = ", ".join(map(quote_literal, obj.values))
            return [f"CREATE TYPE {qualify(obj.namespace, obj.name)} AS ENUM ({labels})"]
        case Domain():
            return render_domain(obj)
        case Composite():
            return [render_composite(obj)]
        case Sequence():
            return [render_sequence(obj)]
        case Definition():
            return _render_definition(obj)
        case Table():
            raise TypeError("tables are written by render_table")


def render_domain(domain: Domain) -> list[str]:
    """Return CREATE DOMAIN with its checks; checks that are not valid come as statements of their own."""
    name = qualify(domain.namespace, domain.name)
    text = f"CREATE DOMAIN {name} AS {domain.type}"
    if domain.collation:
        text += f" COLLATE {domain.collation}"
    if domain.default is not None:
        text += f" DEFAULT {domain.default}"
    if not domain.is_nullable:
        constraint = option(domain.options, "not_null_name")
        text += f" CONSTRAINT {quote_ident(constraint)} NOT NULL" if constraint else " NOT NULL"
    for check in domain.checks:
        if check.is_validated:
            text += f"\n    {render_constraint(check)}"
    late = [f"ALTER DOMAIN {name} ADD {render_constraint(c)}" for c in domain.checks if not c.is_validated]
    return [text, *late]


def render_composite(composite: Composite) -> str:
    """Return CREATE TYPE … AS (attributes)."""
    attributes = [
        f"{quote_ident(a.name)} {a.type}" + (f" COLLATE {a.collation}" if a.collation else "")
        for a in composite.attributes
    ]
    return f"CREATE TYPE {qualify(composite.namespace, composite.name)} AS ({', '.join(attributes)})"


def render_sequence(sequence: Sequence) -> str:
    """Return CREATE SEQUENCE without its owner; see `render_sequence_owner`."""
    kind = "UNLOGGED SEQUENCE" if option(sequence.options, "persistence") else "SEQUENCE"
    return (
        f"CREATE {kind} {qualify(sequence.namespace, sequence.name)} {' '.join(render_sequence_attributes(sequence))}"
    )


def render_sequence_attributes(sequence: Sequence) -> list[str]:
    """Return all attributes as they stand after CREATE or ALTER SEQUENCE."""
    return [
        f"AS {sequence.type}",
        f"INCREMENT BY {sequence.increment}",
        "NO MINVALUE" if sequence.min_value is None else f"MINVALUE {sequence.min_value}",
        "NO MAXVALUE" if sequence.max_value is None else f"MAXVALUE {sequence.max_value}",
        f"START WITH {sequence.start}",
        f"CACHE {sequence.cache}",
        "CYCLE" if sequence.is_cycle else "NO CYCLE",
    ]


def render_sequence_owner(sequence: Sequence) -> str:
    """Return ALTER SEQUENCE … OWNED BY."""
    owner = sequence.owned_by
    column = "NONE" if owner is None else f"{qualify(owner.namespace, owner.name)}.{quote_ident(owner.child)}"
    return f"ALTER SEQUENCE {qualify(sequence.namespace, sequence.name)} OWNED BY {column}"


def _render_definition(definition: Definition) -> list[str]:
    options = definition.options
    if definition.kind == "default_privileges":
        return []
    if definition.kind == "materialized_view":
        return [_render_matview(definition), *_view_column_settings(definition)]
    if definition.kind == "index":
        return _render_matview_index(definition)
    statements = [definition.sql]
    enabled = option(options, "enabled")
    if enabled:
        statements.append(render_enabled(definition, enabled))
    statistics = option(options, "statistics")
    if statistics:
        statements.append(f"ALTER {reference(definition)} SET STATISTICS {statistics}")
    for member in options_with(options, "member:"):
        statements.append(f"ALTER {reference(definition)} ADD {member}")
    for token, dictionaries in options_with(options, "mapping:").items():
        statements.append(f"ALTER {reference(definition)} ADD MAPPING FOR {quote_ident(token)} WITH {dictionaries}")
    return statements + _view_column_settings(definition) + render_extension_dependencies(definition)


def render_extension_dependencies(definition: Definition) -> list[str]:
    """Return ALTER … DEPENDS ON EXTENSION for each extension named in the options."""
    names = option(definition.options, "extension_dependency")
    return [
        f"ALTER {reference(definition)} DEPENDS ON EXTENSION {quote_ident(name)}"
        for name in (names.split(", ") if names else ())
    ]


def render_enabled(definition: Definition, state: str) -> str:
    """Return the statement that gives a trigger, rule or event trigger its state (empty means enabled)."""
    name = quote_ident(definition.name)
    if definition.kind == "event_trigger":
        return f"ALTER EVENT TRIGGER {name} {_STATES[state]}"
    word = "RULE" if definition.kind == "rule" else "TRIGGER"
    return f"ALTER TABLE {qualify(definition.namespace, definition.table or '')} {_STATES[state]} {word} {name}"


def _render_matview(definition: Definition) -> str:
    head, separator, body = definition.sql.partition(" AS\n")
    parameters, options = render_reloptions(definition.options), definition.options
    method, tablespace = option(options, "access_method"), option(options, "tablespace")
    head += f" USING {quote_ident(method)}" if method else ""
    head += f" WITH ({parameters})" if parameters else ""
    head += f" TABLESPACE {quote_ident(tablespace)}" if tablespace else ""
    return f"{head}{separator}{body}\n WITH NO DATA"


def _render_matview_index(definition: Definition) -> list[str]:
    parameters, tablespace = render_reloptions(definition.options), option(definition.options, "tablespace")
    name = qualify(definition.namespace, definition.name)
    statements = [definition.sql]
    if parameters:
        statements.append(f"ALTER INDEX {name} SET ({parameters})")
    if tablespace:
        statements.append(f"ALTER INDEX {name} SET TABLESPACE {quote_ident(tablespace)}")
    for number, value in options_with(definition.options, "statistics:").items():
        statements.append(f"ALTER INDEX {name} ALTER COLUMN {number} SET STATISTICS {value}")
    return statements


def _view_column_settings(definition: Definition) -> list[str]:
    if definition.kind not in ("view", "materialized_view"):
        return []
    head = f"ALTER {reference(definition)} ALTER COLUMN"
    options, statements = definition.options, []
    for prefix, words in (("default:", "SET DEFAULT {}"), ("statistics:", "SET STATISTICS {}")):
        for column, value in options_with(options, prefix).items():
            statements.append(f"{head} {quote_ident(column)} {words.format(value)}")
    for prefix, words in (("storage:", "SET STORAGE {}"), ("compression:", "SET COMPRESSION {}")):
        for column, value in options_with(options, prefix).items():
            statements.append(f"{head} {quote_ident(column)} {words.format(value.upper())}")
    for place, value in options_with(options, "attoption:").items():
        column, _, name = place.rpartition(".")
        statements.append(f"{head} {quote_ident(column)} SET ({quote_ident(name)} = {value})")
    return statements


def render_matview_marks(definition: Definition) -> list[str]:
    """Return the statements that mark an index for clustering, once the indexes are there."""
    index = option(definition.options, "clustered_on")
    return [f"ALTER {reference(definition)} CLUSTER ON {quote_ident(index)}"] if index else []


def render_descriptions(obj: SchemaObject, version: tuple[int, ...]) -> list[str]:
    """Return the comments and grants of an object just made (not a table), columns of views included."""
    statements = []
    comment = obj.comment
    if comment is not None:
        statements.append(render_comment(reference(obj), comment))
    if isinstance(obj, Domain):
        name = f"DOMAIN {qualify(obj.namespace, obj.name)}"
        for check in obj.checks:
            if check.comment is not None:
                statements.append(render_comment(f"CONSTRAINT {quote_ident(check.name)} ON {name}", check.comment))
    if isinstance(obj, Composite):
        for attribute in obj.attributes:
            if attribute.comment is not None:
                target = f"COLUMN {qualify(obj.namespace, obj.name)}.{quote_ident(attribute.name)}"
                statements.append(render_comment(target, attribute.comment))
    if isinstance(obj, Extension):
        return statements
    statements += render_grant_change(obj, None, obj.options, version)
    if isinstance(obj, Definition) and obj.kind in ("view", "materialized_view"):
        statements += _view_descriptions(obj)
    return statements


def _view_descriptions(definition: Definition) -> list[str]:
    name = definition_name(definition)
    statements = [
        render_comment(f"COLUMN {name}.{quote_ident(column)}", text)
        for column, text in options_with(definition.options, "comment:").items()
    ]
    for column, acl in options_with(definition.options, "acl:").items():
        statements += render_grants(f"TABLE {name}", {}, decode_acl(acl, "column"), "column", column=column)
    return statements
