"""Place tables as boxes on a plane: what is referred to stands left of what refers to it; pure and repeatable."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.model.keys import table_key
from lockgate.model.schema import Key, Schema, Table

CHAR_WIDTH, LINE_HEIGHT, PADDING = 7.3, 17.0, 10.0
GAP_X, GAP_Y = 90.0, 26.0
_SINGLES_IN_A_ROW = 5
_SWEEPS = 4


@dataclass(frozen=True)
class Box:
    """A table's place, in pixels from the upper left corner; ``lines`` are name, type and marks of its columns."""

    key: Key
    title: str
    lines: tuple[tuple[str, str, str], ...]
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Edge:
    """A foreign key: from the referring table to the one referred to."""

    child: Key
    parent: Key
    label: str


@dataclass(frozen=True)
class Drawing:
    """Boxes, edges between them, and the size of the whole."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float


def draw_schema(schema: Schema) -> Drawing:
    """Return where every table stands."""
    tables = {table_key(table): table for table in schema.tables}
    edges = tuple(
        Edge(key, Key("table", fk.ref_namespace, fk.ref_table), ", ".join(fk.columns))
        for key, table in tables.items()
        for fk in table.foreign_keys
        if Key("table", fk.ref_namespace, fk.ref_table) in tables
    )
    parents: dict[Key, set[Key]] = {key: set() for key in tables}
    for edge in edges:
        if edge.child != edge.parent:
            parents[edge.child].add(edge.parent)
    joined = {key for key in tables if parents[key]} | {p for found in parents.values() for p in found}
    columns = _order(_layers(sorted(joined), parents), parents)
    singles = sorted(tables.keys() - joined)
    boxes, bottom = _place_columns(columns, tables)
    boxes += _place_rows(singles, tables, bottom)
    width = max((box.x + box.width for box in boxes), default=0.0) + PADDING
    height = max((box.y + box.height for box in boxes), default=0.0) + PADDING
    return Drawing(tuple(boxes), edges, width, height)


def _layers(keys: list[Key], parents: dict[Key, set[Key]]) -> list[list[Key]]:
    """Return the keys by their distance from tables that refer to nothing; a cycle is cut where it is met first."""
    level: dict[Key, int] = {}
    for start in keys:
        stack: list[tuple[Key, bool]] = [(start, False)]
        on_way: set[Key] = set()
        while stack:
            key, is_done = stack.pop()
            if is_done:
                on_way.discard(key)
                level[key] = 1 + max((level[p] for p in parents[key] if p in level), default=-1)
            elif key not in level and key not in on_way:
                on_way.add(key)
                stack.append((key, True))
                stack += [(p, False) for p in sorted(parents[key], reverse=True) if p not in level]
    layers: list[list[Key]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for key in keys:
        layers[level[key]].append(key)
    return layers


def _order(layers: list[list[Key]], parents: dict[Key, set[Key]]) -> list[list[Key]]:
    """Move tables near the middle of what they are joined with, a few times to and fro."""
    joined: dict[Key, set[Key]] = {key: set(parents[key]) for layer in layers for key in layer}
    for key, found in parents.items():
        for parent in found:
            joined[parent].add(key)
    for _ in range(_SWEEPS):
        place = {key: i / max(1, len(layer)) for layer in layers for i, key in enumerate(layer)}
        layers = [sorted(layer, key=lambda k: (_middle(joined[k], place, k), k)) for layer in layers]
    return layers


def _middle(others: set[Key], place: dict[Key, float], key: Key) -> float:
    return sum(place[o] for o in others) / len(others) if others else place[key]


def _place_columns(columns: list[list[Key]], tables: dict[Key, Table]) -> tuple[list[Box], float]:
    boxes: list[Box] = []
    x, bottom = PADDING, PADDING
    for column in columns:
        y, widest = PADDING, 0.0
        for key in column:
            box = _box(key, tables[key], x, y)
            boxes.append(box)
            y += box.height + GAP_Y
            widest = max(widest, box.width)
        x += widest + GAP_X
        bottom = max(bottom, y)
    return boxes, bottom


def _place_rows(keys: list[Key], tables: dict[Key, Table], top: float) -> list[Box]:
    boxes: list[Box] = []
    y = top
    for start in range(0, len(keys), _SINGLES_IN_A_ROW):
        x, tallest = PADDING, 0.0
        for key in keys[start : start + _SINGLES_IN_A_ROW]:
            box = _box(key, tables[key], x, y)
            boxes.append(box)
            x += box.width + GAP_Y
            tallest = max(tallest, box.height)
        y += tallest + GAP_Y
    return boxes


def _box(key: Key, table: Table, x: float, y: float) -> Box:
    title = key.path
    primary = {part.column for part in table.primary_key.parts} if table.primary_key else set()
    foreign = {name for fk in table.foreign_keys for name in fk.columns}
    lines = tuple(
        (c.name, c.type, " ".join(m for m, is_so in (("PK", c.name in primary), ("FK", c.name in foreign)) if is_so))
        for c in table.columns
    )
    longest = max([len(title) + 10, *(len(name) + len(kind) + len(marks) + 4 for name, kind, marks in lines)])
    return Box(
        key, title, lines, x, y, longest * CHAR_WIDTH + 2 * PADDING, (len(lines) + 1) * LINE_HEIGHT + 2 * PADDING
    )
