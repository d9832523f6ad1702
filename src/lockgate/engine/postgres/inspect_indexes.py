"""Build the model's indexes from a reading: parts are taken apart from the server's own definition text; pure."""

from __future__ import annotations

import re

from msgspec.structs import replace

from lockgate.engine.postgres.dependencies import PG_CLASS
from lockgate.engine.postgres.normalize import stabilize
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.reading import Reading
from lockgate.engine.postgres.render import render_index, split_options
from lockgate.engine.postgres.rows import IndexRow, RelationRow
from lockgate.model.schema import Index, IndexPart

_TAIL = re.compile(
    r"(?: COLLATE (?P<collation>(?:\"(?:[^\"]|\"\")*\"|[^\s\".]+)(?:\.(?:\"(?:[^\"]|\"\")*\"|[^\s\"]+))?))?"
    r"(?: (?P<opclass>(?!DESC\b|NULLS\b).*?))?(?P<desc> DESC)?(?: NULLS (?P<nulls>FIRST|LAST))?\Z",
    re.S,
)


def owns_name(reading: Reading, table: RelationRow, index: IndexRow) -> bool:
    """Tell whether a partition's attached index differs from what the parent's index would make by itself."""
    from lockgate.engine.postgres.inspect_columns import make_object_name

    parent = reading.index_by_oid.get(index.parent or 0)
    if parent is None or not parent.is_valid or (parent.constraint is None) != (index.constraint is None):
        return True
    suffix = "idx"
    columns = "_".join(index.parent_columns or ())
    for row in reading.constraints.get(table.oid, ()):
        if row.index_oid == index.oid:
            suffix = {"p": "pkey", "u": "key", "x": "excl"}[row.kind]
            columns = "" if row.kind == "p" else columns
    is_plain = (
        index.reloptions == parent.reloptions
        and index.tablespace == parent.tablespace
        and not index.statistics
        and reading.comment(PG_CLASS, index.oid) is None
    )
    return not (is_plain and index.name == make_object_name(table.name, columns, suffix))


def build_index(reading: Reading, table: RelationRow, row: IndexRow) -> Index | None:
    """Build one index that no constraint owns; None, and a report, when its text cannot be read."""
    names = reading.column_names.get(table.oid, {})
    numbers = [int(n) for n in row.columns.split()]
    if any(n and n not in names for n in numbers):
        return None
    try:
        index = _read_index(reading, row, names, numbers)
    except ValueError as problem:
        reading.report("index", f"{table.namespace}.{row.name}", str(problem))
        return None
    ours = render_index(index, table.namespace, table.name, with_options=False)
    if ours.replace('"', "") != _comparable(row).replace('"', ""):
        reading.report("index", f"{table.namespace}.{row.name}", f"its definition is not understood: {row.definition}")
        return None
    parts = tuple(replace(p, expression=stabilize(p.expression)) if p.expression else p for p in index.parts)
    return replace(index, parts=parts, where=stabilize(index.where))


def _read_index(reading: Reading, row: IndexRow, names: dict[int, str], numbers: list[int]) -> Index:
    texts = _split_parts(row.definition or "", row.method)[: row.key_count]
    parts = []
    for position, text in enumerate(texts):
        number = numbers[position]
        parts.append(_read_part(text, names.get(number), (row.keys or [""] * row.key_count)[position]))
    return Index(
        name=row.name,
        parts=tuple(parts),
        is_unique=row.is_unique,
        method=row.method,
        include=tuple(names[n] for n in numbers[row.key_count :]),
        where=row.where,
        is_valid=row.is_valid or row.kind == "I",
        nulls_not_distinct=row.nulls_not_distinct,
        comment=reading.comment(PG_CLASS, row.oid),
        options=tuple(sorted(_options(reading, row))),
        depends_on=reading.depends.of(PG_CLASS, row.oid),
    )


def _options(reading: Reading, row: IndexRow) -> list[tuple[str, str]]:
    options = split_options("reloption:", row.reloptions) if row.reloptions else []
    if row.tablespace:
        options.append(("tablespace", row.tablespace))
    if row.parent is not None:
        options.append(("attached_to", reading.index_by_oid[row.parent].name))
    if row.kind == "I" and not row.is_valid:
        options.append(("only", "true"))
    for text in row.statistics or ():
        number, _, value = text.partition(":")
        options.append((f"statistics:{number}", value))
    names = reading.depends.extensions.get((PG_CLASS, row.oid))
    if names:
        options.append(("extension_dependency", ", ".join(sorted(reading.extension_names[oid] for oid in names))))
    return options


def _read_part(text: str, column: str | None, key: str) -> IndexPart:
    heads = (f"({key})", key) if column is None else (quote_ident(column), f'"{column}"', column)
    head = next((h for h in heads if text.startswith(h)), None)
    if head is None:
        raise ValueError(f"the key {text!r} does not begin with {heads[0]!r}")
    match = _TAIL.match(text[len(head) :])
    if match is None:
        raise ValueError(f"the key {text!r} cannot be read")
    return IndexPart(
        column=column,
        expression=None if column is not None else head,
        is_descending=match["desc"] is not None,
        nulls=match["nulls"].lower() if match["nulls"] else None,
        collation=match["collation"],
        operator_class=match["opclass"],
    )


def _split_parts(definition: str, method: str) -> list[str]:
    """Return the texts between the commas of the key list."""
    marker = f" USING {quote_ident(method)} ("
    start = definition.find(marker)
    if start < 0:
        raise ValueError(f"no key list in {definition!r}")
    parts, depth, begin, i = [], 0, start + len(marker), start + len(marker)
    while i < len(definition):
        char = definition[i]
        if char in "'\"":
            i = _skip_quoted(definition, i)
        elif char in "([":
            depth += 1
        elif char in ")]" and depth:
            depth -= 1
        elif char == ")" or (char == "," and not depth):
            parts.append(definition[begin:i].strip())
            begin = i + 1
            if char == ")":
                return parts
        i += 1
    raise ValueError(f"the key list of {definition!r} has no end")


def _skip_quoted(text: str, start: int) -> int:
    """Return the position of the closing quote (escape strings are recognised by the E before)."""
    quote, is_escape = text[start], start > 0 and text[start - 1] == "E"
    i = start + 1
    while i < len(text):
        if is_escape and text[i] == "\\":
            i += 2
            continue
        if text[i] == quote:
            if text[i + 1 : i + 2] != quote:
                return i
            i += 1
        i += 1
    raise ValueError("a quote has no end")


_WITH = re.compile(r" WITH \((?:[^()']|'(?:[^']|'')*')*\)(?= TABLESPACE | WHERE |\Z)")
_TABLESPACE = re.compile(r" TABLESPACE (?:\"(?:[^\"]|\"\")*\"|\S+)(?= WHERE |\Z)")


def _comparable(row: IndexRow) -> str:
    """Return the definition without storage parameters and tablespace, which stand in the options."""
    text = row.definition or ""
    if row.kind == "I" and row.is_valid:
        text = text.replace(" ON ONLY ", " ON ", 1)
    if row.reloptions:
        text = _WITH.sub("", text, count=1)
    if row.tablespace:
        text = _TABLESPACE.sub("", text, count=1)
    return text
