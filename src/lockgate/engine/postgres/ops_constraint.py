"""Ops that add, drop, rename and alter indexes and constraints of tables that stay; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, resources_of
from lockgate.engine.postgres.ops_graph import Fact, Graph
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import option, render_constraint, render_index
from lockgate.model import keys
from lockgate.model.change import Change
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Precheck, Statement
from lockgate.model.schema import (
    Check,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Table,
    Unique,
)

_PARTS = (Index, PrimaryKey, Unique, Check, Exclusion, ForeignKey)


def add_constraint_ops(context: Context) -> None:
    """Add the ops of all indexes and constraints that do not come or go with their table."""
    adopted = _find_adopted(context)
    for key, fact in context.before.facts.items():
        is_gone = isinstance(fact.value, _PARTS) and context.decisions.is_gone(key)
        if is_gone and not _goes_with_table(context, fact) and key not in adopted:
            _add_drop(context, fact)
    for key, fact in context.after.facts.items():
        if not isinstance(fact.value, _PARTS) or _goes_with_table(context, fact):
            continue
        doing = context.doing(key)
        if doing in (Doing.CREATE, Doing.REPLACE):
            index = next((i for i, owner in adopted.items() if owner == key), None)
            if index is not None:
                _add_adoption(context, context.before.facts[index], fact)
            else:
                _add_create(context, fact)
        elif doing is Doing.ALTER:
            _add_alter(context, context.before.facts[key], fact)


def _goes_with_table(context: Context, fact: Fact) -> bool:
    assert fact.table is not None
    return context.doing(keys.table_key(fact.table)) is Doing.REPLACE and not isinstance(fact.value, ForeignKey)


def _changes(context: Context, key: Key) -> tuple[Change, ...]:
    change = context.decisions.change_of.get(key)
    return (change,) if change is not None else ()


def _find_adopted(context: Context) -> dict[Key, Key]:
    """Return unique indexes of before that become the index of a new constraint of the same name."""
    found: dict[Key, Key] = {}
    for key, fact in context.after.facts.items():
        value = fact.value
        if not isinstance(value, PrimaryKey | Unique) or context.doing(key) is not Doing.CREATE or fact.table is None:
            continue
        index_key = key._replace(kind="index")
        old = context.before.get(index_key)
        if old is None or context.doing(index_key) is not Doing.DROP or fact.table.partitioning is not None:
            continue
        index = old.value
        if isinstance(index, Index) and _fits(index, value) and not option(value.options, "attached_to"):
            found[index_key] = key
    return found


def _fits(index: Index, key: PrimaryKey | Unique) -> bool:
    if not index.is_unique or index.where is not None or (index.method or "btree") != "btree":
        return False
    plain = [p.column for p in index.parts]
    is_plain = all(
        not p.is_descending and not p.nulls and not p.operator_class and not p.collation for p in index.parts
    )
    distinct = index.nulls_not_distinct == getattr(key, "nulls_not_distinct", False)
    is_option_free = not option(key.options, "without_overlaps")
    return (
        is_plain
        and distinct
        and is_option_free
        and plain == [p.column for p in key.parts]
        and index.include == key.include
    )


def _add_adoption(context: Context, old: Fact, fact: Fact) -> None:
    index, key, table = old.value, fact.value, fact.table
    assert isinstance(index, Index) and isinstance(key, PrimaryKey | Unique) and table is not None
    forward = [statement(_using_index(table, key, index.name), "add_key_using_index")]
    forward += [statement(text, "comment") for text in sql.constraint_extras(table, key)]
    if index.comment is not None and not option(key.options, "index_comment"):
        forward.append(statement(sql.comment_on_index(table, index.name, None), "comment"))
    backward = [_drop_statement(table, key)]
    backward += [statement(text, "create_index") for text in sql.create_index(table, index, is_concurrent=False)]
    context.add(
        Op(
            title=f"make index {key.name} the constraint of {table.name}",
            stage=FIX,
            table=keys.table_key(table),
            changes=_changes(context, fact.key) + _changes(context, old.key),
            forward=tuple(forward),
            backward=tuple(backward),
            creates=frozenset({fact.key}) | resources_of(fact),
            removes=frozenset({old.key}),
            needs=_create_needs(context, fact),
            releases=frozenset(d for d in old.deps if context.decisions.is_gone(d)),
            rank=22,
        )
    )


def _using_index(table: Table, key: PrimaryKey | Unique, index: str) -> str:
    word = "PRIMARY KEY" if isinstance(key, PrimaryKey) else "UNIQUE"
    deferrable = {None: "", "deferred": " DEFERRABLE INITIALLY DEFERRED"}.get(key.deferrable, " DEFERRABLE")
    on = qualify(table.namespace, table.name)
    return (
        f"ALTER TABLE {on} ADD CONSTRAINT {quote_ident(key.name)} {word} USING INDEX {quote_ident(index)}{deferrable}"
    )


def _drop_statement(table: Table, constraint: Constraint) -> Statement:
    words = sql.table_words(table)
    text = f"ALTER {words} {qualify(table.namespace, table.name)} DROP CONSTRAINT {quote_ident(constraint.name)}"
    return statement(text, "drop_constraint")


def _is_plain_table(table: Table) -> bool:
    return table.partitioning is None and "server" not in dict(table.options)


def _index_drop(table: Table, index: Index) -> Statement:
    name = qualify(table.namespace, index.name)
    if _is_plain_table(table) and table.partition_of is None:
        return statement(f"DROP INDEX CONCURRENTLY {name}", "drop_index_concurrently", is_transactional=False)
    return statement(f"DROP INDEX {name}", "drop_index")


def _index_create(table: Table, index: Index) -> list[Statement]:
    is_concurrent = _is_plain_table(table)
    first, *rest = sql.create_index(table, index, is_concurrent=is_concurrent)
    form = "create_index_concurrently" if is_concurrent else "create_index"
    return [
        statement(first, form, is_transactional=not is_concurrent),
        *(statement(text, "comment") for text in rest),
    ]


def _statements(context: Context, graph: Graph, fact: Fact) -> tuple[list[Statement], list[Statement], list[Statement]]:
    """Return how a part is created (in full), how validated after an unvalidated creation, and how dropped."""
    value, table = fact.value, fact.table
    assert table is not None
    if isinstance(value, Index):
        return _index_create(table, value), [], [_index_drop(table, value)]
    assert isinstance(value, PrimaryKey | Unique | Check | Exclusion | ForeignKey)
    drop = [_drop_statement(table, value)]
    if isinstance(value, Check | ForeignKey):
        return (*_two_steps(context, fact, value, table), drop)
    extras = [statement(text, "comment") for text in sql.constraint_extras(table, value)]
    return [_add_key_statement(table, value), *extras], [], drop


def _add_key_statement(table: Table, value: Constraint) -> Statement:
    words = sql.table_words(table)
    only = "ONLY " if option(value.options, "only") else ""
    text = f"ALTER {words} {only}{qualify(table.namespace, table.name)} ADD {render_constraint(value)}"
    return statement(text, "add_exclusion" if isinstance(value, Exclusion) else "add_key")


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
    extras = [statement(text, "comment") for text in sql.constraint_extras(table, value)]
    validate = statement(f"ALTER {words} {on} VALIDATE CONSTRAINT {quote_ident(value.name)}", "validate")
    return [add, *extras], [validate] if is_split else []


def _is_splittable(context: Context, value: Check | ForeignKey, table: Table) -> bool:
    """Tell whether NOT VALID and VALIDATE can be used: not for a foreign key of a partitioned table before 18."""
    if context.is_new_table(keys.table_key(table)) or "server" in dict(table.options):
        return False
    return not (isinstance(value, ForeignKey) and (table.partitioning is not None or table.partition_of is not None))


def _create_needs(context: Context, fact: Fact) -> frozenset[Key]:
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


def _add_drop(context: Context, fact: Fact) -> None:
    value, table = fact.value, fact.table
    assert table is not None
    if _add_renamed_copy(context, fact, context.before):
        return
    create, validate, drop = _statements(context, context.before, fact)
    create += _validated_copies(context, context.before, fact)
    is_replaced = context.doing(fact.key) is Doing.REPLACE
    hazards: tuple[tuple[HazardKind, str], ...] = ()
    if not isinstance(value, Index) or value.is_unique:
        hazards = ((HazardKind.WEAKENS_PROTECTION, f"{fact.key.child} no longer guards {table.name}"),)
    forward = tuple(replace(s, hazards=s.hazards + statement("", "comment", *hazards).hazards) for s in drop)
    releases = set(fact.deps) - {keys.table_key(table)}
    releases.add(keys.table_key(table))
    if isinstance(value, PrimaryKey):
        releases |= {Key("not_null", *fact.key[1:3], p.column or "") for p in value.parts}
    context.add(
        Op(
            title=f"drop {fact.key}",
            stage=FIX if is_replaced else CONTRACT,
            table=keys.table_key(table),
            changes=_changes(context, fact.key),
            forward=forward,
            backward=tuple(create + validate),
            removes=frozenset({fact.key}) | resources_of(fact) | context.copies_below(context.before, fact),
            releases=frozenset(releases),
            rank=-4 if isinstance(value, ForeignKey) else -3,
        )
    )


def _validated_copies(context: Context, graph: Graph, fact: Fact) -> list[Statement]:
    """Return what validates the copies of a check that is not valid, on the children where they were valid."""
    value, table = fact.value, fact.table
    if not isinstance(value, Check) or value.is_validated or table is None:
        return []
    found = []
    for child in graph.tables.values():
        if option(child.options, f"validated:{value.name}"):
            text = (
                f"ALTER TABLE ONLY {qualify(child.namespace, child.name)} VALIDATE CONSTRAINT {quote_ident(value.name)}"
            )
            found.append(statement(text, "validate"))
    return found


def _add_renamed_copy(context: Context, fact: Fact, graph: Graph) -> bool:
    """A partition's part that its parent's index holds on to only changes its name, from or to the automatic one."""
    value, table = fact.value, fact.table
    assert table is not None
    if not isinstance(value, Index | PrimaryKey | Unique) or table.partition_of is None:
        return False
    holder = option(value.options, "attached_to")
    part = table.partition_of
    if not holder:
        return False
    above = [
        k
        for k in (Key(kind, part.namespace, part.name, holder) for kind in ("index", "primary_key", "unique"))
        if k in context.before.facts and k in context.after.facts and context.doing(k) in (None, Doing.ALTER)
    ]
    if not above or any(p.column is None for p in value.parts):
        return False
    columns = "" if isinstance(value, PrimaryKey) else "_".join(p.column or "" for p in value.parts)
    suffix = "idx" if isinstance(value, Index) else "pkey" if isinstance(value, PrimaryKey) else "key"
    automatic = make_object_name(table.name, columns, suffix)
    is_before = graph is context.before
    old, new = (value.name, automatic) if is_before else (automatic, value.name)

    def rename(one: str, other: str) -> Statement:
        return statement(f"ALTER INDEX {qualify(table.namespace, one)} RENAME TO {quote_ident(other)}", "rename")

    names = [Key("relation", table.namespace, n) for n in (old, new)]
    context.add(
        Op(
            title=f"rename {old} of {table.name} to {new}",
            stage=FIX,
            table=keys.table_key(table),
            changes=_changes(context, fact.key),
            forward=(rename(old, new),),
            backward=(rename(new, old),),
            removes=frozenset({names[0]} | ({fact.key} if is_before else set())),
            creates=frozenset({names[1]} | (set() if is_before else {fact.key})),
            rank=19,
        )
    )
    return True


def _add_create(context: Context, fact: Fact) -> None:
    value, table = fact.value, fact.table
    assert table is not None
    if _add_renamed_copy(context, fact, context.after):
        return
    create, validate, drop = _statements(context, context.after, fact)
    create += _validated_copies(context, context.after, fact)
    prechecks = _prechecks(context, fact)
    is_index = isinstance(value, Index)
    if isinstance(value, PrimaryKey | Unique) and _can_build_online(context, value, table):
        _add_online_key(context, fact, value, table, prechecks)
        return
    context.add(
        Op(
            title=f"add {fact.key}",
            stage=EXPAND if is_index else FIX,
            table=keys.table_key(table),
            changes=_changes(context, fact.key),
            forward=tuple(create),
            backward=tuple(drop),
            prechecks=prechecks,
            creates=frozenset({fact.key}) | resources_of(fact) | context.copies_below(context.after, fact),
            needs=_create_needs(context, fact),
            rank=24 if isinstance(value, ForeignKey) else 20,
        )
    )
    if validate:
        context.add(
            Op(
                title=f"validate {fact.key}",
                stage=FIX,
                table=keys.table_key(table),
                changes=_changes(context, fact.key),
                forward=tuple(validate),
                creates=frozenset({Key("validated", *fact.key[1:])}),
                needs=frozenset({fact.key}),
                rank=26,
            )
        )


def _can_build_online(context: Context, value: PrimaryKey | Unique, table: Table) -> bool:
    if context.is_new_table(keys.table_key(table)) or not _is_plain_table(table):
        return False
    is_special = option(value.options, "without_overlaps") or option(value.options, "attached_to")
    return not is_special and table.partition_of is None


def _add_online_key(
    context: Context, fact: Fact, value: PrimaryKey | Unique, table: Table, prechecks: tuple[Precheck, ...]
) -> None:
    """Build the index without blocking writes, then make it the constraint's in an instant."""
    key = keys.table_key(table)
    index = Index(
        name=value.name,
        parts=value.parts,
        is_unique=True,
        include=value.include,
        nulls_not_distinct=getattr(value, "nulls_not_distinct", False),
        options=tuple((n, v) for n, v in value.options if n.startswith(("reloption", "tablespace"))),
    )
    built = Key("built", *fact.key[1:])
    text = render_index(index, table.namespace, table.name, is_concurrent=True)
    hazard = (HazardKind.MAY_FAIL_ON_DATA, f"equal values in {table.name} are refused")
    context.add(
        Op(
            title=f"build the index of {fact.key}",
            stage=FIX,
            table=key,
            changes=_changes(context, fact.key),
            forward=(statement(text, "create_index_concurrently", hazard, is_transactional=False),),
            backward=(_index_drop(table, index),),
            prechecks=prechecks,
            creates=frozenset({built}) | resources_of(fact),
            needs=frozenset(d for d in _create_needs(context, fact) if d.kind != "not_null"),
            rank=20,
        )
    )
    extras = [statement(t, "comment") for t in sql.constraint_extras(table, value)]
    # What was built goes back to being a mere index, so that undoing both leaves what was there before both.
    context.add(
        Op(
            title=f"add {fact.key}",
            stage=FIX,
            table=key,
            changes=_changes(context, fact.key),
            forward=(statement(_using_index(table, value, value.name), "add_key_using_index"), *extras),
            backward=(
                _drop_statement(table, value),
                statement(render_index(index, table.namespace, table.name), "create_index"),
            ),
            creates=frozenset({fact.key}),
            needs=_create_needs(context, fact) | {built},
            rank=22,
        )
    )


def _prechecks(context: Context, fact: Fact) -> tuple[Precheck, ...]:
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


def _add_alter(context: Context, was: Fact, fact: Fact) -> None:
    table = fact.table
    before, after = was.value, fact.value
    assert table is not None
    key = keys.table_key(table)
    forward: Sequence[Statement]
    if isinstance(before, Index) and isinstance(after, Index):
        forward, backward = sql.alter_index(table, before, after), sql.alter_index(table, after, before)
    else:
        assert isinstance(before, PrimaryKey | Unique | Check | Exclusion | ForeignKey)
        assert isinstance(after, PrimaryKey | Unique | Check | Exclusion | ForeignKey)
        forward, backward = sql.alter_constraint(table, before, after), sql.alter_constraint(table, after, before)
    context.add(
        Op(
            title=f"alter {fact.key}",
            stage=FIX,
            table=key,
            changes=_changes(context, fact.key),
            forward=tuple(forward),
            backward=tuple(backward),
            needs=frozenset({fact.key}),
            rank=28,
        )
    )
