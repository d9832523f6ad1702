"""Tables that foreign keys refer to and the inspection did not see: gone, elsewhere, or hidden from this user."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from lockgate.engine.base import Engine, Session
from lockgate.errors import FailedError, StatementFailed
from lockgate.model.schema import Schema
from lockgate.verify.defects.lookup import Lookup, own_tables

Name: TypeAlias = tuple[str, str]


class Parents(NamedTuple):
    """Names (namespace, table) of parents that were not inspected: that exist, and that nobody here can tell of."""

    elsewhere: frozenset[Name] = frozenset()
    hidden: frozenset[Name] = frozenset()

    def is_gone(self, name: Name) -> bool:
        """Tell whether a parent that was not inspected certainly does not exist."""
        return name not in self.elsewhere and name not in self.hidden

    def describe_hidden(self) -> tuple[str, ...]:
        """Say which parents cannot be told of."""
        return tuple(f"table {'.'.join(p for p in name if p)}: this user cannot see it" for name in sorted(self.hidden))


def find_parents(engine: Engine, session: Session, schema: Schema) -> Parents:
    """Ask the server for each parent that the inspection did not see."""
    lookup = Lookup(schema)
    names = {(k.ref_namespace, k.ref_table) for t in own_tables(schema) for k in t.foreign_keys if not lookup.parent(k)}
    elsewhere, hidden = set(), set()
    for name in sorted(names):
        path = ".".join(engine.quote(part) for part in name if part)
        try:
            session.query(f"SELECT 1 FROM {path} LIMIT 0")
        except StatementFailed as error:
            if not engine.defects().is_missing_table(error):
                hidden.add(name)
        except FailedError:
            hidden.add(name)
        else:
            elsewhere.add(name)
    return Parents(frozenset(elsewhere), frozenset(hidden))
