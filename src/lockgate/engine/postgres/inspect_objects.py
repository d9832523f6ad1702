"""Build namespaces, extensions, types and sequences of the model from a reading; pure."""

from __future__ import annotations

from lockgate.engine.postgres.acl import ForeignGrantor, encode_acl, public_schema_acl
from lockgate.engine.postgres.catalogue import OWN_SCHEMA
from lockgate.engine.postgres.dependencies import PG_CLASS, PG_TYPE
from lockgate.engine.postgres.inspect_columns import build_column, default_bounds
from lockgate.engine.postgres.inspect_constraints import build_domain_checks
from lockgate.engine.postgres.normalize import stabilize
from lockgate.engine.postgres.reading import Reading
from lockgate.engine.postgres.rows import SequenceRow, TypeRow
from lockgate.model.schema import (
    Composite,
    Domain,
    EnumType,
    Extension,
    Key,
    Namespace,
    Options,
    Sequence,
)

PG_NAMESPACE, PG_EXTENSION = 2615, 3079
_PUBLIC_COMMENT = "standard public schema"


def build_namespaces(reading: Reading) -> tuple[Namespace, ...]:
    """Return the schemas but those that an extension made; ``public`` only says what is not as in a new database."""
    found = []
    for oid, name, acl, owner in reading.namespaces:
        if (PG_NAMESPACE, oid) in reading.members or name == OWN_SCHEMA or reading.hides(name):
            continue
        comment = reading.comment(PG_NAMESPACE, oid)
        default = None
        if name == "public":
            default = public_schema_acl((reading.version,))
            comment = None if comment == _PUBLIC_COMMENT else comment or ""
        try:
            option = encode_acl(acl, owner, "schema", reading.version, default=default)
        except ForeignGrantor as grantor:
            reading.report("privilege", name, f"granted by {grantor}, who is not the owner")
            option = None
        found.append(Namespace(name=name, comment=comment, options=(("acl", option),) if option is not None else ()))
    return tuple(sorted(found, key=lambda n: n.name))


def build_extensions(reading: Reading) -> tuple[Extension, ...]:
    """Return the extensions but plpgsql, which every database has.

    Their versions are left out, as pg_dump does: they follow what is installed on the machine, which the schema's
    files do not say and a scratch server cannot repeat.
    """
    found = [
        Extension(name=name, namespace=namespace, comment=reading.comment(PG_EXTENSION, oid))
        for oid, name, namespace in reading.extensions
        if namespace != OWN_SCHEMA or reading.scope.include_own
    ]
    return tuple(sorted(found, key=lambda e: e.name))


def build_enums(reading: Reading) -> tuple[EnumType, ...]:
    """Return the enum types."""
    found = [
        EnumType(
            namespace=row.namespace,
            name=row.name,
            values=tuple(reading.enum_labels.get(row.oid, ())),
            comment=reading.comment(PG_TYPE, row.oid),
            options=_type_options(reading, row),
        )
        for row in _types(reading, "e")
    ]
    return tuple(sorted(found, key=lambda t: (t.namespace, t.name)))


def build_domains(reading: Reading) -> tuple[Domain, ...]:
    """Return the domains with their checks."""
    found = [_build_domain(reading, row) for row in _types(reading, "d")]
    return tuple(sorted(found, key=lambda t: (t.namespace, t.name)))


def _build_domain(reading: Reading, row: TypeRow) -> Domain:
    checks = build_domain_checks(reading, row.oid)
    options = list(_type_options(reading, row))
    not_null = next((c for c in reading.domain_constraints.get(row.oid, ()) if c.kind == "n"), None)
    if not_null is not None and not_null.name != f"{row.name}_not_null":
        options.append(("not_null_name", not_null.name))
    depends = {*reading.depends.of(PG_TYPE, row.oid), *(key for check in checks for key in check.depends_on)}
    depends.discard(Key("domain", row.namespace, row.name))
    return Domain(
        namespace=row.namespace,
        name=row.name,
        type=row.base or "",
        is_nullable=not row.is_not_null,
        default=stabilize(row.default),
        collation=row.collation,
        checks=checks,
        comment=reading.comment(PG_TYPE, row.oid),
        options=tuple(sorted(options)),
        depends_on=tuple(sorted(depends)),
    )


def build_composites(reading: Reading) -> tuple[Composite, ...]:
    """Return the free-standing composite types."""
    found = []
    for row in reading.types.values():
        relation = reading.relations.get(row.relation)
        if relation is None or relation.kind != "c":
            continue
        attributes = tuple(build_column(reading, relation, c) for c in reading.columns.get(relation.oid, ()))
        depends = {key for attribute in attributes for key in attribute.depends_on}
        found.append(
            Composite(
                namespace=row.namespace,
                name=row.name,
                attributes=attributes,
                comment=reading.comment(PG_TYPE, row.oid),
                options=_type_options(reading, row),
                depends_on=tuple(sorted(depends)),
            )
        )
    return tuple(sorted(found, key=lambda t: (t.namespace, t.name)))


def report_base_types(reading: Reading) -> None:
    """Note base and shell types: their functions are C code that no text rebuilds."""
    for row in _types(reading, "b") + _types(reading, "p"):
        if not row.element and not row.relation:
            reading.report("type", f"{row.namespace}.{row.name}", "base types cannot be rebuilt from a text")


def build_sequences(reading: Reading) -> tuple[Sequence, ...]:
    """Return the sequences that no identity column owns."""
    found = []
    for row in reading.sequences.values():
        if row.ownership != "i" and row.oid in reading.relations:
            found.append(_build_sequence(reading, row))
    return tuple(sorted(found, key=lambda s: (s.namespace, s.name)))


def _build_sequence(reading: Reading, row: SequenceRow) -> Sequence:
    relation = reading.relations[row.oid]
    low, high = default_bounds(row.type, row.increment)
    options = reading.acl(relation.acl, relation.owner, "sequence", f"{relation.namespace}.{relation.name}")
    if relation.persistence == "u":
        options.append(("persistence", "unlogged"))
    owned_by = None
    if row.owner_relation:
        table = reading.relations.get(row.owner_relation)
        column = reading.column_names.get(row.owner_relation, {}).get(row.owner_column or 0)
        if table is not None and column is not None:
            owned_by = Key("column", table.namespace, table.name, column)
    return Sequence(
        namespace=relation.namespace,
        name=relation.name,
        type=row.type,
        start=row.start,
        increment=row.increment,
        min_value=None if row.minimum == low else row.minimum,
        max_value=None if row.maximum == high else row.maximum,
        cache=row.cache,
        is_cycle=row.is_cycle,
        owned_by=owned_by,
        comment=reading.comment(PG_CLASS, row.oid),
        options=tuple(sorted(options)),
    )


def _types(reading: Reading, kind: str) -> list[TypeRow]:
    return [
        row
        for row in reading.types.values()
        if row.kind == kind
        and not row.element
        and (PG_TYPE, row.oid) not in reading.members
        and not reading.hides_in(row.namespace, row.name)
    ]


def _type_options(reading: Reading, row: TypeRow) -> Options:
    return tuple(reading.acl(row.acl, row.owner, "type", f"{row.namespace}.{row.name}"))
