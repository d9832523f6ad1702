"""The states a table passes through from before to after: expanded, fixed, contracted; pure.

Each state is a whole `Table`, so that the ALTER between two of them and its inverse come from the same function.
Foreign keys are left out of them; parked columns are in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql.inspect_programs import names_in
from lockgate.engine.mysql.parking import park_column
from lockgate.engine.mysql.server import is_mariadb
from lockgate.model.schema import Column, Index, IndexPart, PrimaryKey, Table
from lockgate.model.server import Server


@dataclass(frozen=True)
class Way:
    """How a table gets from before to after.

    ``renames``: columns whose name only changes its case (before → after). ``parked``: column of before → reserved
    name; ``swapped``: those of them that are parked already in the fix, because a column of the same name comes.
    ``sources``: new column → parked generated column that it is filled from. ``filled``: new NOT NULL columns without
    a default, which the contraction fills. ``added``: all new columns; ``late``: those that come with the contraction;
    ``volatile``: those whose default differs from row to row and is given to rows by an UPDATE.
    """

    before: Table
    expanded: Table
    fixed: Table
    after: Table
    renames: dict[str, str] = field(default_factory=dict)
    parked: dict[str, str] = field(default_factory=dict)
    swapped: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)
    filled: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()


def plan_way(before: Table, after: Table, server: Server, names: ParkNames) -> Way:
    """Return the states between two tables of the same name, and the names of what is parked on the way."""
    return _Planner(before, after, server, names).plan()


def bare_table(table: Table) -> Table:
    """Return a table without what the states leave out."""
    return replace(table, foreign_keys=(), depends_on=(), text="")


class _Planner:
    def __init__(self, before: Table, after: Table, server: Server, names: ParkNames) -> None:
        self.after, self.server, self.names = bare_table(after), server, names
        self.renames = _case_renames(before, after)
        self.original = _mark_made_indexes(bare_table(before), before, after)
        self.before = rename_columns(self.original, self.renames)
        self.old = {c.name: c for c in self.before.columns}
        self.volatile = tuple(c.name for c in after.columns if c.name not in self.old and is_volatile(c, server))
        self.new = {c.name: c for c in after.columns}
        self.swaps = {n for n, c in self.new.items() if n in self.old and _is_swap(self.old[n], c)}
        self.kept = {n for n in self.new if n in self.old} - self.swaps
        self.late = tuple(c.name for c in after.columns if c.is_auto_increment and c.name not in self.kept)
        self.parked: dict[str, str] = {}
        self.sources: dict[str, str] = {}

    def plan(self) -> Way:
        for column in self.before.columns:
            self._park(column)
        expanded = self._expanded()
        fixed = self._fixed()
        after = self._contracted()
        if not self.renames and _is_same(expanded, self.before):
            expanded = self.original
        return Way(
            before=self.original,
            expanded=expanded,
            fixed=fixed,
            after=after,
            renames=self.renames,
            parked=self.parked,
            swapped=tuple(sorted(self.swaps & self.parked.keys())),
            sources=self.sources,
            volatile=self.volatile,
            filled=tuple(n for n, c in self.new.items() if n not in self.kept and _needs_fill(c)),
            added=tuple(n for n in self.new if n not in self.kept),
            late=self.late,
        )

    def _park(self, column: Column) -> None:
        is_gone = column.name not in self.new
        if is_gone and column.generated is None:
            self.parked[column.name] = self.names.next(column.name)
        elif column.name in self.swaps:
            target = self.new[column.name]
            if column.generated is None:
                self.parked[column.name] = self.names.next(column.name)
            elif target.generated is None:
                self.parked[column.name] = self.sources[column.name] = self.names.next(column.name)

    def _expanded(self) -> Table:
        simple = [n for n in self.new if n not in self.old and n not in self.late and self._is_simple(n)]
        columns = _insert(list(self.before.columns), self.after, simple, self._first)
        ready = {n for n in self.kept if _same_values(self.old[n], self.new[n])} | set(simple)
        indexes = list(self.before.indexes)
        taken = {i.name.lower() for i in indexes} | {i.name.lower() for i in self._redone()}
        for index in self.after.indexes:
            if not index.is_unique and index.name.lower() not in taken and _uses(index) <= ready:
                if _has_expression(index.parts) and not self._only_names(index.parts, ready):
                    continue
                if index.kind == "spatial" or any(_is_covered(i, index) for i in self.before.indexes):
                    continue
                if any(replace(i, name=index.name) == index for i in self.before.indexes):
                    continue
                indexes.append(index)
        return replace(self.before, columns=tuple(columns), indexes=tuple(indexes))

    def _is_simple(self, name: str) -> bool:
        column = self.new[name]
        if name in self.volatile:
            return True
        if column.generated is None and column.default is None:
            return True
        used = names_in(column.generated.expression if column.generated else column.default or "") & self.new.keys()
        return all(n in self.kept and _same_values(self.old[n], self.new[n]) for n in used)

    def _only_names(self, parts: tuple[IndexPart, ...], ready: set[str]) -> bool:
        used = frozenset[str]().union(*(names_in(p.expression) for p in parts if p.expression))
        return used & (self.new.keys() | self.old.keys()) <= ready

    def _relaxed(self, column: Column) -> Column:
        """A column as it stands before the contraction: nullable where that one fills it."""
        if column.name in self.kept:
            old = self.old[column.name]
            is_nullable = column.is_nullable or (old.is_nullable and old.generated is None)
            turns_on = column.is_auto_increment and not old.is_auto_increment
            if column.is_nullable and not old.is_nullable and self._is_key(column.name):
                return replace(column, is_nullable=False, default=None if column.default == "NULL" else column.default)
            # DEFAULT NULL goes when NOT NULL comes: leaving it out earlier says nothing to the server.
            default = (
                old.default if is_nullable and column.default is None and old.default == "NULL" else column.default
            )
            increments = column.is_auto_increment and not turns_on
            return replace(column, is_nullable=is_nullable, default=default, is_auto_increment=increments)
        if column.name in self.volatile:
            return replace(column, is_nullable=True)
        return replace(column, is_nullable=True) if _needs_fill(column) else column

    def _first(self, column: Column) -> Column:
        """A column as the expansion adds it: a volatile default comes later."""
        column = self._relaxed(column)
        return replace(column, default=None) if column.name in self.volatile else column

    def _is_key(self, name: str) -> bool:
        key = self.before.primary_key
        return key is not None and name in _uses_parts(key)

    def _fixed(self) -> Table:
        columns: list[Column] = []
        for column in self.before.columns:
            name = column.name
            if name in self.kept:
                columns.append(self._relaxed(self.new[name]))
            elif name in self.swaps:
                if name in self.parked:
                    columns.append(self._stored_away(column))
            else:
                columns.append(column)
        fresh = [n for n in self.new if n not in self.kept and n not in self.late]
        columns = _insert(columns, self.after, fresh, self._relaxed)
        touched = self._fix_touches()
        key = self.before.primary_key
        if key is not None and _uses_parts(key) & self.swaps:
            key = self.after.primary_key
        checks = list(self.after.checks)
        if self.late:
            checks = [c for c in checks if not names_in(c.expression) & set(self.late)]
        names = {c.name.lower() for c in checks}
        checks += [
            c for c in self.before.checks if c.name.lower() not in names and not names_in(c.expression) & touched
        ]
        return replace(
            self.after,
            columns=tuple(columns),
            indexes=tuple(_possible(self._fixed_indexes(touched), columns)),
            primary_key=key,
            checks=tuple(checks),
            partitioning=self.before.partitioning if self._keys_change() else self.after.partitioning,
        )

    def _keys_change(self) -> bool:
        return self.before.primary_key != self.after.primary_key or bool(self.late)

    def _fix_touches(self) -> frozenset[str]:
        """Columns whose indexes cannot simply stay through the fix."""
        changed = {n for n in self.kept if not _same_values(self.old[n], self.new[n])}
        return frozenset(changed | self.swaps)

    def _fixed_indexes(self, touched: frozenset[str]) -> list[Index]:
        late = set(self.late)
        result = [i for i in self.after.indexes if not (_uses(i) | _expression_names(i.parts)) & late]
        names = {i.name.lower() for i in self.after.indexes}
        redone = {i.name for i in self._redone()}
        for index in self.before.indexes:
            is_free = index.name.lower() not in names and index.name not in redone
            renamed = any(replace(index, name=i.name) == i for i in result)
            if is_free and not renamed and not (_uses(index) | _expression_names(index.parts)) & touched:
                result.append(index)
        return result

    def _redone(self) -> list[Index]:
        """Indexes that go in the same statement as another comes that covers them.

        The server drops an index it made for a foreign key by itself when one that covers it is added.
        """
        names = {i.name for i in self.after.indexes}
        adds = [i for i in self.after.indexes if i not in self.before.indexes]
        return [i for i in self.before.indexes if i.name not in names and any(_is_covered(i, a) for a in adds)]

    def _contracted(self) -> Table:
        columns: list[Column] = []
        for column in self.before.columns:
            if column.name in self.kept:
                columns.append(self.new[column.name])
            elif column.name in self.parked and column.name not in self.sources:
                columns.append(self._stored_away(column))
        columns = _insert(columns, self.after, [n for n in self.new if n not in self.kept], lambda c: c)
        return replace(self.after, columns=tuple(columns))

    def _stored_away(self, column: Column) -> Column:
        """A parked column: its values only, in nobody's way."""
        return park_column(column, self.parked[column.name], self.before, self.server)


