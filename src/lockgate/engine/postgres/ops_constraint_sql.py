"""How an index or constraint is created, validated and dropped; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres import ops_sql_part as part_sql
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Fact, Graph
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import option, render_constraint
from lockgate.model import keys
from lockgate.model.op import HazardKind, Statement
from lockgate.model.schema import Check, Constraint, Exclusion, ForeignKey, Index, PrimaryKey, Table, Unique


def part_statements(
    context: Context, graph: Graph, fact: Fact
) -> tuple[list[Statement], list[Statement], list[Statement]]:
    """Return how a part is created (in full), how validated after an unvalidated creation, and how dropped."""
    value, table = fact.value, fact.table
    assert table is not None
    if isinstance(value, Index):
        return _index_create(table, value), [], [index_drop(table, value)]
    assert isinstance(value, PrimaryKey | Unique | Check | Exclusion | ForeignKey)
    drop = [drop_statement(table, value)]
    if isinstance(value, Check | ForeignKey):
        return (*_two_steps(context, fact, value, table), drop)
    extras = [statement(text, form_of_extra(text)) for text in part_sql.constraint_extras(table, value)]
    return [_add_key_statement(table, value), *extras], [], drop


def drop_statement(table: Table, constraint: Constraint) -> Statement:
    """Return ALTER TABLE … DROP CONSTRAINT."""
    words = sql.table_words(table)
    text = f"ALTER {words} {qualify(table.namespace, table.name)} DROP CONSTRAINT {quote_ident(constraint.name)}"
    return statement(text, "drop_constraint")


def is_plain_table(table: Table) -> bool:
    """Tell whether a table is neither partitioned nor foreign."""
    return table.partitioning is None and "server" not in dict(table.options)


def index_drop(table: Table, index: Index) -> Statement:
    """Return DROP INDEX, without blocking writes where that is possible."""
    name = qualify(table.namespace, index.name)
    if is_plain_table(table) and table.partition_of is None:
        return statement(f"DROP INDEX CONCURRENTLY {name}", "drop_index_concurrently", is_transactional=False)
    return statement(f"DROP INDEX {name}", "drop_index")


def form_of_extra(text: str) -> str:
    """Return the form of a statement that says what CREATE INDEX or ADD CONSTRAINT cannot."""
    return "alter_table" if " REPLICA IDENTITY " in text else "comment"


def _index_create(table: Table, index: Index) -> list[Statement]:
    is_concurrent = is_plain_table(table)
    first, *rest = part_sql.create_index(table, index, is_concurrent=is_concurrent)
    form = "create_index_concurrently" if is_concurrent else "create_index"
    return [
        statement(first, form, is_transactional=not is_concurrent),
        *(statement(text, form_of_extra(text)) for text in rest),
    ]


def _add_key_statement(table: Table, value: Constraint) -> Statement:
    words = sql.table_words(table)
    only = "ONLY " if option(value.options, "only") else ""
    text = f"ALTER {words} {only}{qualify(table.namespace, table.name)} ADD {render_constraint(value)}"
    return statement(text, "add_exclusion" if isinstance(value, Exclusion) else "add_key")


def using_index(table: Table, key: PrimaryKey | Unique, index: str) -> str:
    """Return ALTER TABLE … ADD CONSTRAINT … USING INDEX."""
    word = "PRIMARY KEY" if isinstance(key, PrimaryKey) else "UNIQUE"
    deferrable = {None: "", "deferred": " DEFERRABLE INITIALLY DEFERRED"}.get(key.deferrable, " DEFERRABLE")
    on = qualify(table.namespace, table.name)
    return (
        f"ALTER TABLE {on} ADD CONSTRAINT {quote_ident(key.name)} {word} USING INDEX {quote_ident(index)}{deferrable}"
    )


def _two_steps(
    context: Context, fact: Fact, value: Check | ForeignKey, table: Table
) -> tuple[list[Statement], list[Statement]]:
    words = sql.table_words(table)
    on = qualify(table.namespace, table.name)
    is_split = value.is_validated and value.is_enforced and _is_splittable(context, value, table)
    written = replace(value, is_validated=False) if is_split else value
    is_check = isinstance(value, Check)
    full, quick = ("add_check", "add_check_not_valid") if is_check else ("add_fk", "add_fk_not_valid")
    hazard = (HazardKind.MAY_FAIL_ON_DATA, f"rows that break {value.name} are refused")
    is_scanned = value.is_validated and not is_split
    hazards = (hazard,) if value.is_validated and not context.is_new_table(keys.table_key(table)) else ()
    add = statement(f"ALTER {words} {on} ADD {render_constraint(written)}", full if is_scanned else quick, *hazards)
    extras = [statement(text, form_of_extra(text)) for text in part_sql.constraint_extras(table, value)]
    validate = statement(f"ALTER {words} {on} VALIDATE CONSTRAINT {quote_ident(value.name)}", "validate")
    return [add, *extras], [validate] if is_split else []


def _is_splittable(context: Context, value: Check | ForeignKey, table: Table) -> bool:
    """Tell whether NOT VALID and VALIDATE can be used: not for a foreign key of a partitioned table before 18."""
    if context.is_new_table(keys.table_key(table)) or "server" in dict(table.options):
        return False
    return not (isinstance(value, ForeignKey) and (table.partitioning is not None or table.partition_of is not None))
