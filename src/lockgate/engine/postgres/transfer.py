"""Copy rows into a scratch with COPY in text form, which carries every type; triggers and foreign keys stay silent.

Source: PostgreSQL manual, COPY; "session_replication_role".
"""

from __future__ import annotations

from lockgate.engine.base import RowTransfer, Session
from lockgate.engine.postgres.data import PIN_TEXT_FORMS
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.session import PostgresSession
from lockgate.model.schema import Column, Schema, Table

_SEQUENCES = (
    "SELECT schemaname, sequencename, last_value FROM pg_catalog.pg_sequences WHERE last_value IS NOT NULL"
    " AND schemaname NOT IN ('pg_catalog', 'information_schema', 'lockgate')"
)


def _begin(source: Session) -> None:
    source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    source.query(PIN_TEXT_FORMS.format(local="true"))


def _prepare(copy: Session) -> None:
    copy.execute("SET session_replication_role = replica")
    copy.query(PIN_TEXT_FORMS.format(local="false"))


def _copy_rows(source: Session, copy: Session, table: Table, condition: str, limit: int) -> int:
    assert isinstance(source, PostgresSession) and isinstance(copy, PostgresSession)
    columns = ", ".join(quote_ident(c.name) for c in table.columns if c.generated is None)
    name = qualify(table.namespace, table.name)
    only = "" if table.partitioning is not None else "ONLY "
    where = f" WHERE {condition}" if condition else ""
    cut = f" LIMIT {limit}" if limit else ""
    return copy.take_rows(
        source.give_rows(f"COPY (SELECT {columns} FROM {only}{name}{where}{cut}) TO STDOUT"),
        f"COPY {name} ({columns}) FROM STDIN",
    )


def _finish(source: Session, copy: Session, schema: Schema) -> None:
    for namespace, name, value in source.query(_SEQUENCES):
        copy.query("SELECT pg_catalog.setval(%s::regclass, %s)", (qualify(namespace, name), value))
    copy.execute("SET session_replication_role = DEFAULT")
    for definition in schema.definitions:
        if definition.kind == "materialized_view":
            copy.execute(f"REFRESH MATERIALIZED VIEW {qualify(definition.namespace, definition.name)}")
    copy.execute("ANALYZE")


def _literal_of(column: Column) -> str:
    return f"pg_catalog.quote_literal({quote_ident(column.name)}::text)"


def _disk_used(session: Session) -> int:
    return int(session.query("SELECT pg_catalog.pg_database_size(current_database())")[0][0])


TRANSFER = RowTransfer(
    begin=_begin,
    prepare=_prepare,
    copy_rows=_copy_rows,
    finish=_finish,
    literal_of=_literal_of,
    disk_used=_disk_used,
)
