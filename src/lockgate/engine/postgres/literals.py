"""The literal of a key's value, as an SQL expression over its column; pure.

A literal is a quoted string without a type: compared with the column it is read as the column's own type. Source:
PostgreSQL manual, "Operator Type Resolution", rule 2a. `tests/engine/test_key_literals.py` walks tables of every type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lockgate.engine.postgres.quote import quote_ident
from lockgate.model.schema import Column

# No order of their own (no btree operators), or a text that depends on the server's locale (money).
_UNORDERED = re.compile(
    r"(pg_catalog\.)?(json|xml|money|point|line|lseg|box|path|polygon|circle|xid|cid|aclitem|refcursor|jsonpath)(\(|\[|$)"
)


def key_literal(column: Column) -> str | None:
    """Return an SQL expression that turns a column's value into the text of a literal which is read as that value.

    None: the type cannot be walked.
    """
    if _UNORDERED.match(column.type):
        return None
    return f"pg_catalog.quote_literal({_as_text(column)})"


def walk_key(columns: Sequence[Column]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return `Chunked.columns` and `Chunked.literals` for a key of these columns; None when it cannot be walked."""
    literals = tuple(key_literal(column) for column in columns)
    known = tuple(literal for literal in literals if literal is not None)
    if len(known) < len(columns):
        return None
    return tuple(quote_ident(column.name) for column in columns), known


def _as_text(column: Column) -> str:
    """Return the column as text that does not depend on the session's DateStyle and TimeZone."""
    name = quote_ident(column.name)
    if re.match(r"(timestamp|date\b)", column.type) and not column.type.endswith("]"):
        # row_to_json writes ISO 8601 whatever DateStyle says, infinity and years before Christ included.
        return f"(pg_catalog.to_json({name}) #>> '{{}}')"
    return f"{name}::pg_catalog.text"
