"""Write parts of tables as SQL, the exact counterpart of `show_create`; pure."""

from __future__ import annotations

import re

from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.server import (
    has_ignored_indexes,
    keeps_explicit_collation,
    spells_default_action_restrict,
)
from lockgate.engine.mysql.show_create import has_charset
from lockgate.model.schema import Check, Column, ForeignKey, Index, IndexPart, PrimaryKey, Sequence, Table
from lockgate.model.server import Server

_OPTION_WORD = re.compile(r"[a-z_]+")


def render_column(column: Column, table: Table, server: Server) -> str:
    """Write a column's definition as it stands in CREATE TABLE, ADD COLUMN and MODIFY."""
    parts = [quote_name(column.name), column.type]
    options = dict(column.options)
    if "compressed" in options:
        parts.append("COMPRESSED")
    parts.extend(_charset_parts(column, table, server))
    if column.generated is not None:
        stored = "STORED" if column.generated.is_stored else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({column.generated.expression}) {stored}")
    if not column.is_nullable:
        parts.append("NOT NULL")
    elif column.type.lower().startswith("timestamp"):
        parts.append("NULL")
    if "srid" in options:
        parts.append(f"SRID {options['srid']}")
    if column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if column.on_update is not None:
        parts.append(f"ON UPDATE {column.on_update}")
    if column.is_auto_increment:
        parts.append("AUTO_INCREMENT")
    if column.is_invisible:
        parts.append("INVISIBLE")
    if column.comment is not None:
        parts.append(f"COMMENT {quote_string(column.comment)}")
    for word in ("column_format", "storage"):
        if word in options:
            parts.append(f"{word.upper()} {options[word]}")
    for word in ("engine_attribute", "secondary_engine_attribute", "ref_system_id"):
        if word in options:
            parts.append(f"{word.upper()}={options[word]}")
    if "check" in options:
        parts.append(f"CHECK ({options['check']})")
    return " ".join(parts)


def _charset_parts(column: Column, table: Table, server: Server) -> list[str]:
    """Say charset and collation unless they are the table's (or the server remembers that they were said)."""
    if not has_charset(column.type) or column.collation is None:
        return []
    is_default = column.collation == dict(table.options).get("collation")
    is_explicit = keeps_explicit_collation(server) and ("explicit_collation", "1") in column.options
    if is_default and not is_explicit:
        return []
    return [f"CHARACTER SET {column.charset} COLLATE {column.collation}"]


def render_parts(parts: tuple[IndexPart, ...]) -> str:
    """Write the parenthesised parts of a key."""
    return "(" + ", ".join(map(_render_part, parts)) + ")"


def _render_part(part: IndexPart) -> str:
    text = quote_name(part.column) if part.column is not None else f"({part.expression})"
    if part.prefix_length:
        text += f"({part.prefix_length})"
    return text + (" DESC" if part.is_descending else "")


def render_index(index: Index, server: Server) -> str:
    """Write an index as it stands in CREATE TABLE and behind ADD."""
    kind = "UNIQUE " if index.is_unique else f"{index.kind.upper()} " if index.kind else ""
    parts = [f"{kind}KEY {quote_name(index.name)} {render_parts(index.parts)}"]
    options = dict(index.options)
    if index.method:
        parts.append(f"USING {index.method}")
    if "key_block_size" in options:
        parts.append(f"KEY_BLOCK_SIZE={options['key_block_size']}")
    if "parser" in options:
        parts.append(f"WITH PARSER {quote_name(options['parser'])}")
    if index.comment is not None:
        parts.append(f"COMMENT {quote_string(index.comment)}")
    if "clustering" in options:
        parts.append(f"CLUSTERING={options['clustering']}")
    if index.is_invisible:
        parts.append("IGNORED" if has_ignored_indexes(server) else "INVISIBLE")
    for word in ("engine_attribute", "secondary_engine_attribute"):
        if word in options:
            parts.append(f"{word.upper()}={options[word]}")
    return " ".join(parts)


