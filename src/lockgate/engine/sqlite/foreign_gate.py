"""The gate that a new foreign key must pass: every row finds its parent row; pure."""

from __future__ import annotations

from lockgate.engine.sqlite.tokens import literal
from lockgate.model.schema import Table

GATE = "lockgate_references"


def reference_gate(old: Table, new: Table) -> list[str]:
    """Return the statements that fail when a foreign key which ``old`` has not finds no parent for a row.

    They run when the table has its new definition, and look at the new keys only: a reference that was broken before
    is no reason to fail.
    """
    added = [key for key in new.foreign_keys if key not in old.foreign_keys]
    if not added:
        return []
    named = " OR ".join(
        f'(f."table" = {literal(key.ref_table)} COLLATE NOCASE AND f."from" = {literal(key.columns[0])} COLLATE NOCASE)'
        for key in added
    )
    name = literal(new.name)
    return [
        f"CREATE TABLE {GATE} (orphans INTEGER CONSTRAINT every_row_must_have_its_parent CHECK (orphans = 0))",
        f"INSERT INTO {GATE} SELECT count(*) FROM pragma_foreign_key_check({name}) AS b"
        f" JOIN pragma_foreign_key_list({name}) AS f ON f.id = b.fkid AND f.seq = 0 WHERE {named}",
        f"DROP TABLE {GATE}",
    ]
