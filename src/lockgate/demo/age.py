"""Make the older copy of the ERP that is live when the demonstration begins; pure.

It lacks what was added since, has other types, names and nullabilities, and keeps what nobody declared any more.
"""

from __future__ import annotations

from dataclasses import replace

from lockgate.demo.dialect import Dialect
from lockgate.demo.erp import Entity, Erp, Field, View

NEW_TABLES = frozenset({"feedback", "article_versions", "risks", "machine_states", "supplier_ratings"})
NEW_COLUMNS = frozenset(
    {
        ("customers", "phone"),
        ("orders", "note"),
        ("products", "weight"),
        ("products", "barcode"),
        ("suppliers", "rating"),
        ("employees", "left_on"),
        ("invoices", "due_on"),
        ("contacts", "birthday"),
        ("projects", "ends_on"),
        ("lots", "expires_on"),
        ("journal_entries", "memo"),
        ("stock_count_lines", "difference"),
    }
)
NEW_INDEXES = frozenset(
    {
        "ix_orders_customer_id",
        "ix_order_lines_product_id",
        "ix_invoices_status_invoiced_on",
        "ix_stock_moves_product_id",
        "ix_journal_lines_account_id",
        "ix_timesheets_task_id",
        "ix_tickets_customer_id",
        "ix_shipment_events_shipment_id",
        "ix_payments_customer_id",
    }
)
NOT_ENFORCED = frozenset(
    {
        ("shipments", "order_id"),
        ("commissions", "employee_id"),
        ("order_lines", "price"),
        ("products", "sku"),
        ("quotes", "total"),
    }
)
ONCE_NULLABLE = frozenset({("orders", "status"), ("leads", "score"), ("campaigns", "budget"), ("boms", "version")})
OLD_TYPES = {
    ("order_lines", "quantity"): "int",
    ("timesheets", "hours"): "int",
    ("invoices", "no"): "varchar(12)",
    ("journal_lines", "memo"): "varchar(80)",
    ("document_versions", "size"): "short",
    ("settings", "value"): "text",
}
RENAMED_COLUMNS = {("customers", "email"): "mail", ("tasks", "hours"): "planned"}
RENAMED_TABLES = {"carriers": "delivery_companies"}
LEGACY_COLUMNS = {"customers": Field("fax", "short", is_nullable=True), "orders": Field("old_ref", "value", True)}
LEGACY_TABLE = Entity(
    "documents",
    "import_2019",
    (Field("id", "id"), Field("source", "name"), Field("payload", "text"), Field("created_at", "time", True)),
)
RENAME_HINTS = (
    "delivery_companies:carriers",
    "customers.mail:email",
    "tasks.planned:hours",
)


def age_erp(erp: Erp, dialect: Dialect) -> Erp:
    """Return the ERP as it was some releases ago."""
    entities = [_age_entity(entity, dialect) for entity in erp.entities if entity.name not in NEW_TABLES]
    views = tuple(_age_view(view) for view in erp.views if view.name != "v_running_projects")
    return Erp((*entities, LEGACY_TABLE), views, erp.triggers[1:])


def _age_entity(entity: Entity, dialect: Dialect) -> Entity:
    fields = []
    for field in entity.fields:
        place = (entity.name, field.name)
        if place in NEW_COLUMNS:
            continue
        old = replace(
            field,
            name=RENAMED_COLUMNS.get(place, field.name),
            references=RENAMED_TABLES.get(field.references, field.references),
            is_nullable=field.is_nullable or place in ONCE_NULLABLE,
        )
        if place in OLD_TYPES:
            kind = OLD_TYPES[place]
            old = replace(old, type=dialect.types.get(kind, kind))
        fields.append(old)
    if entity.name in LEGACY_COLUMNS:
        fields.insert(-1, LEGACY_COLUMNS[entity.name])
    unenforced = frozenset(column for table, column in NOT_ENFORCED if table == entity.name)
    return replace(
        entity,
        name=RENAMED_TABLES.get(entity.name, entity.name),
        fields=tuple(fields),
        indexes=tuple(index for index in entity.indexes if index.name not in NEW_INDEXES),
        unenforced=unenforced,
    )


def _age_view(view: View) -> View:
    old = {
        "v_customers": "SELECT id, no, name, mail FROM customers",
        "v_open_orders": "SELECT id, customer_id, no FROM orders WHERE status = 'open'",
    }
    return replace(view, query=old.get(view.name, view.query))
