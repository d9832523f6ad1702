"""The swap of mirrored columns: all names, defaults and programs change sides in one short transaction; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_absorb import Absorbed
from lockgate.engine.postgres.mirror_function import mark_used, refuse_unfit
from lockgate.engine.postgres.mirror_identity import leave_identity, take_identity
from lockgate.engine.postgres.mirror_keys import Loose, Primary, add_loose, drop_loose, validate_loose
from lockgate.engine.postgres.mirror_pair import Pair, is_total, way_back, way_there
from lockgate.engine.postgres.mirror_parts import Carried
from lockgate.engine.postgres.mirror_statements import Mirror
from lockgate.engine.postgres.quote import quote_ident
from lockgate.model.op import Statement
from lockgate.model.schema import Column, Key


class Swap(NamedTuple):
    """Both directions of a swap.

    ``defaults`` are the columns whose default goes and comes with the swap, ``sequences`` names of sequences in SQL and
    the column each belongs to; ``loose`` foreign keys are dropped and added again in it.
    """

    mirror: Mirror
    parts: tuple[Carried, ...]
    readers: Absorbed
    defaults: frozenset[Key]
    sequences: tuple[tuple[str, str], ...]
    primary: Primary | None = None
    loose: tuple[Loose, ...] = ()

    def bind(self) -> tuple[Statement, ...]:
        """Return what proves NOT NULL of the shadows without holding anybody up."""
        return tuple(s for pair in self._bound() for s in self._bind(pair))

    def unbind(self) -> tuple[Statement, ...]:
        """Return what takes the proofs away again."""
        return tuple(self._drop_proof(pair) for pair in reversed(self._bound()))

    def there(self) -> tuple[Statement, ...]:
        """Return the swap that puts the new types in use."""
        befores, afters = self._columns()
        found = [*self.readers.leave(), *self._keys_leave(), *self._turn(befores, afters), *self._refusals()]
        found += [s for pair in self._bound() for s in (self._set_not_null(pair), self._drop_proof(pair))]
        found += [*self._keys_come(is_there=True), *self._identities_come(is_there=True)]
        found += [self.mirror.write_function(is_there=False), *self.readers.come(), self._mark(is_there=True)]
        return _joined(found)

    def redo(self) -> tuple[Statement, ...]:
        """Return what puts the new types in use once more, everything for the next way back included."""
        ready = [self.primary.make_ready(self.primary.new_index)] if self.primary else []
        again = [self.primary.make_ready(self.primary.old_index)] if self.primary else []
        return (*ready, *self.bind(), *self.there(), *validate_loose(self.loose), *again)

    def back_again(self) -> tuple[Statement, ...]:
        """Return the swap that puts the old types in use, and all that stood before the swap there, exactly as it was.

        A run that dies before the swap is undone by what follows this, so it has to lead through the same states.
        """
        ready = [self.primary.make_ready(self.primary.old_index)] if self.primary else []
        again = [self.primary.make_ready(self.primary.new_index)] if self.primary else []
        found = [*self._turned_back(), *(self._set_not_null(pair) for pair in self._bound())]
        found += [*self._keys_come(is_there=False), *self._identities_come(is_there=False)]
        swap = _joined([*found, *self._settled()])
        proofs = [self._add_proof(pair, pair.shadow, is_valid=True) for pair in self._bound()]
        return (*ready, *swap, *validate_loose(self.loose), *again, *proofs)

    def revert(self) -> tuple[Statement, ...]:
        """Return the same swap under a short lock; NOT NULL is proven before it (keys) or set after it."""
        ready = [self.primary.make_ready(self.primary.old_index)] if self.primary else []
        again = [self.primary.make_ready(self.primary.new_index)] if self.primary else []
        late = [pair for pair in self._bound() if not self.is_key(pair)]
        return (
            *ready,
            *self.swap_keys(),
            *validate_loose(self.loose),
            *(s for pair in late for s in self.prove(pair)),
            *again,
        )

    def swap_keys(self) -> tuple[Statement, ...]:
        """Return the middle of a revert: the proof of columns of a key, and the swap."""
        early = [pair for pair in self._bound() if self.is_key(pair)]
        proofs = [s for pair in early for s in self._bind(pair)]
        found = [*self._turned_back()]
        found += [s for pair in early for s in (self._set_not_null(pair), self._drop_proof(pair))]
        found += [self._add_stand_in(pair) for pair in self._bound() if not self.is_key(pair)]
        found += [*self._keys_come(is_there=False), *self._identities_come(is_there=False)]
        return (*proofs, *_joined([*found, *self._settled()]))

    def swap_keys_softly(self) -> tuple[Statement, ...]:
        """Return the same where a key's column holds NULL: without NOT NULL and primary key, new rows bound."""
        found = [*self._turned_back(), *(self._add_stand_in(pair) for pair in self._bound())]
        return _joined([*found, *add_loose(self.loose), *self._settled()])

    def settle_keys(self) -> tuple[Statement, ...]:
        """Return what puts the key in its place once its columns hold no NULL."""
        assert self.primary is not None
        early = [pair for pair in self._bound() if self.is_key(pair)]
        found = [s for pair in early for s in (self._set_not_null(pair), self._drop_proof(pair))]
        keys = self.primary.come(self.primary.old_index)
        proofs = [s for pair in early for s in self._bind(pair, pair.before.name)]
        return (*proofs, *_joined([*found, *keys]))

    def prove(self, pair: Pair) -> tuple[Statement, ...]:
        """Return what puts NOT NULL in the place of the CHECK that a revert leaves."""
        proof = self._bind(pair, pair.before.name)
        return (*proof, self._set_not_null(pair), replace(self._drop_proof(pair), is_joined=True))

    def is_key(self, pair: Pair) -> bool:
        """Tell whether a column's NOT NULL is needed within the swap: by a primary key or an identity."""
        return pair.before.identity is not None or (self.primary is not None and self.primary.has(pair))

    def _bind(self, pair: Pair, column: str = "") -> tuple[Statement, ...]:
        # What a way back left in its place goes first.
        add = replace(self._add_proof(pair, column or pair.shadow), is_joined=True)
        return self._drop_proof(pair), add, self._validate(pair)

    def _columns(self) -> tuple[list[Column], list[Column]]:
        return [pair.before for pair in self.mirror.pairs], [pair.after for pair in self.mirror.pairs]

    def _keys_leave(self) -> list[Statement]:
        identities = [s for pair in self._identities() for s in leave_identity(self.mirror.table, pair)]
        return [*drop_loose(self.loose), *identities, *([self.primary.leave()] if self.primary else [])]

    def _identities(self) -> list[Pair]:
        return [pair for pair in self.mirror.pairs if pair.before.identity is not None]

    def _identities_come(self, *, is_there: bool) -> list[Statement]:
        table = self.mirror.table
        return [s for pair in self._identities() for s in take_identity(table, pair, is_there=is_there)]

    def _keys_come(self, *, is_there: bool) -> list[Statement]:
        found = []
        if self.primary is not None:
            found = self.primary.come(self.primary.new_index if is_there else self.primary.old_index)
        return [*found, *add_loose(self.loose)]

    def _turned_back(self) -> list[Statement]:
        befores, afters = self._columns()
        return [*self.readers.go(), *self._keys_leave(), *self._turn(afters, befores)]

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

    def _add_proof(self, pair: Pair, column: str, *, is_valid: bool = False) -> Statement:
        text = f"ADD CONSTRAINT {quote_ident(pair.proof)} CHECK ({quote_ident(column)} IS NOT NULL)"
        if is_valid:
            return statement(f"ALTER TABLE {self.mirror.on} {text}", "add_check")
        return statement(f"ALTER TABLE {self.mirror.on} {text} NOT VALID", "add_check_not_valid")

    def _add_stand_in(self, pair: Pair) -> Statement:
        """Return the CHECK that binds new rows, and lets those be written to whose value waits in the parked column."""
        either = f"{quote_ident(pair.before.name)} IS NOT NULL OR {quote_ident(pair.shadow)} IS NOT NULL"
        text = f"ADD CONSTRAINT {quote_ident(pair.proof)} CHECK ({either}) NOT VALID"
        return statement(f"ALTER TABLE {self.mirror.on} {text}", "add_check_not_valid")

    def _validate(self, pair: Pair) -> Statement:
        text = f"ALTER TABLE {self.mirror.on} VALIDATE CONSTRAINT {quote_ident(pair.proof)}"
        # Outside of any transaction: it reads the table, and the lock of what stands before it must be gone.
        return statement(text, "validate", is_transactional=False, is_idempotent=True)

    def _drop_proof(self, pair: Pair) -> Statement:
        text = f"ALTER TABLE {self.mirror.on} DROP CONSTRAINT IF EXISTS {quote_ident(pair.proof)}"
        return statement(text, "drop_constraint", is_idempotent=True)

    def _mark(self, *, is_there: bool) -> Statement:
        ways = [way_back(pair) if is_there else way_there(pair) for pair in self.mirror.pairs]
        return statement(mark_used(ways), "catalogue")


def _joined(found: Sequence[Statement]) -> tuple[Statement, ...]:
    return tuple(replace(s, is_joined=number > 0) for number, s in enumerate(found))