def rename_columns(table: Table, renames: dict[str, str]) -> Table:
    """Return a table with columns renamed, keys and indexes following."""
    if not renames:
        return table

    def moved(parts: tuple[IndexPart, ...]) -> tuple[IndexPart, ...]:
        return tuple(replace(p, column=renames.get(p.column, p.column)) if p.column else p for p in parts)

    key = table.primary_key
    return replace(
        table,
        columns=tuple(replace(c, name=renames.get(c.name, c.name)) for c in table.columns),
        primary_key=None if key is None else replace(key, parts=moved(key.parts)),
        indexes=tuple(replace(i, parts=moved(i.parts)) for i in table.indexes),
    )


def _mark_made_indexes(table: Table, before: Table, after: Table) -> Table:
    """Mark indexes that the server may have made for a foreign key, when an index comes that covers them.

    It drops such an index by itself then; marked, it differs from the one that stays, and is made anew with it.
    """
    adds = [i for i in after.indexes if i not in before.indexes]
    made = {key.columns for key in before.foreign_keys}
    indexes = tuple(
        replace(i, options=(("made", "1"), *i.options))
        if tuple(p.column for p in i.parts) in made and i in after.indexes and any(_is_covered(i, a) for a in adds)
        else i
        for i in table.indexes
    )
    return replace(table, indexes=indexes)


