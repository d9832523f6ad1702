"""Tables by the SHOW CREATE text they were read from, so that an equal text is not read twice in a process."""

from __future__ import annotations

import re

from lockgate.engine.memo import Memo
from lockgate.engine.mysql.show_create import Defaults, parse_table
from lockgate.model.schema import Schema, Table

_known: Memo[tuple[str, str], Table] = Memo()

# Behind the body, up to the end of the text, no quote and no parenthesis: no string and no partition, so what stands
# there is options only, and the counter is no part of the schema.
_COUNTER = re.compile(r"(\n\) ENGINE=\w+) AUTO_INCREMENT=\d+([\w =]*)\Z")


def read_table(sql: str, defaults: Defaults) -> Table:
    """Return the table a text describes; see `lockgate.engine.mysql.show_create.parse_table`.

    Raises:
        NotModelled: Something in it has no place in the model.
    """
    key = (_COUNTER.sub(r"\1\2", sql), defaults.digest)
    known = _known.get(key)
    return known if known is not None else _known.put(key, parse_table(sql, defaults))


def texts_of(schema: Schema) -> tuple[str, ...]:
    """Return the digest of the defaults, then the text of each table of a schema that this process read.

    Empty for a table that was not read from a text, or was changed since.
    """
    texts = {id(table): key for key, table in _known.items()}
    found = [texts.get(id(table), ("", "")) for table in schema.tables]
    digests = {digest for _, digest in found if digest}
    if len(digests) != 1:
        return ()
    return (digests.pop(), *(text for text, _ in found))


def prime(schema: Schema, texts: tuple[str, ...]) -> None:
    """Take the tables of a schema for what their texts describe; nothing when the texts are not theirs."""
    if len(texts) != len(schema.tables) + 1:
        return
    for table, text in zip(schema.tables, texts[1:], strict=True):
        if text:
            _known.put((text, texts[0]), table)
