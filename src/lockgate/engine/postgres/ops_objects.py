"""Ops for everything that is not a table: schemas, extensions, types, sequences, routines, views and the rest; pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from lockgate.engine.postgres import ops_alter as alter
from lockgate.engine.postgres.acl import Acl, decode_acl, render_grants
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, resources_of
from lockgate.engine.postgres.ops_graph import ROUTINE_KINDS, Fact, Graph
from lockgate.engine.postgres.park import Move, park_object
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import option
from lockgate.engine.postgres.render_objects import (
    definition_name,
    grant_clause,
    reference,
    render_create,
    render_descriptions,
    render_grant_change,
    render_sequence_owner,
)
from lockgate.model import keys
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Parked, Statement
from lockgate.model.schema import Definition, EnumType, Extension, Key, SchemaObject, Sequence, Table

_FORMS = {
    "view": "view", "materialized_view": "view", "trigger": "trigger", "policy": "policy", "rule": "policy",
    "index": "create_index", "sequence": "sequence", "statistics": "extended_statistics",
}  # fmt: skip
_LAST = {"event_trigger": 2000, "publication": 90, "default_privileges": 95}
_RANKS = {
    "namespace": -30, "extension": -28, "enum": -20, "domain": -18, "composite": -18, "range": -18, "sequence": -10,
    "function": 4, "procedure": 4, "aggregate": 5, "view": 40, "materialized_view": 42, "index": 44, "rule": 50,
    "trigger": 52, "policy": 54, "statistics": 46,
}  # fmt: skip
_BOUND = frozenset({"trigger", "rule", "policy", "event_trigger", "publication"})


def add_object_ops(context: Context) -> None:
    """Add the ops of all objects that are not tables."""
    for key, fact in context.before.facts.items():
        if (
            fact.table is None
            and not isinstance(fact.value, Table)
            and context.doing(key) in (Doing.DROP, Doing.REPLACE)
        ):
            _add_drop(context, fact)
    for key, fact in context.after.facts.items():
        if fact.table is not None or isinstance(fact.value, Table):
            continue
        doing = context.doing(key)
        if doing in (Doing.CREATE, Doing.REPLACE):
            _add_create(context, fact)
        elif doing is Doing.ALTER:
            _add_alter(context, context.before.facts[key], fact)
    _add_owner_ops(context)


def _object(fact: Fact) -> SchemaObject:
    value = fact.value
    assert not isinstance(value, tuple)
    return value  # type: ignore[return-value]


def _deps(fact: Fact) -> frozenset[Key]:
    """Return what an object needs to exist: a sequence's owner comes in an op of its own."""
    value = fact.value
    if isinstance(value, Sequence) and value.owned_by is not None:
        owner = {value.owned_by, value.owned_by._replace(kind="table", child="")}
        return frozenset(d for d in fact.deps if d not in owner)
    return fact.deps


def create_statements(context: Context, obj: SchemaObject) -> list[Statement]:
    """Return all statements that make an object with state, comments and grants."""
    kind = keys.key_of(obj).kind
    form = _FORMS.get(kind, "create")
    form = "create" if form in ("view", "sequence", "create_index") else form
    found: list[Statement] = []
    if kind in ROUTINE_KINDS:
        found.append(statement("SET LOCAL check_function_bodies = off", "catalogue", is_idempotent=True))
    if isinstance(obj, Definition) and obj.kind == "default_privileges":
        texts = render_grant_change(obj, None, obj.options, context.server.version)
        return [statement(t, "grant") for t in texts]
    found += [statement(t, form) for t in render_create(obj)]
    if key_is_public(obj):
        found += [statement(t, "grant") for t in _public_texts(context)]
    if kind == "materialized_view" and isinstance(obj, Definition) and option(obj.options, "populated") != "false":
        found.append(statement(f"REFRESH MATERIALIZED VIEW {definition_name(obj)}", "create"))
    if kind == "index" and isinstance(obj, Definition):
        found += [statement(t, "alter_table") for t in _matview_marks(context, obj)]
    return found + [statement(t, "grant") for t in describe(context, obj)]


def key_is_public(obj: SchemaObject) -> bool:
    """Tell whether an object is the schema public, which a new database has with an owner and grants of its own."""
    return keys.key_of(obj) == Key("namespace", "", "public")