def render_primary_key(key: PrimaryKey) -> str:
    """Write the primary key."""
    options = dict(key.options)
    text = f"PRIMARY KEY {render_parts(key.parts)}"
    if "method" in options:
        text += f" USING {options['method']}"
    if "key_block_size" in options:
        text += f" KEY_BLOCK_SIZE={options['key_block_size']}"
    if key.comment is not None:
        text += f" COMMENT {quote_string(key.comment)}"
    return text


def render_check(check: Check) -> str:
    """Write a table's CHECK."""
    head = f"CONSTRAINT {quote_name(check.name)} " if check.name else ""
    return f"{head}CHECK ({check.expression})" + ("" if check.is_enforced else " NOT ENFORCED")


def render_foreign_key(key: ForeignKey, server: Server) -> str:
    """Write a foreign key."""
    silent = "restrict" if spells_default_action_restrict(server) else "no action"
    names = ", ".join(map(quote_name, key.columns))
    target = f"{quote_name(key.ref_namespace)}." if key.ref_namespace else ""
    refs = ", ".join(map(quote_name, key.ref_columns))
    text = f"CONSTRAINT {quote_name(key.name)} FOREIGN KEY ({names})"
    text += f" REFERENCES {target}{quote_name(key.ref_table)} ({refs})"
    if key.on_delete != silent:
        text += f" ON DELETE {key.on_delete.upper()}"
    if key.on_update != silent:
        text += f" ON UPDATE {key.on_update.upper()}"
    return text


def render_option(name: str, value: str) -> str:
    """Write one table option."""
    if name == "charset":
        return f"DEFAULT CHARACTER SET={value}"
    if name == "collation":
        return f"COLLATE={value}"
    if name.endswith("_directory"):
        return f"{name.replace('_', ' ').upper()}={value}"
    if name == "tablespace":
        return f"TABLESPACE {value}"
    if _OPTION_WORD.fullmatch(name):
        return f"{name.upper()}={value}"
    return f"{name}={value}"


def option_names(table: Table) -> list[str]:
    """Return the options in the order in which they are written: engine and charset first."""
    first = ["engine", "charset", "collation"]
    names = dict(table.options)
    return [n for n in first if n in names] + sorted(n for n in names if n not in first)


def render_partitioning(table: Table) -> str:
    """Write the PARTITION BY clause; empty when there is none."""
    if table.partitioning is None:
        return ""
    text = f"PARTITION BY {table.partitioning.by}"
    if table.partitioning.partitions:
        text += " (" + ", ".join(table.partitioning.partitions) + ")"
    return text


def render_table(table: Table, server: Server) -> str:
    """Write CREATE TABLE without the foreign keys, which come when every table is there."""
    lines = [render_column(column, table, server) for column in table.columns]
    if table.primary_key is not None:
        lines.append(render_primary_key(table.primary_key))
    lines.extend(render_index(index, server) for index in table.indexes)
    lines.extend(render_check(check) for check in table.checks)
    options = dict(table.options)
    tail = [render_option(name, options[name]) for name in option_names(table)]
    if table.comment is not None:
        tail.append(f"COMMENT={quote_string(table.comment)}")
    if table.partitioning is not None:
        tail.append("\n" + render_partitioning(table))
    return f"CREATE TABLE {quote_name(table.name)} (\n  " + ",\n  ".join(lines) + "\n) " + " ".join(tail)


def render_sequence(sequence: Sequence) -> str:
    """Write CREATE SEQUENCE (MariaDB)."""
    options = dict(sequence.options)
    type_ = f" AS {sequence.type}" if sequence.type != "bigint" else ""
    engine = f" ENGINE={options['engine']}" if "engine" in options else ""
    return f"CREATE SEQUENCE {quote_name(sequence.name)}{type_} {sequence_attributes(sequence)}{engine}"


def sequence_attributes(sequence: Sequence) -> str:
    """Write a sequence's attributes as CREATE and ALTER take them."""
    cycle = "CYCLE" if sequence.is_cycle else "NOCYCLE"
    cache = f"CACHE {sequence.cache}" if sequence.cache else "NOCACHE"
    return (
        f"START WITH {sequence.start} MINVALUE {sequence.min_value} MAXVALUE {sequence.max_value}"
        f" INCREMENT BY {sequence.increment} {cache} {cycle}"
    )
