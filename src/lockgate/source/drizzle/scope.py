"""Where names are looked up: a chain of blocks that ends in a module, and the module itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lockgate.source.drizzle.values import Obj, Place, Value


@dataclass(frozen=True)
class Import:
    """A name that another module owns; ``name`` is ``*`` for the whole module, ``default`` for its default export."""

    source: str
    name: str
    place: Place


@dataclass(eq=False)
class Module:
    """One file: its text and tree, its names, and what it exports.

    ``exports`` maps an exported name to a local name or an import; ``stars`` are the sources of ``export * from``.
    """

    path: Path
    shown: str
    text: bytes
    root: Any
    scope: Scope = field(init=False)
    exports: dict[str, str | Import] = field(default_factory=dict)
    stars: list[Import] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    common: Obj = field(default_factory=Obj)
    is_run: bool = False
    first_error: int = 0

    def __post_init__(self) -> None:
        self.scope = Scope(self, None)

    def text_of(self, node: Any) -> str:
        """Return the source text of a node."""
        return self.text[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def place_of(self, node: Any) -> Place:
        """Return where a node begins."""
        return Place(self.shown, node.start_point[0] + 1)


class Scope:
    """The names of one block."""

    __slots__ = ("module", "names", "parent")

    def __init__(self, module: Module, parent: Scope | None) -> None:
        self.module = module
        self.parent = parent
        self.names: dict[str, Value] = {}

    def owner_of(self, name: str) -> Scope | None:
        """Return the nearest block that has the name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope
            scope = scope.parent
        return None