def _public_texts(context: Context) -> list[str]:
    is_new = context.server.version >= (15,)
    privileges = "USAGE" if is_new else "USAGE, CREATE"
    owner = ["ALTER SCHEMA public OWNER TO pg_database_owner"] if is_new else []
    comment = "COMMENT ON SCHEMA public IS 'standard public schema'"
    return [*owner, comment, f"GRANT {privileges} ON SCHEMA public TO PUBLIC"]


def _matview_marks(context: Context, index: Definition) -> list[str]:
    found = []
    view_key = Key("materialized_view", index.namespace, index.table or "")
    for graph in (context.after, context.before):
        view = graph.get(view_key)
        if view is not None and graph.get(keys.key_of(index)) is not None and isinstance(view.value, Definition):
            if option(view.value.options, "clustered_on") == index.name:
                found.append(f"ALTER {reference(view.value)} CLUSTER ON {quote_ident(index.name)}")
            break
    return found


def describe(context: Context, obj: SchemaObject) -> list[str]:
    """Return comments and grants of an object just made, default privileges in force taken into account."""
    given = initial_grants(context, obj)
    if not given:
        return render_descriptions(obj, context.server.version)
    clause = grant_clause(obj)
    assert clause is not None
    if isinstance(obj, Extension):
        return render_descriptions(obj, context.server.version)
    bare = replace(obj, options=tuple(o for o in obj.options if o[0] != "acl"))
    texts = render_descriptions(bare, context.server.version)
    revokes = [f"REVOKE ALL ON {clause[0]} FROM {role}" for role in _roles({**given, **decode_acl(None, clause[1])})]
    wanted = decode_acl(option(obj.options, "acl") or None, clause[1])
    return [*texts, *revokes, *render_grants(clause[0], {}, wanted, clause[1])]


def _roles(acl: Acl) -> list[str]:
    return ["PUBLIC" if who == "public" else quote_ident(who) for who in sorted(acl) if not who.startswith("@")]


_DEFAULT_KINDS = {
    "table": "tables",
    "sequence": "sequences",
    "function": "functions",
    "type": "types",
    "schema": "schemas",
}


def initial_grants(context: Context, obj: SchemaObject) -> Acl:
    """Return what default privileges that are in force give to a new object; empty when there are none."""
    clause = grant_clause(obj)
    if clause is None or clause[1] not in _DEFAULT_KINDS:
        return {}
    found: Acl = {}
    for graph in (context.before, context.after):
        for definition in graph.schema.definitions:
            if (
                definition.kind != "default_privileges"
                or option(definition.options, "objects") != _DEFAULT_KINDS[clause[1]]
            ):
                continue
            if definition.namespace in ("", getattr(obj, "namespace", "")):
                found |= decode_acl(option(definition.options, "acl") or None, clause[1], {})
    return found


def _drop_statement(obj: SchemaObject) -> Statement:
    kind = keys.key_of(obj).kind
    special = {"trigger": "drop_trigger", "index": "drop_index", "sequence": "drop_table"}
    form = special.get(kind) or _FORMS.get(kind, "catalogue")
    return statement(f"DROP {reference(obj)}", form)


def _removal(
    context: Context, obj: SchemaObject, graph: Graph
) -> tuple[list[Statement], list[Statement], tuple[Parked, ...]]:
    """Return how an object goes, how it comes back, and what is parked: it is when something parked uses it."""
    key = keys.key_of(obj)
    kept = context.kept_before if graph is context.before else context.kept_after
    if isinstance(obj, Definition) and obj.kind == "default_privileges":
        back = create_statements(context, obj)
        texts = render_grant_change(obj, obj.options, (), context.server.version)
        return [statement(t, "grant") for t in texts], back, ()
    if key in kept or (isinstance(obj, Sequence) and graph is context.before):
        move = _park(context, obj, graph)
        return list(move.away), list(move.back), (move.parked,)
    if isinstance(obj, Extension) and _is_used_by_parked(context, key, graph):
        leave = statement(f"ALTER EXTENSION {quote_ident(obj.name)} SET SCHEMA lockgate", "catalogue")
        join = statement(
            f"ALTER EXTENSION {quote_ident(obj.name)} SET SCHEMA {quote_ident(obj.namespace)}", "catalogue"
        )
        schema = statement("CREATE SCHEMA IF NOT EXISTS lockgate", "create", is_idempotent=True)
        finalize = statement(f"DROP EXTENSION IF EXISTS {quote_ident(obj.name)}", "catalogue", is_idempotent=True)
        parked = Parked(original=key, parked=f"extension {obj.name} in lockgate", finalize=(finalize,))
        return [schema, leave], [join], (parked,)
    if key == Key("namespace", "", "public") and graph is context.before:
        reserved = quote_ident(context.names.next("public"))
        gone = statement(f"ALTER SCHEMA public RENAME TO {reserved}", "catalogue")
        again = statement(f"ALTER SCHEMA {reserved} RENAME TO public", "catalogue")
        finalize = statement(f"DROP SCHEMA IF EXISTS {reserved}", "catalogue", is_idempotent=True)
        return [gone], [again], (Parked(original=key, parked=reserved, finalize=(finalize,)),)
    return [_drop_statement(obj)], create_statements(context, obj), ()


