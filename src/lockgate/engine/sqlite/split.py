"""Split an SQLite script into statements; pure."""

from __future__ import annotations

from lockgate.engine.base import SourceStatement
from lockgate.engine.sqlite.tokens import Token, tokenize

_OUTSIDE = {
    "attach": "it attaches another database file",
    "detach": "it detaches a database file",
}
_LOCAL_PRAGMAS = frozenset(
    [
        *("foreign_keys", "defer_foreign_keys", "foreign_key_check", "legacy_alter_table", "recursive_triggers"),
        *("encoding", "user_version", "application_id", "page_size", "auto_vacuum", "journal_mode", "synchronous"),
        *("case_sensitive_like", "table_info", "table_xinfo"),
    ]
)


def split_sql(text: str) -> tuple[SourceStatement, ...]:
    """Split a script at its semicolons; those inside a trigger's BEGIN … END belong to the trigger.

    Empty statements and lone comments are left out; a statement keeps the comments inside it.
    """
    result: list[SourceStatement] = []
    current: list[Token] = []
    depth = 0
    for token in tokenize(text):
        if token.text == ";" and token.kind == "operator" and depth == 0:
            _finish(result, text, current)
            current = []
            continue
        current.append(token)
        depth = _depth_after(token, current, depth)
    _finish(result, text, current)
    return tuple(result)


def _depth_after(token: Token, current: list[Token], depth: int) -> int:
    """Return how many BEGIN and CASE are open. Only CREATE TRIGGER has a body with semicolons."""
    word = token.word
    if word not in ("begin", "case", "end") or not _is_trigger(current):
        return depth
    if _is_name_position(current):
        return depth
    if word == "begin":
        return depth + 1 if depth == 0 else depth
    if word == "case":
        return depth + 1 if depth else depth
    return max(depth - 1, 0)


def _is_trigger(current: list[Token]) -> bool:
    words = [t.word for t in current[:3]]
    if not words or words[0] != "create":
        return False
    return words[1:2] == ["trigger"] or (words[1:2] in (["temp"], ["temporary"]) and words[2:3] == ["trigger"])


def _is_name_position(current: list[Token]) -> bool:
    """Tell whether the last word stands where only a name can: after a dot, or after AS in a select list."""
    if len(current) < 2:
        return False
    before = current[-2]
    return before.text == "." or before.word in ("trigger", "exists")


def _finish(result: list[SourceStatement], text: str, current: list[Token]) -> None:
    if not current:
        return
    start, end = current[0].start, current[-1].end
    result.append(SourceStatement(text[start:end], text.count("\n", 0, start) + 1))


def statement_problem(text: str) -> str | None:
    """Say why a statement may not run in a scratch beside the target, or None.

    A file of one's own cannot be left but by ATTACH, VACUUM INTO, loading code, or a pragma that touches other files.
    """
    tokens = tokenize(text)
    words = [t.word for t in tokens]
    if not words:
        return None
    if words[0] in _OUTSIDE:
        return _OUTSIDE[words[0]]
    if words[0] == "vacuum" and "into" in words:
        return "it writes another database file"
    if any(w in ("load_extension", "writefile", "edit", "fts3_tokenizer") for w in words):
        return "it runs code or writes files outside the database"
    if words[0] == "pragma":
        if any(t.name.lower() in _LOCAL_PRAGMAS for t in tokens[1:4]):
            return None
        return "the pragma is not part of a schema: " + " ".join(t.text for t in tokens[1:4])
    return None
