"""A table's text under another name, and without the constraints that its rows need not keep meanwhile; pure.

NOT NULL, CHECK, REFERENCES and STRICT say nothing about how rows are stored, so that they come and go with the text
alone. Source: sqlite.org/lang_altertable.html, section 7 (changes that do not affect the content on disk) and
stricttables.html. Keys and their order do say it: the automatic indexes are found by their number in the text.
"""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.sqlite.parse import ParsedColumn, ParsedConstraint, ParsedTable, parse_table
from lockgate.engine.sqlite.render import table_sql
from lockgate.engine.sqlite.tokens import fold, quote, tokenize
from lockgate.model.schema import Table


@dataclass(frozen=True)
class Slack:
    """What a text leaves out.

    ``not_null``: columns (folded) whose NOT NULL goes, ``checks`` the CHECKs (canonical) that go; None: all of them.
    """

    not_null: frozenset[str] | None = None
    checks: frozenset[str] | None = None
    references: bool = True
    strict: bool = True

    def drops(self, constraint: ParsedConstraint, column: str) -> bool:
        """Tell whether a constraint goes."""
        if constraint.kind == "not_null":
            return self.not_null is None or fold(column) in self.not_null
        if constraint.kind == "check":
            return self.checks is None or constraint.expression in self.checks
        return self.references and constraint.kind in ("foreign_key", "deferrable")


ALL = Slack()


def named_text(table: Table, name: str) -> str:
    """Return CREATE TABLE under a name; to the letter its own text when that is its name."""
    text = table_sql(table)
    if name == table.name:
        return text
    parsed = parse_table(text)
    return f"CREATE TABLE {quote(name)}{text[parsed.name_end :]}"


def relaxed_text(table: Table, name: str, slack: Slack = ALL) -> str:
    """Return CREATE TABLE under a name for the same rows on disk, without what ``slack`` names."""
    parsed = parse_table(table_sql(table))
    parts = [_column(parsed, column, slack) for column in parsed.columns]
    parts += [parsed.text[c.start : c.end] for c in parsed.constraints if not slack.drops(c, "")]
    flags = ["WITHOUT ROWID"] if parsed.is_without_rowid else []
    if parsed.is_strict and not slack.strict:
        flags.append("STRICT")
    tail = f" {', '.join(flags)}" if flags else ""
    return f"CREATE TABLE {quote(name)} (" + ", ".join(parts) + f"\n){tail}"


def _column(parsed: ParsedTable, column: ParsedColumn, slack: Slack) -> str:
    cuts = [(c.start, c.end) for c in column.constraints if slack.drops(c, column.name)]
    text = parsed.text
    result, at = "", column.start
    for start, end in cuts:
        result += text[at:start]
        at = end
    result += text[at : column.end]
    if parsed.is_strict and slack.strict and fold(column.type) == "any":
        result = _without_type(result)
    return f"\n  {result.rstrip(' ')}"


def _without_type(text: str) -> str:
    """Return a definition without its type: ANY keeps values as they are in a STRICT table only."""
    token = tokenize(text)[1]
    return text[: token.start] + text[token.end :]