def _is_used_by_parked(context: Context, extension: Key, graph: Graph) -> bool:
    for name in graph.dependants.get(extension, ()):
        doing = context.doing(name)
        if name.kind not in ("column", "domain", "composite", "range"):
            continue
        if graph is context.before and (doing is Doing.PARKED or name in context.kept_before):
            return True
        if graph is context.before and name.kind == "column" and doing in (Doing.DROP, Doing.REPLACE):
            return True
        if graph is context.after and name in context.kept_after:
            return True
    return False


_PARK_WORDS = {
    "enum": "TYPE", "composite": "TYPE", "range": "TYPE", "domain": "DOMAIN", "sequence": "SEQUENCE",
    "function": "FUNCTION", "procedure": "PROCEDURE", "aggregate": "AGGREGATE", "collation": "COLLATION",
}  # fmt: skip


def _park(context: Context, obj: SchemaObject, graph: Graph) -> Move:
    key = keys.key_of(obj)
    name, bracket, arguments = key.name.partition("(") if key.kind in ROUTINE_KINDS else (key.name, "", "")
    reserved = context.names.next(name)
    if graph is context.before:
        context.reserved[key] = reserved
    detach = ""
    owner = obj.owned_by if isinstance(obj, Sequence) and graph is context.before else None
    if owner is not None and key not in context.decisions.reowned and not context.decisions.is_gone(owner):
        detach = f"{qualify(owner.namespace, owner.name)}.{quote_ident(owner.child)}"
    return park_object(key, _PARK_WORDS[key.kind], name, reserved, bracket + arguments, detach)


def _add_drop(context: Context, fact: Fact) -> None:
    obj = _object(fact)
    forward, backward, parks = _removal(context, obj, context.before)
    kind = fact.key.kind
    is_replaced = context.doing(fact.key) is Doing.REPLACE
    if kind in ("policy", "trigger", "rule"):
        forward = [
            replace(
                s,
                hazards=(
                    *s.hazards,
                    *statement("", "comment", (HazardKind.WEAKENS_PROTECTION, f"{fact.key} goes")).hazards,
                ),
            )
            for s in forward
        ]
    releases = _deps(fact)
    if parks and is_replaced:
        releases = frozenset(d for d in releases if d.kind == "namespace")
    context.add(
        Op(
            title=f"{'park' if parks else 'drop'} {fact.key}",
            stage=_drop_stage(context, fact),
            table=_table_of(obj),
            changes=context.changes_of(fact.key),
            forward=tuple(forward),
            backward=tuple(backward),
            parks=parks,
            removes=frozenset({fact.key})
            | resources_of(fact)
            | _overloads([fact.key])
            | _overloads(fact.deps, "caller"),
            releases=releases,
            rank=-_LAST.get(kind, 0) - 5,
        )
    )


def _drop_stage(context: Context, fact: Fact) -> int:
    """An event trigger goes first, for it sees every statement; what is only disturbed goes when it is in the way."""
    kind = fact.key.kind
    if kind == "event_trigger":
        return EXPAND
    is_asked = context.doing(fact.key) is Doing.DROP and _is_initial(context, fact)
    return CONTRACT if is_asked and kind not in _BOUND else FIX


def _is_initial(context: Context, fact: Fact) -> bool:
    """Tell whether the difference itself asks for the drop (not something it disturbs)."""
    return fact.key in context.decisions.change_of


def _table_of(obj: SchemaObject) -> Key | None:
    if isinstance(obj, Definition) and obj.table is not None:
        return Key("table", obj.namespace, obj.table)
    return None


