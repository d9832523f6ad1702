"""Build the definitions of the model: everything whose schema is a text; and note what cannot be managed."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres.acl import ForeignGrantor, encode_acl
from lockgate.engine.postgres.catalogue import Catalogue
from lockgate.engine.postgres.dependencies import PG_CLASS
from lockgate.engine.postgres.inspect_columns import build_column
from lockgate.engine.postgres.inspect_indexes import build_index
from lockgate.engine.postgres.inspect_tables import all_reloptions, index_marks
from lockgate.engine.postgres.normalize import stabilize_expression
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.reading import Reading
from lockgate.engine.postgres.render import render_index, split_options
from lockgate.engine.postgres.rows import DefinitionRow, RelationRow
from lockgate.model.schema import Definition, Key

_QUERIES = (
    "views", "routines", "aggregates", "triggers", "rules", "policies", "statistics", "event_triggers", "ranges",
    "operators", "operator_families", "operator_classes", "casts", "collations", "conversions", "ts_parsers",
    "ts_templates", "ts_dictionaries", "ts_configurations", "languages", "transforms", "access_methods", "fdws",
    "servers", "publications",
)  # fmt: skip
_EXPRESSIONS = frozenset(["view", "materialized_view", "rule", "policy", "trigger", "statistics", "publication"])
_ACL_KINDS = {
    "view": "table", "materialized_view": "table", "function": "function", "procedure": "function",
    "aggregate": "function", "range": "type", "language": "language", "fdw": "fdw", "server": "server",
}  # fmt: skip
_DEFAULT_OBJECTS = {
    "r": ("tables", "table"),
    "S": ("sequences", "sequence"),
    "f": ("functions", "function"),
    "T": ("types", "type"),
    "n": ("schemas", "schema"),
    "L": ("large objects", "table"),
}


def build_definitions(reading: Reading, catalogue: Catalogue) -> tuple[Definition, ...]:
    """Return all definitions, sorted by kind, namespace, table and name."""
    rows = [DefinitionRow._make(row) for name in _QUERIES for row in catalogue.rows(name)]
    rows = [row for row in rows if not reading.hides_in(row.namespace, row.name) and not reading.hides(row.table or "")]
    for row in rows:
        reading.depends.register(row.class_id, row.oid, _key(row))
    found = [_build(reading, row) for row in rows]
    found += _matview_indexes(reading)
    found += _default_privileges(reading, catalogue) + _user_mappings(reading, catalogue)
    return tuple(sorted(found, key=lambda d: (d.kind, d.namespace, d.table or "", d.name)))


def report_unmanaged(reading: Reading, catalogue: Catalogue) -> None:
    """Note security labels, subscriptions and changed privileges of system and extension objects."""
    for name, provider in catalogue.rows("security_labels"):
        reading.report("security_label", name, f"label of provider {provider}")
    for (name,) in catalogue.rows("subscriptions"):
        reading.report("subscription", name, "its connection and state belong to this server alone")
    for kind, name in catalogue.rows("changed_privileges"):
        reading.report("privilege", f"{kind} {name}", "changed on an object of the system or of an extension")


def _key(row: DefinitionRow) -> Key:
    if row.table is not None:
        return Key(row.kind, row.namespace, row.table, row.name)
    return Key(row.kind, row.namespace, row.name)


def _build(reading: Reading, row: DefinitionRow) -> Definition:
    texts = row.options or []
    options = list(zip(texts[::2], texts[1::2], strict=True))
    if row.kind in _ACL_KINDS:
        options += reading.acl(row.acl, row.owner, _ACL_KINDS[row.kind], f"{row.namespace}.{row.name}")
    names = reading.depends.extensions.get((row.class_id, row.oid))
    if names:
        options.append(("extension_dependency", ", ".join(sorted(reading.extension_names[oid] for oid in names))))
    depends = reading.depends.of(row.class_id, row.oid)
    relation = reading.relations.get(row.oid) if row.class_id == PG_CLASS else None
    if relation is not None:
        options += _view_columns(reading, relation)
        if row.kind == "materialized_view":
            options += _matview_options(reading, relation)
    return Definition(
        kind=row.kind,
        namespace=row.namespace,
        name=row.name,
        sql=stabilize_expression(row.sql) if row.kind in _EXPRESSIONS else row.sql,
        table=row.table,
        comment=reading.comment(row.class_id, row.oid),
        options=tuple(sorted(options)),
        depends_on=depends,
    )


def _view_columns(reading: Reading, relation: RelationRow) -> list[tuple[str, str]]:
    options = []
    for row in reading.columns.get(relation.oid, ()):
        column = build_column(reading, relation, row)
        if column.comment is not None:
            options.append((f"comment:{column.name}", column.comment))
        if column.default is not None:
            options.append((f"default:{column.name}", column.default))
        for name, value in column.options:
            kind, _, rest = name.partition(":")
            options.append((f"{kind}:{column.name}" + (f".{rest}" if rest else ""), value))
    return options


def _matview_options(reading: Reading, relation: RelationRow) -> list[tuple[str, str]]:
    options = split_options("reloption:", all_reloptions(relation))
    options += index_marks(reading, relation)
    if relation.access_method not in (None, "heap"):
        options.append(("access_method", str(relation.access_method)))
    if relation.tablespace:
        options.append(("tablespace", relation.tablespace))
    if not relation.is_populated:
        options.append(("populated", "false"))
    return options


def _matview_indexes(reading: Reading) -> list[Definition]:
    found = []
    for oid, relation in reading.relations.items():
        if relation.kind != "m":
            continue
        for row in reading.indexes.get(oid, ()):
            index = build_index(reading, relation, row)
            if index is None:
                continue
            plain = replace(index, options=())
            found.append(
                Definition(
                    kind="index",
                    namespace=relation.namespace,
                    name=index.name,
                    sql=render_index(plain, relation.namespace, relation.name),
                    table=relation.name,
                    comment=index.comment,
                    options=index.options if index.is_valid else (*index.options, ("valid", "false")),
                    depends_on=tuple(
                        sorted({*index.depends_on, Key("materialized_view", relation.namespace, relation.name)})
                    ),
                )
            )
    return found


def _default_privileges(reading: Reading, catalogue: Catalogue) -> list[Definition]:
    found = []
    for _, role, namespace, objects, acl in catalogue.rows("default_privileges"):
        if reading.hides_in(namespace, ""):
            continue
        words, kind = _DEFAULT_OBJECTS.get(objects, ("", ""))
        name = f"{words} for {role}" + (f" in {namespace}" if namespace else "")
        try:
            option = _encode_default(reading, acl, role, kind, namespace)
        except ForeignGrantor as grantor:
            reading.report("default_privileges", name, f"granted by {grantor}")
            continue
        if option is None or not words or words == "large objects":
            reading.report("default_privileges", name, "not understood")
            continue
        place = f" IN SCHEMA {quote_ident(namespace)}" if namespace else ""
        found.append(
            Definition(
                kind="default_privileges",
                namespace=namespace,
                name=name,
                sql=f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote_ident(role)}{place}",
                options=(("acl", option), ("objects", words)),
            )
        )
    return found


def _encode_default(reading: Reading, acl: str, role: str, kind: str, namespace: str) -> str | None:
    """Return the option; in a schema the grants are added to the global ones, so nothing is given by default there."""
    if namespace:
        return encode_acl(acl, role, kind, reading.version, default={}, has_owner=False)
    return encode_acl(acl, role, kind, reading.version)


def _user_mappings(reading: Reading, catalogue: Catalogue) -> list[Definition]:
    found = []
    for _, server, user, is_public, options, has_options in catalogue.rows("user_mappings"):
        who = "PUBLIC" if is_public else quote_ident(user)
        name = f"{who} on {server}"
        if options is None and has_options:
            reading.report("user_mapping", name, "its options are hidden from this user")
            continue
        reference = f"USER MAPPING FOR {who} SERVER {quote_ident(server)}"
        text = f"CREATE {reference}" + (f" OPTIONS ({options})" if options else "")
        found.append(
            Definition(
                kind="user_mapping",
                namespace="",
                name=name,
                sql=text,
                options=(("reference", reference),),
                depends_on=(Key("server", "", server),),
            )
        )
    return found
