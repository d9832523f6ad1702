"""The op that converts columns of one table through shadows kept equal by a trigger and swapped by name; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres.convert import find_conversion
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_absorb import Absorbed, take_readers
from lockgate.engine.postgres.mirror_choose import TRIGGER_PREFIX, find_key, fires_on_update, triggers_of
from lockgate.engine.postgres.mirror_keys import find_loose, find_primary, follow_ops
from lockgate.engine.postgres.mirror_pair import Pair
from lockgate.engine.postgres.mirror_parts import Carried, carry_parts
from lockgate.engine.postgres.mirror_statements import Mirror, fill_and_compare
from lockgate.engine.postgres.mirror_swap import Swap
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_retype import conversion_hazards, retype_needs, retype_releases
from lockgate.engine.postgres.park import own_schema
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.model import keys
from lockgate.model.op import FIX, Hazard, Op, Parked, Precheck, Soft, Statement, Strategy
from lockgate.model.schema import Column, Key, Table
from lockgate.model.schema import Sequence as SequenceObject

_MAY_REPLICATE = "SELECT CASE WHEN pg_catalog.current_setting('is_superuser') = 'on'{since15} THEN 0 ELSE 1 END"


def add_mirror_ops(context: Context, columns: dict[Key, list[Key]]) -> None:
    """Add one op for each table with mirrored columns, and take in the ops of what reads these columns."""
    absorbed = {table: take_readers(context, found) for table, found in columns.items()}
    last = {id(op): table for table, taken in absorbed.items() for op in taken.ops}
    for op in [op for op in context.ops if id(op) in last]:
        context.ops.remove(op)
    chain: frozenset[Key] = frozenset()
    for table, found in columns.items():
        shared = [op for op in absorbed[table].drops if last[id(op)] != table]
        builder = _Builder(context, table, found, absorbed[table], shared)
        op = builder.build()
        context.add(replace(op, needs=op.needs | chain, creates=op.creates | {Key("mirrored", *table[1:3])}))
        for follower in builder.followers:
            context.add(follower)
        if absorbed[table].ops:
            chain = frozenset({Key("mirrored", *table[1:3])})


@dataclass
class _Builder:
    context: Context
    table_key: Key
    columns: list[Key]
    readers: Absorbed
    shared: list[Op]
    followers: list[Op] = field(default_factory=list)

    def build(self) -> Op:
        context, table = self.context, self.context.before.tables[self.table_key]
        key = find_key(table)
        assert key is not None
        pairs = [self._pair(column) for column in self.columns]
        function = context.names.next(table.name)
        mirror = Mirror(table, key, tuple(pairs), f"lockgate.{quote_ident(function)}", TRIGGER_PREFIX + function[9:])
        shadows = {pair.before.name: pair.shadow for pair in pairs}
        carried = carry_parts(context, table, shadows)
        primary, loose = find_primary(context, table, shadows), find_loose(context, self.columns)
        readers = self._readers()
        swap = Swap(mirror, tuple(carried), readers, self._defaults(pairs), self._sequences(pairs), primary, loose)
        is_quiet = any(fires_on_update(trigger) for trigger in triggers_of(context.before, table))
        fill, compared = fill_and_compare(mirror, is_quiet=is_quiet)
        build = [s for part in carried for s in part.build]
        if primary is not None:
            build.append(primary.make_ready(primary.new_index, is_repeat=False))
        bind = swap.bind()
        there = swap.there()
        forward = (*self._begin(mirror), fill, *build, compared, *bind, *self._with_hazards(there, pairs))
        waiting = [primary.drop_ready(primary.new_index)] if primary is not None else []
        backward = (*swap.back_again(), *swap.unbind(), *waiting, *_remove(carried), *_end(mirror))
        revert = swap.revert()
        parks = tuple(self._parked(mirror, pair) for pair in pairs)
        op = Op(
            title=self._title(pairs),
            stage=FIX,
            table=self.table_key,
            changes=tuple(c for column in self.columns for c in context.changes_of(column)),
            forward=forward,
            backward=backward,
            revert=revert,
            redo=swap.redo(),
            prechecks=(*self._prechecks(table, pairs), *([_may_be_quiet(context, table)] if is_quiet else [])),
            backward_prechecks=_soft_checks(mirror, swap, revert, is_key_needed=self._is_key_needed(table)),
            parks=parks + tuple(p for op in self.readers.ops for p in op.parks),
            backward_parks=parks + tuple(p for op in self.readers.ops for p in op.backward_parks),
            creates=self._creates(carried),
            removes=frozenset(self.columns) | {k for op in self.readers.ops for k in op.removes},
            needs=self._needs(),
            releases=self._releases(),
            rank=5,
            strategy=Strategy.COLUMN_PAIR,
            notices=_notices(table, pairs),
            extra_space=1.5,
        )
        self.followers = follow_ops(op, primary, loose)
        return op

    def _pair(self, key: Key) -> Pair:
        context = self.context
        before, after = context.before.facts[key].value, context.after.facts[key].value
        assert isinstance(before, Column) and isinstance(after, Column)
        old, new = compare.column_type(before, context.before), compare.column_type(after, context.after)
        there, back = find_conversion(old, new), find_conversion(new, old)
        assert there is not None and back is not None
        names = context.names
        shadow, spare, proof = names.next(after.name), names.next(after.name), names.next(f"{after.name}_not_null")
        return Pair(key, before, after, old, new, there, back, shadow, spare, proof)

    def _title(self, pairs: Sequence[Pair]) -> str:
        first = f"change the type of {pairs[0].key.path} to {pairs[0].after.type}"
        others = [f"{pair.after.name} to {pair.after.type}" for pair in pairs[1:]]
        return ", ".join([first, *others]) + " beside the application"

    def _readers(self) -> Absorbed:
        """Return what reads the columns; what another table's swap replaces later comes back as it was."""
        shared = {id(op) for op in self.shared}
        again = {k for op in self.shared for k in op.removes}
        makes = tuple(op for op in self.readers.makes if not op.creates & again)
        return Absorbed(self.readers.drops, makes, tuple(op for op in self.readers.drops if id(op) in shared))

    def _defaults(self, pairs: Sequence[Pair]) -> frozenset[Key]:
        found = (pair.key for pair in pairs)
        return frozenset(key for key in found if self.context.is_absorbed(key._replace(kind="default")))

    def _sequences(self, pairs: Sequence[Pair]) -> tuple[tuple[str, str], ...]:
        """Return the sequences that belong to a mirrored column and stay with it, and the column."""
        found = []
        for key, fact in self.context.before.facts.items():
            owner = fact.value.owned_by if isinstance(fact.value, SequenceObject) else None
            stays = key not in self.context.decisions.reowned and not self.context.decisions.is_gone(key)
            if owner is not None and stays and any(owner == pair.key for pair in pairs):
                found.append((qualify(key.namespace, key.name), owner.child))
        return tuple(found)

    def _begin(self, mirror: Mirror) -> tuple[Statement, ...]:
        found = [own_schema()]
        for pair in mirror.pairs:
            found += [statement(text, "add_column") for text in column_sql.add_column(mirror.table, _shadow(pair))]
        found += mirror.begin()
        return joined(found)

    def _with_hazards(self, there: Sequence[Statement], pairs: Sequence[Pair]) -> tuple[Statement, ...]:
        found: list[Hazard] = []
        for pair in pairs:
            rows = conversion_hazards(pair.before, pair.after, pair.there, pair.key)
            found += [Hazard(kind=kind, message=message) for kind, message in rows]
        return (replace(there[0], hazards=tuple(found)), *there[1:])

    def _prechecks(self, table: Table, pairs: Sequence[Pair]) -> list[Precheck]:
        found = [checks.unfit(table, pair.before, pair.there, pair.after.type) for pair in pairs]
        return [check for check in found if check is not None]

    def _creates(self, carried: Sequence[Carried]) -> frozenset[Key]:
        found = set(self.columns) | {part.key for part in carried}
        for column in self.columns:
            default = column._replace(kind="default")
            if self.context.is_absorbed(default) and default in self.context.after.facts:
                found.add(default)
        return frozenset(found | {k for op in self.readers.ops for k in op.creates})

    def _needs(self) -> frozenset[Key]:
        found = {k for op in self.readers.ops for k in op.needs}
        for column in self.columns:
            found |= retype_needs(self.context, self.context.after.facts[column])
        return frozenset(found) - self._creates(())

    def _releases(self) -> frozenset[Key]:
        found = {k for op in self.readers.ops for k in op.releases}
        for column in self.columns:
            found |= retype_releases(self.context, self.context.before.facts[column])
        return frozenset(found) - frozenset(self.columns)

    def _is_key_needed(self, table: Table) -> bool:
        """Tell whether a view groups by the primary key, so that it cannot be without it."""
        if table.primary_key is None:
            return False
        users = self.context.before.dependants.get(keys.child_key(self.table_key, table.primary_key), ())
        return any(self.context.before.facts[name].table is None for name in users)

    def _parked(self, mirror: Mirror, pair: Pair) -> Parked:
        name = f"{mirror.on}.{quote_ident(pair.shadow)}"
        drop = f"ALTER TABLE {mirror.on} DROP COLUMN IF EXISTS {quote_ident(pair.shadow)}"
        finalize = (*mirror.end(), statement(drop, "drop_column", is_idempotent=True))
        return Parked(original=pair.key, parked=name, finalize=finalize)