def _add_create(context: Context, fact: Fact) -> None:
    obj = _object(fact)
    backward, back, parks = _removal(context, obj, context.after)
    kind = fact.key.kind
    forward = create_statements(context, obj)
    context.add(
        Op(
            title=f"create {fact.key}",
            stage=CONTRACT if kind == "event_trigger" else EXPAND if kind not in _BOUND and kind not in _LAST else FIX,
            table=_table_of(obj),
            changes=context.changes_of(fact.key) if context.doing(fact.key) is Doing.CREATE else (),
            forward=tuple(forward),
            backward=tuple(backward),
            backward_parks=parks,
            revert=tuple(backward) if parks else None,
            redo=tuple(back) if parks else None,
            creates=frozenset({fact.key})
            | resources_of(fact)
            | _overloads(fact.deps)
            | _overloads([fact.key], "caller"),
            needs=_deps(fact),
            rank=_LAST.get(kind, _RANKS.get(kind, 2)),
        )
    )


def _overloads(found: Iterable[Key], word: str = "overload") -> frozenset[Key]:
    """Return the bare names of routines: a caller is made when overloads are gone, and goes before others come."""
    return frozenset(Key(word, k.namespace, k.name.partition("(")[0]) for k in found if k.kind in ROUTINE_KINDS)


def _add_alter(context: Context, was: Fact, fact: Fact) -> None:
    before, after = _object(was), _object(fact)
    if isinstance(before, EnumType) and isinstance(after, EnumType) and before.values != after.values:
        from lockgate.engine.postgres.ops_enum import add_label_ops

        add_label_ops(context, was, fact)
        before = replace(before, values=after.values)
    forward, backward = alter.alter_object(before, after, context), alter.alter_object(after, before, context)
    if not forward and not backward:
        return
    is_routine = fact.key.kind in ROUTINE_KINDS
    context.add(
        Op(
            title=f"alter {fact.key}",
            stage=FIX,
            table=_table_of(after),
            changes=context.changes_of(fact.key),
            forward=forward,
            backward=backward,
            creates=frozenset({fact.key}) if is_routine else frozenset(),
            needs=(_deps(fact) - _deps(was)) | ({fact.key} if not is_routine else set()),
            releases=_deps(was) - _deps(fact),
            rank=_RANKS.get(fact.key.kind, 2),
        )
    )


def _add_owner_ops(context: Context) -> None:
    """Add the ops that give sequences to columns and take them away."""
    for key in sorted(k for k in (*context.before.facts, *context.after.facts) if k.kind == "sequence"):
        was, fact = context.before.get(key), context.after.get(key)
        old = was.value.owned_by if was and isinstance(was.value, Sequence) else None
        new = fact.value.owned_by if fact and isinstance(fact.value, Sequence) else None
        doing = context.doing(key)
        is_moved = key in context.decisions.reowned or (doing is Doing.ALTER and old != new)
        if key in _done(context, key):
            continue
        if is_moved and old is not None and was is not None and doing not in (Doing.DROP, Doing.PARKED):
            _add_owner_op(context, was, old, is_taking=True)
        if new is not None and fact is not None and (is_moved or doing in (Doing.CREATE, Doing.REPLACE)):
            _add_owner_op(context, fact, new, is_taking=False)


def _done(context: Context, key: Key) -> set[Key]:
    return {key} if any(Key("owned", *key[1:]) in op.creates | op.removes for op in context.ops) else set()


def _add_owner_op(context: Context, fact: Fact, owner: Key, is_taking: bool) -> None:
    sequence = fact.value
    assert isinstance(sequence, Sequence)
    own = statement(render_sequence_owner(sequence), "sequence")
    free = statement(render_sequence_owner(replace(sequence, owned_by=None)), "sequence")
    flag = frozenset({Key("owned", *fact.key[1:])})
    context.add(
        Op(
            title=f"{'take' if is_taking else 'give'} {fact.key} {'from' if is_taking else 'to'} {owner.path}",
            stage=FIX if is_taking else EXPAND,
            table=Key("table", owner.namespace, owner.name),
            changes=context.changes_of(fact.key),
            forward=(free if is_taking else own,),
            backward=(own if is_taking else free,),
            removes=flag if is_taking else frozenset(),
            creates=frozenset() if is_taking else flag,
            releases=frozenset({owner, owner._replace(kind="table", child="")}) if is_taking else frozenset(),
            needs=frozenset() if is_taking else frozenset({fact.key, owner}),
            rank=-6 if is_taking else 30,
        )
    )
