"""Map the catalogue's pg_depend to keys of the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

from lockgate.model.schema import Key

Address: TypeAlias = tuple[int, int, int]

PG_CLASS, PG_TYPE, PG_PROC, PG_CONSTRAINT = 1259, 1247, 1255, 2606
_NO_KEYS: tuple[Key, ...] = ()


class Dependencies:
    """What each catalogue object uses, as keys, once all objects are registered."""

    def __init__(self, rows: Iterable[tuple[Any, ...]], members: dict[tuple[int, int], str]) -> None:
        self._members = members
        self._keys: dict[Address, Key] = {}
        self._uses: dict[Address, list[Address]] = defaultdict(list)
        self.extensions: dict[tuple[int, int], list[str]] = defaultdict(list)
        for class_id, oid, sub, ref_class, ref_oid, ref_sub, kind in rows:
            if kind != "x":
                self._uses[class_id, oid, sub].append((ref_class, ref_oid, ref_sub))
            else:
                self.extensions[class_id, oid].append(ref_oid)

    def register(self, class_id: int, oid: int, key: Key, sub: int = 0) -> None:
        """Say which key a catalogue object (or column ``sub`` of it) has in the model."""
        self._keys[class_id, oid, sub] = key

    def key(self, class_id: int, oid: int, sub: int = 0) -> Key | None:
        """Return the key of a catalogue object; an extension's member gives the extension."""
        extension = self._members.get((class_id, oid))
        if extension is not None:
            return Key("extension", "", extension)
        return self._keys.get((class_id, oid, sub)) or self._keys.get((class_id, oid, 0))

    def of(self, class_id: int, oid: int, sub: int = 0, *, but: Key | None = None) -> tuple[Key, ...]:
        """Return the keys an object uses, sorted, itself and ``but`` left out."""
        uses = self._uses.get((class_id, oid, sub))
        if not uses:
            return _NO_KEYS
        own = self._keys.get((class_id, oid, sub))
        found = {key for use in uses if (key := self.key(*use)) is not None}
        return tuple(sorted(key for key in found if key not in (own, but)))
