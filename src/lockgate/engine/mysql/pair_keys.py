"""The foreign keys of a pair of tables: both have them, for what a cascade changes no trigger sees; pure.

Their names are the whole database's. The server renames generated ones (``t_ibfk_1``) with their table; others are
given their names in place, once the tables have theirs, by statements that change nothing but the catalogue (measured
with foreign_key_checks = 0: INPLACE, LOCK=NONE on MySQL 9.7, even INSTANT on MariaDB 10.11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.mysql.draft import ddl, setting
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.pair_names import PairNames
from lockgate.engine.mysql.render import render_foreign_key
from lockgate.model.op import Statement
from lockgate.model.schema import ForeignKey
from lockgate.model.server import Server


@dataclass(frozen=True)
class PairKeys:
    """The foreign keys that both tables of a pair have."""

    names: PairNames
    keys: tuple[ForeignKey, ...]
    server: Server

    def create(self) -> tuple[Statement, ...]:
        """Give the new table its keys, and let rows be copied whose parents go meanwhile: they are compared later."""
        if not self.keys:
            return ()
        reserved = self._reserved("new")
        added = (self._add(replace(key, name=reserved.get(key.name, self._moved(key)))) for key in self.keys)
        return (_unchecked(0), ddl(f"ALTER TABLE {quote_name(self.names.new)} {', '.join(added)}"))

    def checked(self) -> tuple[Statement, ...]:
        """End what `create` began."""
        return (_unchecked(1),) if self.keys else ()

    def after_swap(self) -> tuple[Statement, ...]:
        """Give the new table the names, once it has the table's: the old one's are out of the way first."""
        own = {name: name for name in self._reserved("new")}
        return self._rename(
            (self.names.old, own, self._reserved("old")), (self.names.table, self._reserved("new"), own)
        )

    def after_return(self) -> tuple[Statement, ...]:
        """Give the old table the names back."""
        own = {name: name for name in self._reserved("new")}
        return self._rename(
            (self.names.new, own, self._reserved("new")), (self.names.table, self._reserved("old"), own)
        )

    def before_return(self) -> tuple[Statement, ...]:
        """Undo `after_swap` while the tables still have their names."""
        own = {name: name for name in self._reserved("new")}
        return self._rename(
            (self.names.table, own, self._reserved("new")), (self.names.old, self._reserved("old"), own)
        )

    def _rename(self, *tables: tuple[str, Mapping[str, str], Mapping[str, str]]) -> tuple[Statement, ...]:
        if not self._reserved("new"):
            return ()
        suffix = ", ALGORITHM=INPLACE, LOCK=NONE"
        statements = []
        for table, names, renamed in tables:
            clauses = [f"DROP FOREIGN KEY {quote_name(name)}" for name in names.values()]
            clauses += [self._add(replace(k, name=renamed[k.name])) for k in self.keys if k.name in renamed]
            statements.append(ddl(f"ALTER TABLE {quote_name(table)} {', '.join(clauses)}{suffix}"))
        return (_unchecked(0), *statements, _unchecked(1))

    def _add(self, key: ForeignKey) -> str:
        return f"ADD {render_foreign_key(key, self.server)}"

    def _is_generated(self, key: ForeignKey) -> bool:
        return re.fullmatch(re.escape(self.names.table) + r"_ibfk_\d+", key.name) is not None

    def _moved(self, key: ForeignKey) -> str:
        return self.names.new + key.name[len(self.names.table) :]

    def _reserved(self, side: str) -> dict[str, str]:
        """Return the keys with names of their own, and what they are called while the table is the mirror."""
        named = [key.name for key in self.keys if not self._is_generated(key)]
        return {name: f"{self.names.prefix}{side}_{number}" for number, name in enumerate(named)}


def _unchecked(value: int) -> Statement:
    return setting(f"SET SESSION foreign_key_checks = {value}")
