"""Build the ERP as values: tables, columns, keys, indexes, checks, views, triggers; pure and deterministic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lockgate.demo.erp_tables import ERP

STATUSES = ("draft", "open", "done", "void")


@dataclass(frozen=True)
class Field:
    """A column. ``references`` is the table a foreign key points to, or empty."""

    name: str
    kind: str
    is_nullable: bool = False
    is_unique: bool = False
    references: str = ""
    type: str = ""


@dataclass(frozen=True)
class Index:
    """A plain index."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Entity:
    """A table; ``unenforced`` names foreign keys, checks and uniques (by column) that are left out."""

    module: str
    name: str
    fields: tuple[Field, ...]
    indexes: tuple[Index, ...] = ()
    unenforced: frozenset[str] = frozenset()

    def field(self, name: str) -> Field:
        """Return a column by name."""
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class View:
    """A view by its query."""

    name: str
    query: str


@dataclass(frozen=True)
class Trigger:
    """A trigger that fills ``column`` when it was left empty."""

    name: str
    table: str
    column: str


@dataclass(frozen=True)
class Erp:
    """The whole ERP, tables in an order in which foreign keys lead back (but for cycles)."""

    entities: tuple[Entity, ...]
    views: tuple[View, ...] = ()
    triggers: tuple[Trigger, ...] = ()

    def entity(self, name: str) -> Entity:
        """Return a table by name."""
        return next(entity for entity in self.entities if entity.name == name)


VIEWS = (
    View("v_open_orders", "SELECT id, customer_id, no, total FROM orders WHERE status = 'open'"),
    View("v_customers", "SELECT id, no, name, email FROM customers"),
    View("v_stock", "SELECT product_id, sum(quantity) AS quantity FROM stock_levels GROUP BY product_id"),
    View(
        "v_order_totals",
        "SELECT o.id, o.no, sum(l.price) AS price FROM orders o JOIN order_lines l ON l.order_id = o.id"
        " GROUP BY o.id, o.no",
    ),
    View("v_unpaid_invoices", "SELECT id, customer_id, no, total FROM invoices WHERE status <> 'done'"),
    View("v_open_tickets", "SELECT id, customer_id, title FROM tickets WHERE closed_at IS NULL"),
    View(
        "v_staff",
        "SELECT e.id, e.name, d.name AS department FROM employees e JOIN departments d ON d.id = e.department_id",
    ),
    View("v_running_projects", "SELECT id, code, name FROM projects WHERE status = 'open'"),
)
TRIGGERS = (
    Trigger("t_users_seen", "users", "last_seen_at"),
    Trigger("t_activities_done", "activities", "done_at"),
    Trigger("t_attendance_went", "attendance", "went_at"),
)


def build_erp(tables: int = 145) -> Erp:
    """Return the ERP with this many tables: the 145 as they are, more of them as numbered copies."""
    base = tuple(_in_order(_read(ERP)))
    entities: list[Entity] = []
    copy = 0
    while len(entities) < tables:
        entities += [_numbered(entity, copy) for entity in base]
        copy += 1
    names = {entity.name for entity in entities[:tables]}
    kept = tuple(_without_dangling(entity, names) for entity in entities[:tables])
    views = tuple(view for view in VIEWS if tables >= len(base))
    return Erp(kept, views, TRIGGERS if tables >= len(base) else ())


def _read(text: str) -> Iterator[Entity]:
    module = ""
    for line in text.strip().splitlines():
        if line.startswith("["):
            module = line.strip("[]")
            continue
        name, _, rest = line.partition(":")
        fields = (Field("id", "id"), *map(_field, rest.split()), Field("created_at", "time", is_nullable=True))
        yield Entity(module, name, fields, _indexes(name, fields))


def _field(text: str) -> Field:
    is_nullable, is_unique = text.endswith("?"), text.endswith("!")
    text = text.rstrip("?!")
    if text.startswith(">"):
        table, _, role = text[1:].partition("=")
        return Field(f"{role or _singular(table)}_id", "ref", is_nullable=is_nullable, references=table)
    name, _, kind = text.partition("/")
    return Field(name, kind, is_nullable=is_nullable, is_unique=is_unique)


def _singular(table: str) -> str:
    for plural, singular in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if table.endswith(plural):
            return table[: -len(plural)] + singular
    return table


def _indexes(table: str, fields: tuple[Field, ...]) -> tuple[Index, ...]:
    found = [Index(f"ix_{table}_{field.name}", (field.name,)) for field in fields if field.references]
    dated = next((field for field in fields if field.kind == "date"), None)
    if dated is not None and any(field.kind == "status" for field in fields):
        found.append(Index(f"ix_{table}_status_{dated.name}", ("status", dated.name)))
    return tuple(found)


def _in_order(entities: Iterator[Entity]) -> list[Entity]:
    """Put tables after those they need; a nullable key may point forward, as in every cycle."""
    waiting = list(entities)
    done: dict[str, Entity] = {}
    while waiting:
        ready = [e for e in waiting if all(f.references in done or f.references == e.name for f in _needed(e))]
        for entity in ready:
            done[entity.name] = entity
            waiting.remove(entity)
        if not ready:
            raise AssertionError(f"tables need each other: {[entity.name for entity in waiting]}")
    return list(done.values())


def _needed(entity: Entity) -> list[Field]:
    return [field for field in entity.fields if field.references and not field.is_nullable]


def _numbered(entity: Entity, copy: int) -> Entity:
    """Return a copy whose names end in a number; copy 0 is the original."""
    if copy == 0:
        return entity
    fields = tuple(
        replace(field, references=f"{field.references}_{copy}") if field.references else field
        for field in entity.fields
    )
    name = f"{entity.name}_{copy}"
    return replace(entity, name=name, fields=fields, indexes=_indexes(name, fields))


def _without_dangling(entity: Entity, names: set[str]) -> Entity:
    """Turn keys to tables that are left out into plain columns."""
    fields = tuple(
        replace(field, references="") if field.references and field.references not in names else field
        for field in entity.fields
    )
    return replace(entity, fields=fields)
