"""Ops for views, triggers, routines and events: replaced where the server can, else dropped and created; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from lockgate.engine.mysql.draft import Draft, ddl, setting
from lockgate.engine.mysql.lexer import code_tokens, quote_name
from lockgate.engine.mysql.render_programs import needed_names, order_definitions, render_definition, surround
from lockgate.engine.mysql.server import has_or_replace_programs
from lockgate.model.change import AlterObject, Change, CreateObject, DropObject
from lockgate.model.keys import key_of
from lockgate.model.op import CONTRACT, FIX, Hazard, HazardKind, Op, Statement
from lockgate.model.schema import Definition, Key
from lockgate.model.server import Server


@dataclass
class ProgramPlan:
    """What happens to views and programs.

    ``relations``: names of all tables and views of both schemas. ``late``: names of columns and tables that exist only
    after the contraction; what mentions one waits for it. ``is_renaming``: names change on the way, so that no text of
    before and no text of after can be understood at the same moment. ``resting``: tables whose rows the plan itself
    updates; their UPDATE triggers are dropped before and created afterwards, so that they do not fire for it.
    """

    server: Server
    relations: frozenset[str]
    existing: Sequence[Definition]
    late: frozenset[str] = frozenset()
    is_renaming: bool = False
    resting: frozenset[str] = frozenset()
    created: dict[tuple[str, str], CreateObject] = field(default_factory=dict)
    dropped: dict[tuple[str, str], DropObject] = field(default_factory=dict)
    altered: dict[tuple[str, str], AlterObject] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._order: dict[tuple[str, str], list[str]] = {}
        self._rested: set[tuple[str, str]] = set()
        for trigger in order_definitions(d for d in self.existing if d.kind == "trigger"):
            self._order.setdefault(_moment(trigger), []).append(trigger.name)

    def take(self, changes: Iterable[Change]) -> None:
        """Sort out the changes of views and programs."""
        for change in changes:
            if isinstance(change, CreateObject) and isinstance(change.object, Definition):
                self.created[change.object.kind, change.object.name] = change
            elif isinstance(change, DropObject) and isinstance(change.object, Definition):
                self.dropped[change.object.kind, change.object.name] = change
            elif isinstance(change, AlterObject) and isinstance(change.after, Definition):
                self.altered[change.after.kind, change.after.name] = change
        for key in [k for k in self.created if k in self.dropped]:
            create, drop = self.created.pop(key), self.dropped.pop(key)
            self.altered[key] = AlterObject(before=drop.object, after=create.object)

    def rest(self, draft: Draft) -> None:
        """Drop the UPDATE triggers of resting tables for the time being; `build` with ``is_late`` brings them back."""
        for trigger in order_definitions(d for d in self.existing if self._rests(d)):
            key = ("trigger", trigger.name)
            if key in self.dropped:
                draft.add(self._drop_op(trigger, FIX), self._touched(trigger))
                self.dropped.pop(key)
                continue
            self.altered.setdefault(key, AlterObject(before=trigger, after=trigger))
            draft.add(replace(self._drop_op(trigger, FIX), changes=()), self._touched(trigger))
            self._rested.add(key)

    def _rests(self, definition: Definition) -> bool:
        return definition.kind == "trigger" and definition.table in self.resting and events_of(definition) == "UPDATE"

    def drop_early(self, draft: Draft, names: frozenset[str]) -> None:
        """Drop views that cannot live through the change, and those whose names are needed (``names``)."""
        gone = [_before(self.altered[k]) for k in self._split_views()]
        gone += [c for k, c in self._dropped() if k[0] == "view" and (k[1] in names or self.is_renaming)]
        for view in reversed(order_definitions(gone)):
            draft.add(self._drop_op(view, FIX), self._touched(view))
            self.dropped.pop(("view", view.name), None)

    def _dropped(self) -> list[tuple[tuple[str, str], Definition]]:
        return [(k, c.object) for k, c in sorted(self.dropped.items()) if isinstance(c.object, Definition)]

    def _split_views(self) -> list[tuple[str, str]]:
        """Altered views that are dropped and created: those that use each other, or names that change."""
        views = {k: c for k, c in self.altered.items() if k[0] == "view"}
        names = {k[1] for k in views} | {k[1] for k in self.dropped if k[0] == "view"}
        names |= {k[1] for k in self.created if k[0] == "view"}
        split: set[tuple[str, str]] = set()
        for key, change in sorted(views.items()):
            used = needed_names(_before(change), names) | needed_names(_after(change), names)
            if used or self.is_renaming:
                split.add(key)
                split |= {("view", name) for name in used if ("view", name) in views}
        return sorted(split)

    def drop_triggers(self, draft: Draft, tables: frozenset[str], *, is_all: bool = False) -> None:
        """Drop the triggers to be dropped of some tables, or all."""
        for key, trigger in self._dropped():
            if key[0] == "trigger" and (is_all or trigger.table in tables):
                draft.add(self._drop_op(trigger, CONTRACT), self._touched(trigger))
                self.dropped.pop(key)

    def build(self, draft: Draft, *, is_late: bool) -> None:
        """Create and replace what can be now; what waits for the contraction comes with ``is_late``."""
        split = set(self._split_views())
        pending = [_after(c) for c in self.altered.values()]
        pending += [c.object for c in self.created.values() if isinstance(c.object, Definition)]
        waiting = self._waiting(pending)
        for definition in order_definitions(pending):
            key = (definition.kind, definition.name)
            if (key in waiting) != is_late:
                continue
            if key in self._rested:
                change = self.altered[key]
                op = self._create_op(definition)
                told = () if change.before == change.after else (change,)
                draft.add(replace(op, changes=told), self._touched(definition))
            elif key in self.altered and key not in split:
                self._replace(draft, _before(self.altered[key]), definition)
            else:
                draft.add(self._create_op(definition), self._touched(definition))

    def _waiting(self, pending: Sequence[Definition]) -> set[tuple[str, str]]:
        waiting: set[tuple[str, str]] = set()
        names = set(self.late)
        for definition in order_definitions(pending):
            is_waiting = definition.kind in ("view", "trigger") and needed_names(definition, names)
            if is_waiting or self._rests(definition):
                waiting.add((definition.kind, definition.name))
                if definition.kind == "view":
                    names.add(definition.name)
            elif ("trigger", dict(definition.options).get("follows", "")) in waiting:
                waiting.add((definition.kind, definition.name))
        return waiting

    def drop_rest(self, draft: Draft) -> None:
        """Drop what only the live schema has."""
        for definition in reversed(order_definitions(d for _, d in self._dropped())):
            draft.add(self._drop_op(definition, CONTRACT), self._touched(definition))

    def _touched(self, definition: Definition) -> frozenset[str]:
        own = f"{definition.kind} {definition.name}"
        if definition.kind == "view":
            functions = {f"function {d.name}" for d in self._functions() if needed_names(definition, [d.name])}
            return needed_names(definition, self.relations) | {definition.name, own} | functions
        if definition.table is not None:
            return frozenset({own, definition.table})
        return frozenset({own})

    def _functions(self) -> list[Definition]:
        found = [d for d in self.existing if d.kind == "function"]
        return found + [
            c.object for c in self.created.values() if isinstance(c.object, Definition) and c.object.kind == "function"
        ]

    def _replace(self, draft: Draft, before: Definition, after: Definition) -> None:
        is_alone = after.kind != "trigger" or len(self._order.get(_moment(before), [])) <= 1
        is_same_place = before.table == after.table and (after.kind != "trigger" or _moment(before) == _moment(after))
        can_replace = after.kind == "view" or has_or_replace_programs(self.server)
        if can_replace and is_alone and is_same_place:
            draft.add(self._replace_op(before, after), self._touched(before) | self._touched(after))
        else:
            draft.add(self._drop_op(before, FIX), self._touched(before))
            draft.add(self._create_op(after), self._touched(after))

    def _replace_op(self, before: Definition, after: Definition) -> Op:
        hazards = [Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"{after.kind} {after.name} behaves differently")]
        return Op(
            title=f"replace {after.kind} {after.name}",
            stage=FIX,
            table=_table_of(after),
            changes=(AlterObject(before=before, after=after),),
            forward=self._statements(after, render_definition(after, is_replacing=True), hazards),
            backward=self._statements(before, render_definition(before, is_replacing=True)),
        )

    def _create_op(self, definition: Definition) -> Op:
        sql = render_definition(self._ordered(definition, is_new=True), precedes=self._next(definition))
        return Op(
            title=f"create {definition.kind} {definition.name}",
            stage=FIX,
            table=_table_of(definition),
            changes=(CreateObject(object=definition),),
            forward=self._statements(definition, sql),
            backward=(_drop_statement(definition),),
        )

    def _drop_op(self, definition: Definition, stage: int) -> Op:
        placed = self._ordered(definition, is_new=False)
        sql = render_definition(placed, precedes=self._next(definition))
        if definition.kind == "trigger":
            self._order[_moment(definition)].remove(definition.name)
        hazards = [Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"{definition.kind} {definition.name} goes")]
        if stage == FIX:
            hazards = []
        drop = _drop_statement(definition, hazards)
        return Op(
            title=f"drop {definition.kind} {definition.name}",
            stage=stage,
            table=_table_of(definition),
            changes=(DropObject(object=definition),),
            forward=(drop,),
            backward=self._statements(definition, sql),
        )

    def _ordered(self, definition: Definition, *, is_new: bool) -> Definition:
        """Return a trigger with the place it has among those that exist at this moment."""
        if definition.kind != "trigger":
            return definition
        order = self._order.setdefault(_moment(definition), [])
        options = dict(definition.options)
        follows = options.pop("follows", None)
        if is_new:
            order.insert(order.index(follows) + 1 if follows in order else 0, definition.name)
        at = order.index(definition.name)
        if at > 0:
            options["follows"] = order[at - 1]
        return replace(definition, options=tuple(sorted(options.items())))

    def _next(self, definition: Definition) -> str:
        order = self._order.get(_moment(definition), []) if definition.kind == "trigger" else []
        at = order.index(definition.name) if definition.name in order else -1
        return order[1] if at == 0 and len(order) > 1 else ""

    def _statements(self, definition: Definition, sql: str, hazards: Sequence[Hazard] = ()) -> tuple[Statement, ...]:
        return tuple(
            ddl(text, hazards=hazards) if text == sql else setting(text)
            for text in surround(definition, sql, self.server)
        )


def _before(change: AlterObject) -> Definition:
    assert isinstance(change.before, Definition)
    return change.before


def _after(change: AlterObject) -> Definition:
    assert isinstance(change.after, Definition)
    return change.after


def _table_of(definition: Definition) -> Key | None:
    return Key("table", "", definition.table) if definition.table is not None else key_of(definition)


def _drop_statement(definition: Definition, hazards: Sequence[Hazard] = ()) -> Statement:
    return ddl(f"DROP {definition.kind.upper()} {quote_name(definition.name)}", hazards=hazards)


def _moment(trigger: Definition) -> tuple[str, str]:
    """Return a trigger's table, and its time and event, which its order is within."""
    words = [t.upper for t in code_tokens(trigger.sql)[:14]]
    for i, word in enumerate(words[:-1]):
        if word in ("BEFORE", "AFTER") and words[i + 1] in ("INSERT", "UPDATE", "DELETE"):
            return trigger.table or "", f"{word} {words[i + 1]}"
    return trigger.table or "", ""


def events_of(trigger: Definition) -> str:
    """Return INSERT, UPDATE or DELETE."""
    return _moment(trigger)[1].rpartition(" ")[2]
