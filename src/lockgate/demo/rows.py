"""Fill the older copy with rows that satisfy its keys; pure, deterministic, no randomness."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from lockgate.demo.dialect import Dialect
from lockgate.demo.erp import STATUSES, Entity, Erp, Field

_FIRST_DAY = date(2023, 1, 2)
_WORDS = ("alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "rowan", "willow")
_BATCH = 50


def rows_of(entity: Entity) -> int:
    """Return how many rows a table gets: between 12 and 51, by its name."""
    return 12 + sum(map(ord, entity.name)) % 40


def insert_statements(erp: Erp, dialect: Dialect) -> Iterator[str]:
    """Yield the statements that fill all tables: inserts in order, then the keys that point forward."""
    sizes = {entity.name: rows_of(entity) for entity in erp.entities}
    made: set[str] = set()
    for entity in erp.entities:
        late = [f for f in entity.fields if f.references and f.references not in made]
        yield from _inserts(entity, sizes, late, dialect)
        made.add(entity.name)
    made.clear()
    for entity in erp.entities:
        for field in entity.fields:
            if field.references and field.references not in made and field.is_nullable:
                target = sizes[field.references]
                yield f"UPDATE {entity.name} SET {field.name} = 1 + (id * 7) % {target} WHERE id % 3 > 0"
        made.add(entity.name)


def _inserts(entity: Entity, sizes: dict[str, int], late: list[Field], dialect: Dialect) -> Iterator[str]:
    columns = ", ".join(field.name for field in entity.fields)
    lines = []
    for row in range(1, sizes[entity.name] + 1):
        values = [
            "NULL" if field in late and field.is_nullable else _value(entity, field, row, sizes, dialect)
            for field in entity.fields
        ]
        lines.append(f"({', '.join(values)})")
    for start in range(0, len(lines), _BATCH):
        yield f"INSERT INTO {entity.name} ({columns}) VALUES\n" + ",\n".join(lines[start : start + _BATCH])


def _value(entity: Entity, field: Field, row: int, sizes: dict[str, int], dialect: Dialect) -> str:
    """Return one value as SQL."""
    if field.references:
        return str(1 + (row * 5 + len(field.name)) % sizes[field.references])
    if field.is_nullable and field.kind not in ("status", "int", "money") and (row + len(field.name)) % 4 == 0:
        return "NULL"
    number = row * 31 + len(field.name) * 7 + len(entity.name)
    match field.kind:
        case "id":
            return str(row)
        case "code":
            return f"'{entity.name[:3].upper()}-{row:05d}'"
        case "email":
            return f"'{_word(number)}.{row}@example.org'"
        case "status":
            return f"'{STATUSES[number % len(STATUSES)]}'"
        case "int":
            return str(number % 90)
        case "money":
            return f"{number * 13 % 90000 / 100:.2f}"
        case "signed":
            return f"{(number * 13 % 90000 - 40000) / 100:.2f}"
        case "qty":
            return str(number % 40) if field.type else f"{number * 17 % 9000 / 1000:.3f}"
        case "rate":
            return f"{number % 100 / 100:.4f}"
        case "flag":
            return (
                ("true" if number % 3 else "false") if dialect.types["flag"] == "boolean" else str(int(number % 3 > 0))
            )
        case "date":
            return f"'{_FIRST_DAY + timedelta(days=number % 700)}'"
        case "time":
            return f"'{datetime.combine(_FIRST_DAY, datetime.min.time()) + timedelta(minutes=number * 97)}'"
    if entity.name == "document_versions" and field.name == "size":
        return f"'{number}'"
    return f"'{_word(number)} {_word(number * 3 + 1)} {row}'"


def _word(number: int) -> str:
    return _WORDS[number % len(_WORDS)]
