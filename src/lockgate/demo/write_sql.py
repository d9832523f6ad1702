"""Write the ERP as SQL for one database; pure."""

from __future__ import annotations

from itertools import groupby

from lockgate.demo.dialect import Dialect
from lockgate.demo.erp import STATUSES, Entity, Erp, Field


def erp_files(erp: Erp, dialect: Dialect) -> dict[str, str]:
    """Return SQL files by name, one a module, to be read in the order of their names."""
    files: dict[str, str] = {}
    made: set[str] = set()
    late: list[str] = []
    modules = list(dict.fromkeys(entity.module for entity in erp.entities))
    entities = sorted(erp.entities, key=lambda entity: modules.index(entity.module))
    for number, (module, group) in enumerate(groupby(entities, key=lambda entity: entity.module)):
        parts = []
        for entity in group:
            made.add(entity.name)
            parts += _table(entity, dialect, made, late)
        files[f"{number:02d}_{module}.sql"] = "\n\n".join(parts) + "\n"
    rest = [*late, *(f"CREATE VIEW {view.name} AS {view.query};" for view in erp.views)]
    rest += [f"{dialect.trigger.format(name=t.name, table=t.table, column=t.column)};" for t in erp.triggers]
    if rest:
        files["90_links_views_triggers.sql"] = "\n\n".join(rest) + "\n"
    return files


def type_of(field: Field, dialect: Dialect) -> str:
    """Return a column's type."""
    return field.type or dialect.types[field.kind]


def _table(entity: Entity, dialect: Dialect, made: set[str], late: list[str]) -> list[str]:
    lines = []
    for field in entity.fields:
        lines.append(dialect.id_column if field.kind == "id" else _column(field, dialect))
    for field in entity.fields:
        lines += _constraints(entity, field, dialect, made, late)
    body = ",\n  ".join(lines)
    statements = [f"CREATE TABLE {entity.name} (\n  {body}\n){dialect.table_suffix};"]
    statements += [
        f"CREATE INDEX {index.name} ON {entity.name} ({', '.join(index.columns)});" for index in entity.indexes
    ]
    return statements


def _column(field: Field, dialect: Dialect) -> str:
    default = " DEFAULT 'draft'" if field.kind == "status" else ""
    return f"{field.name} {type_of(field, dialect)}{'' if field.is_nullable else ' NOT NULL'}{default}"


def _constraints(entity: Entity, field: Field, dialect: Dialect, made: set[str], late: list[str]) -> list[str]:
    if field.name in entity.unenforced:
        return []
    found = []
    if field.is_unique:
        found.append(f"CONSTRAINT uq_{entity.name}_{field.name} UNIQUE ({field.name})")
    if field.kind in ("money", "rate") and not field.type:
        found.append(f"CONSTRAINT ck_{entity.name}_{field.name} CHECK ({field.name} >= 0)")
    if field.kind == "status":
        words = ", ".join(f"'{word}'" for word in STATUSES)
        found.append(f"CONSTRAINT ck_{entity.name}_{field.name} CHECK ({field.name} IN ({words}))")
    if field.references:
        key = f"CONSTRAINT fk_{entity.name}_{field.name} FOREIGN KEY ({field.name}) REFERENCES {field.references} (id)"
        if field.references in made or dialect.is_inline_cycle:
            found.append(key)
        else:
            late.append(f"ALTER TABLE {entity.name} ADD {key};")
    return found
