"""The swap of mirrored columns: all names, defaults and programs change sides in one short transaction; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_absorb import Absorbed
from lockgate.engine.postgres.mirror_function import mark_used, refuse_unfit
from lockgate.engine.postgres.mirror_pair import Pair, is_total, way_back, way_there
from lockgate.engine.postgres.mirror_parts import Carried
from lockgate.engine.postgres.mirror_statements import Mirror
from lockgate.engine.postgres.quote import quote_ident
from lockgate.model.op import Statement
from lockgate.model.schema import Column, Key


class Swap(NamedTuple):
    """Both directions of a swap.

    ``defaults`` are the columns whose default goes and comes with the swap, ``sequences`` names of sequences in SQL and
    the column each belongs to.
    """

    mirror: Mirror
    parts: tuple[Carried, ...]
    readers: Absorbed
    defaults: frozenset[Key]
    sequences: tuple[tuple[str, str], ...]

    def bind(self) -> tuple[Statement, ...]:
        """Return what proves NOT NULL of the shadows without holding anybody up."""
        found: list[Statement] = []
        for pair in self._bound():
            # What a way back with debt left in its place goes first.
            found += [self._drop_proof(pair), replace(self._add_proof(pair, pair.shadow), is_joined=True)]
            found.append(self._validate(pair))
        return tuple(found)

    def unbind(self) -> tuple[Statement, ...]:
        """Return what takes the proofs away again."""
        return tuple(self._drop_proof(pair) for pair in self._bound())

    def there(self) -> tuple[Statement, ...]:
        """Return the swap that puts the new types in use."""
        found = self._turn([pair.before for pair in self.mirror.pairs], [pair.after for pair in self.mirror.pairs])
        found += [*self._refusals(), *self.readers.leave()]
        found += [s for pair in self._bound() for s in (self._set_not_null(pair), self._drop_proof(pair))]
        found += [self.mirror.write_function(is_there=False), *self.readers.come()]
        found.append(self._mark(is_there=True))
        return _joined(found)

    def back_again(self) -> tuple[Statement, ...]:
        """Return the swap that puts the old types in use, exactly as they were."""
        found = [*self._turned_back(), *(self._set_not_null(pair) for pair in self._bound())]
        return _joined([*found, *self._settled()])

    def revert(self) -> tuple[Statement, ...]:
        """Return the same swap under a short lock, NOT NULL proven and set after it."""
        found = [*self._turned_back(), *(self._add_proof(pair, pair.before.name) for pair in self._bound())]
        swap = _joined([*found, *self._settled()])
        return (*swap, *(s for pair in self._bound() for s in self.prove(pair)))

    def prove(self, pair: Pair) -> tuple[Statement, ...]:
        """Return what turns the CHECK that a revert leaves into NOT NULL."""
        return self._validate(pair), self._set_not_null(pair), replace(self._drop_proof(pair), is_joined=True)

    def _turned_back(self) -> list[Statement]:
        afters, befores = [p.after for p in self.mirror.pairs], [p.before for p in self.mirror.pairs]
        return [*self._turn(afters, befores), *self.readers.go()]

    def _settled(self) -> list[Statement]:
        return [self.mirror.write_function(is_there=True), *self.readers.come_back(), self._mark(is_there=False)]

    def _bound(self) -> list[Pair]:
        return [pair for pair in self.mirror.pairs if not pair.before.is_nullable]

    def _refusals(self) -> list[Statement]:
        """Return what refuses the swap when values were written meanwhile that the new type cannot hold."""
        pairs = [pair for pair in self.mirror.pairs if not is_total(way_there(pair))]
        return [
            statement(refuse_unfit(self.mirror.table, self.mirror.key[0], way_there(p)), "save_rows") for p in pairs
        ]

    def _turn(self, parked: Sequence[Column], used: Sequence[Column]) -> list[Statement]:
        """Return what changes the names of columns and their parts, and gives defaults to those in use."""
        head = f"ALTER TABLE {self.mirror.on}"
        found: list[Statement] = []
        for pair, column in zip(self.mirror.pairs, parked, strict=True):
            name = quote_ident(pair.before.name)
            if column.default is not None and pair.key in self.defaults:
                found.append(statement(f"{head} ALTER COLUMN {name} DROP DEFAULT", "default"))
            if not pair.before.is_nullable:
                found.append(statement(f"{head} ALTER COLUMN {name} DROP NOT NULL", "drop_not_null"))
            for old, new in (
                (pair.before.name, pair.spare),
                (pair.shadow, pair.before.name),
                (pair.spare, pair.shadow),
            ):
                text = f"{head} RENAME COLUMN {quote_ident(old)} TO {quote_ident(new)}"
                found.append(statement(text, "rename"))
        found += [s for part in self.parts for s in part.exchange]
        for pair, column in zip(self.mirror.pairs, used, strict=True):
            if column.default is not None and pair.key in self.defaults:
                name = quote_ident(pair.before.name)
                found.append(statement(f"{head} ALTER COLUMN {name} SET DEFAULT {column.default}", "default"))
        for sequence, name in self.sequences:
            text = f"ALTER SEQUENCE {sequence} OWNED BY {self.mirror.on}.{quote_ident(name)}"
            found.append(statement(text, "sequence"))
        return found

    def _set_not_null(self, pair: Pair) -> Statement:
        return statement(column_sql.set_not_null(self.mirror.table, pair.before), "set_not_null")

    def _add_proof(self, pair: Pair, column: str) -> Statement:
        text = f"ADD CONSTRAINT {quote_ident(pair.proof)} CHECK ({quote_ident(column)} IS NOT NULL) NOT VALID"
        return statement(f"ALTER TABLE {self.mirror.on} {text}", "add_check_not_valid")

    def _validate(self, pair: Pair) -> Statement:
        text = f"ALTER TABLE {self.mirror.on} VALIDATE CONSTRAINT {quote_ident(pair.proof)}"
        return statement(text, "validate")

    def _drop_proof(self, pair: Pair) -> Statement:
        text = f"ALTER TABLE {self.mirror.on} DROP CONSTRAINT IF EXISTS {quote_ident(pair.proof)}"
        return statement(text, "drop_constraint", is_idempotent=True)

    def _mark(self, *, is_there: bool) -> Statement:
        ways = [way_back(pair) if is_there else way_there(pair) for pair in self.mirror.pairs]
        return statement(mark_used(ways), "catalogue")


def _joined(found: Sequence[Statement]) -> tuple[Statement, ...]:
    return tuple(replace(s, is_joined=number > 0) for number, s in enumerate(found))