_VOLATILE = frozenset({"uuid", "uuid_short", "uuid_v4", "uuid_v7", "rand", "random_bytes", "sys_guid", "user", "sleep"})


def is_volatile(column: Column, server: Server) -> bool:
    """Tell whether a default cannot be given to rows by ADD COLUMN: MySQL's binary log calls it unsafe (error 1674)."""
    if column.default is None or "(" not in column.default or is_mariadb(server):
        return False
    return bool({name.lower() for name in names_in(column.default)} & _VOLATILE)


def _case_renames(before: Table, after: Table) -> dict[str, str]:
    """Column names are the same in any case: one that changes its case is renamed."""
    names = {c.name.lower(): c.name for c in after.columns}
    kept = {c.name for c in after.columns}
    return {c.name: names[c.name.lower()] for c in before.columns if c.name not in kept and c.name.lower() in names}


def _is_swap(old: Column, new: Column) -> bool:
    """Tell whether a column cannot become the other by MODIFY without losing or inventing values."""
    if old.generated is None or new.generated is None:
        return (old.generated is None) != (new.generated is None)
    return False


def _needs_fill(column: Column) -> bool:
    if column.is_nullable or column.generated is not None or column.is_auto_increment:
        return False
    return column.default is None


def _same_values(old: Column, new: Column) -> bool:
    facts = ("type", "charset", "collation", "generated", "options")
    return all(getattr(old, fact) == getattr(new, fact) for fact in facts)


def _is_same(a: Table, b: Table) -> bool:
    return a == b


def _uses(index: Index) -> frozenset[str]:
    return frozenset(p.column for p in index.parts if p.column is not None)


def _uses_parts(key: PrimaryKey) -> frozenset[str]:
    return frozenset(p.column for p in key.parts if p.column is not None)


def _has_expression(parts: tuple[IndexPart, ...]) -> bool:
    return any(p.expression is not None for p in parts)


def _expression_names(parts: tuple[IndexPart, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(names_in(p.expression) for p in parts if p.expression))


def _is_covered(index: Index, other: Index) -> bool:
    """Tell whether another index begins with all columns of this one."""
    return len(index.parts) <= len(other.parts) and all(
        a.column is not None and a.column == b.column for a, b in zip(index.parts, other.parts, strict=False)
    )


def _possible(indexes: list[Index], columns: list[Column]) -> list[Index]:
    """Leave out spatial indexes whose columns may be NULL yet."""
    nullable = {c.name for c in columns if c.is_nullable}
    return [i for i in indexes if i.kind != "spatial" or not _uses(i) & nullable]


def _insert(columns: list[Column], after: Table, fresh: list[str], adapt: Callable[[Column], Column]) -> list[Column]:
    """Put new columns behind those that stand before them in ``after``."""
    result = list(columns)
    order = [c.name for c in after.columns]
    for name in order:
        if name not in fresh:
            continue
        column = adapt(next(c for c in after.columns if c.name == name))
        at = 0
        for earlier in reversed(order[: order.index(name)]):
            found = next((i for i, c in enumerate(result) if c.name == earlier), None)
            if found is not None:
                at = found + 1
                break
        result.insert(at, column)
    return result
