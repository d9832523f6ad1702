"""What a new index or constraint needs, and what is asked of the rows before; pure."""

from __future__ import annotations

from lockgate.engine.postgres import checks
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Fact
from lockgate.engine.postgres.render import option
from lockgate.model import keys
from lockgate.model.op import Precheck
from lockgate.model.schema import Check, Exclusion, ForeignKey, Index, Key, PrimaryKey, Unique


def create_needs(context: Context, fact: Fact) -> frozenset[Key]:
    """Return what has to be there before an index or constraint is made."""
    needs = set(fact.deps)
    value, table = fact.value, fact.table
    assert table is not None
    if isinstance(value, PrimaryKey):
        needs |= {Key("not_null", *fact.key[1:3], p.column or "") for p in value.parts}
    if isinstance(value, ForeignKey):
        needs |= _attachments(context, Key("table", value.ref_namespace, value.ref_table))
    if table.partitioning is not None:
        needs |= _attachments(context, keys.table_key(table))
    if isinstance(value, Index | PrimaryKey | Unique | Exclusion):
        needs |= _attached_children(context, fact)
    return frozenset(needs - {fact.key})


def _attached_children(context: Context, fact: Fact) -> set[Key]:
    """Return the indexes of partitions that this one adopts, which are there before it."""
    found = set()
    for key, other in context.after.facts.items():
        value = other.value
        if isinstance(value, Index | PrimaryKey | Unique | Exclusion) and other.table is not None:
            parent = other.table.partition_of
            is_child = parent is not None and (parent.namespace, parent.name) == fact.key[1:3]
            if is_child and option(value.options, "attached_to") == fact.key.child:
                found.add(key)
    return found


def _attachments(context: Context, table: Key) -> set[Key]:
    found = set()
    for other in context.after.tables.values():
        parent = other.partition_of
        if parent is not None and (parent.namespace, parent.name) == (table.namespace, table.name):
            found |= {Key("attached", other.namespace, other.name), keys.table_key(other)}
    return found


def prechecks_of(context: Context, fact: Fact) -> tuple[Precheck, ...]:
    """Return the question whether rows stand in the way, when it can be asked before the plan starts."""
    value, table = fact.value, fact.table
    assert table is not None
    if not _is_untouched(context, fact):
        return ()
    if isinstance(value, PrimaryKey | Unique) or (isinstance(value, Index) and value.is_unique):
        found = checks.duplicates(table, value)
        return (found,) if found is not None else ()
    if isinstance(value, ForeignKey) and value.is_validated and value.is_enforced:
        return (checks.orphans(table, value),)
    if isinstance(value, Check) and value.is_validated and value.is_enforced:
        return (checks.violations(table, value),)
    return ()


def _is_untouched(context: Context, fact: Fact) -> bool:
    """Tell whether all that a part depends on is there already and stays as it is."""
    for dep in fact.deps:
        if dep.kind in ("index", "primary_key", "unique"):
            continue
        if dep not in context.before.facts or dep in context.decisions.retyped:
            return False
        if context.doing(dep) not in (None, Doing.ALTER):
            return False
    return True
