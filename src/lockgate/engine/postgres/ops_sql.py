"""What the statements about tables and their parts share; pure."""

from __future__ import annotations

from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.engine.postgres.render import options_with, table_clause
from lockgate.model.op import Statement
from lockgate.model.schema import Options, Table

ANY_VERSION = (18,)  # only the schema public has privileges that differ by version


def table_words(table: Table) -> str:
    """Return ``TABLE`` or ``FOREIGN TABLE``."""
    return table_clause(table)


def name_of(table: Table) -> str:
    """Return a table's qualified and quoted name."""
    return qualify(table.namespace, table.name)


def unquote(name: str) -> str:
    """Take the quotes off an identifier."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def set_and_reset(head: str, prefix: str, before: Options, after: Options, form: str) -> list[Statement]:
    """Return what changes parameters: all go and are set again, for a dump tells in which order they were set."""
    old, new = options_with(before, prefix), options_with(after, prefix)
    if list(old.items()) == list(new.items()):
        return []
    found = []
    if old:
        found.append(statement(f"{head} RESET ({', '.join(map(_parameter, old))})", form))
    if new:
        is_text = prefix == "reloption:"
        pairs = [f"{_parameter(n)} = {quote_literal(v) if is_text else v}" for n, v in new.items()]
        found.append(statement(f"{head} SET ({', '.join(pairs)})", form))
    return found


def _parameter(name: str) -> str:
    return ".".join(quote_ident(part) for part in name.split("."))


def fdw_changes(head: str, before: Options, after: Options) -> list[Statement]:
    """Return what changes the options of a foreign table or of its column."""
    old, new = options_with(before, "fdw_option:"), options_with(after, "fdw_option:")
    words = [f"DROP {quote_ident(n)}" for n in old if n not in new]
    words += [f"ADD {quote_ident(n)} {quote_literal(v)}" for n, v in new.items() if n not in old]
    words += [f"SET {quote_ident(n)} {quote_literal(v)}" for n, v in new.items() if n in old and old[n] != v]
    return [statement(f"{head} OPTIONS ({', '.join(words)})", "alter_table")] if words else []
