"""What texts were read into, so that an equal text is not read twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Values by what they were read from: the whole of it, so that a text that differs in one byte is read anew.

    Holds at most ``most`` and starts over when they are more.
    """

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return what was read from it, or None."""
        return self._values.get(key)

    def put(self, key: K, value: V) -> V:
        """Keep what was read from it, and return that."""
        if len(self._values) >= self._most:
            self._values.clear()
        self._values[key] = value
        return value

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield everything that is kept."""
        return iter(tuple(self._values.items()))

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
