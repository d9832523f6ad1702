"""Park a whole table so that it ties nobody: its references sleep until it is back; pure.

A parked table keeps its rows, and with its foreign keys it would refuse, or follow, what is done to its parents.
"""

from __future__ import annotations

from lockgate.engine.sqlite.catalog import RELOAD, WRITABLE
from lockgate.engine.sqlite.park import shelve, unshelve
from lockgate.engine.sqlite.relax import Slack, named_text, relaxed_text
from lockgate.engine.sqlite.shape import names_itself
from lockgate.engine.sqlite.tokens import literal
from lockgate.model.schema import Table

_REFERENCES = Slack(not_null=frozenset(), checks=frozenset(), references=True, strict=False)
# Writing to sqlite_schema tells nobody that it changed; making and dropping a table does.
_TELL = ("CREATE TABLE lockgate_gate (changed INTEGER)", "DROP TABLE lockgate_gate")


def retire(table: Table, name: str) -> list[str]:
    """Return the statements that move a table, without indexes and triggers, to a reserved name."""
    if names_itself(table) or not table.foreign_keys:
        return shelve(table, name, is_copy=names_itself(table))
    return [*shelve(table, name, is_copy=False), *_write_text(name, relaxed_text(table, name, _REFERENCES))]


def bring_back(table: Table, name: str) -> list[str]:
    """Return the statements that bring it back, exactly as it was, without its indexes and triggers."""
    if names_itself(table) or not table.foreign_keys:
        return unshelve(table, name)
    return [*_write_text(name, named_text(table, name)), *unshelve(table, name)]


def _write_text(name: str, text: str) -> list[str]:
    where = f"type = 'table' AND name = {literal(name)}"
    return [WRITABLE, f"UPDATE sqlite_schema SET sql = {literal(text)} WHERE {where}", RELOAD, *_TELL]