def _shadow(pair: Pair) -> Column:
    """Return the shadow: the new type with what people set on the old column; NOT NULL and default come later."""
    kept = ("acl", "statistics", "attoption:")
    return Column(
        name=pair.shadow,
        type=pair.after.type,
        collation=pair.after.collation,
        comment=pair.before.comment,
        options=tuple(o for o in pair.before.options if o[0].startswith(kept)),
        depends_on=pair.after.depends_on,
    )


def joined(found: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return statements as one transaction."""
    return tuple(replace(s, is_joined=number > 0) for number, s in enumerate(found))


def _remove(carried: Sequence[Carried]) -> list[Statement]:
    return [s for part in reversed(carried) for s in part.remove]


def _end(mirror: Mirror) -> tuple[Statement, ...]:
    drops = [
        statement(
            f"ALTER TABLE {mirror.on} DROP COLUMN IF EXISTS {quote_ident(pair.shadow)}",
            "drop_column",
            is_idempotent=True,
        )
        for pair in mirror.pairs
    ]
    return joined([*mirror.end(), *drops])


def _may_be_quiet(context: Context, table: Table) -> Precheck:
    since15 = (
        " OR pg_catalog.has_parameter_privilege('session_replication_role', 'SET')"
        if context.server.version >= (15,)
        else ""
    )
    return Precheck(
        name="quiet",
        sql=_MAY_REPLICATE.format(since15=since15),
        message=f"this login may not set session_replication_role, without which triggers of {table.name} would fire "
        f"for every row that is copied; plan with --strategy {table.namespace}.{table.name}=plain",
    )


def _soft_checks(
    mirror: Mirror, swap: Swap, revert: Sequence[Statement], *, is_key_needed: bool
) -> tuple[Precheck, ...]:
    """Return, for each NOT NULL of the old type, the question whether values that it cannot hold stand in its way.

    Nothing stands in for an identity, and nothing for a key that a view needs.
    """
    found = []
    for pair in mirror.pairs:
        if pair.before.is_nullable:
            continue
        where = f"FROM {mirror.on} WHERE {quote_ident(pair.shadow)} IS NULL"
        check = Precheck(
            name="unfit",
            sql=f"SELECT count(*) {where}",
            message=f"{pair.key.path} holds values that are no {pair.before.type}",
        )
        if pair.before.identity is not None or (swap.is_key(pair) and is_key_needed):
            found.append(check)
            continue
        if swap.is_key(pair):
            ends, instead, settle = swap.swap_keys(), swap.swap_keys_softly(), swap.settle_keys()
        else:
            ends, instead, settle = swap.prove(pair), (), swap.prove(pair)
        first = _find(revert, ends)
        name = quote_ident(pair.before.name)
        pairs = ", ".join(f"{quote_literal(column)}, {quote_ident(column)}" for column in mirror.key[0])
        soft = Soft(
            first=first,
            last=first + len(ends) - 1,
            instead=instead,
            rows=f"SELECT pg_catalog.json_build_object({pairs})::text, {name}::text {where}",
            settle=settle,
            message=f"{pair.key.path} holds NULL where the value is no {pair.before.type}; new rows need a value",
        )
        found.append(replace(check, soft=soft))
    return tuple(found)


def _find(statements: Sequence[Statement], part: Sequence[Statement]) -> int:
    """Return where a part of some statements begins."""
    texts = [s.sql for s in part]
    return next(n for n in range(len(statements)) if [s.sql for s in statements[n : n + len(texts)]] == texts)


def _notices(table: Table, pairs: Sequence[Pair]) -> tuple[str, ...]:
    names = ", ".join(pair.shadow for pair in pairs)
    found = [
        f"SELECT * FROM {table.name} shows one more column until finalize ({names}), and the converted column last",
        f"a statement prepared before that reads all of {table.name} or a converted column fails until it is prepared "
        'anew ("cached plan must not change result type"), as after any change of type',
        f"until finalize a trigger on {table.name} keeps both columns equal, which costs every write a little",
        f"the copy writes every row of {table.name} once more, so that it grows until it is vacuumed",
    ]
    for pair in pairs:
        if pair.back.fits is not None:
            found.append(
                f"after a rollback a value of {pair.key.path} that is no {pair.before.type} reads as NULL; it is kept "
                f"in {pair.shadow} and in lockgate.salvage, and is back when the plan is applied again"
            )
    return tuple(found)
