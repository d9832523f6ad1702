"""Read a table from its SHOW CREATE TABLE text; whatever is not understood is an error, never left out; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from lockgate.engine.mysql.lexer import (
    NAME,
    NUMBER,
    STRING,
    WORD,
    Token,
    code_tokens,
    squeeze,
    unquote_name,
    unquote_string,
    unwrap_executed,
)
from lockgate.model import codec
from lockgate.model.schema import (
    Check,
    Column,
    ForeignKey,
    Generated,
    Index,
    IndexPart,
    Partitioning,
    PrimaryKey,
    Table,
)


class NotModelled(Exception):
    """The text holds something the model has no place for; the message names it."""


@dataclass(frozen=True)
class Defaults:
    """What SHOW CREATE leaves unsaid: each charset's default collation, and the action of an FK without one."""

    collations: dict[str, str]
    fk_action: str
    has_explicit_collations: bool

    @cached_property
    def digest(self) -> str:
        """Changes with any of them."""
        return codec.digest_of([sorted(self.collations.items()), self.fk_action, self.has_explicit_collations])


class Reader:
    """A cursor over code tokens."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        """Return a coming token in upper case; empty behind the end."""
        return self.tokens[self.at + ahead].upper if self.at + ahead < len(self.tokens) else ""

    @property
    def kind(self) -> str:
        """The next token's kind; empty behind the end."""
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def take(self) -> Token:
        """Return the next token and step over it."""
        if self.at >= len(self.tokens):
            raise NotModelled("the text ends early")
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, *words: str) -> bool:
        """Step over these words if they come next."""
        if any(self.peek(i) != word for i, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Step over these words.

        Raises:
            NotModelled: Something else comes.
        """
        if not self.accept(*words):
            raise NotModelled(f"{self.peek()} where {' '.join(words)} was expected")

    def name(self) -> str:
        """Take an identifier."""
        return unquote_name(self.take().text)

    def string(self) -> str:
        """Take a string literal and return its value."""
        token = self.take()
        if token.kind != STRING:
            raise NotModelled(f"{token.text} where a string was expected")
        return unquote_string(token.text)

    def group(self) -> str:
        """Take a parenthesised group and return the text inside."""
        self.expect("(")
        first = self.at
        depth = 1
        while depth:
            text = self.take().text
            depth += {"(": 1, ")": -1}.get(text, 0)
        last = self.tokens[self.at - 1]
        return self.text[self.tokens[first].start : last.start].strip() if first < self.at - 1 else ""

    def until(self, stops: frozenset[str]) -> str:
        """Take everything up to one of these words outside parentheses and return it."""
        first, depth = self.at, 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if depth == 0 and self.at > first and token.kind == WORD and token.upper in stops:
                break
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            self.at += 1
        return self.text[self.tokens[first].start : self.tokens[self.at - 1].end]

    @property
    def is_done(self) -> bool:
        """True behind the last token."""
        return self.at >= len(self.tokens)


@dataclass
class _Parts:
    columns: list[Column] = field(default_factory=list)
    primary_key: PrimaryKey | None = None
    indexes: list[Index] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)


def parse_table(sql: str, defaults: Defaults) -> Table:
    """Return the table a SHOW CREATE TABLE text describes (its database's name already removed).

    Raises:
        NotModelled: Something in it has no place in the model.
    """
    text = unwrap_executed(sql)
    reader = Reader(text, code_tokens(text))
    reader.expect("CREATE")
    reader.accept("TEMPORARY")
    reader.expect("TABLE")
    name = reader.name()
    body = _items(reader)
    options, comment, partitioning = _read_options(reader, defaults)
    facts = dict(options)
    parts = _Parts()
    for item in body:
        _read_item(item, parts, facts, defaults)
    return Table(
        namespace="",
        name=name,
        columns=tuple(parts.columns),
        primary_key=parts.primary_key,
        indexes=tuple(sorted(parts.indexes, key=lambda i: i.name)),
        checks=tuple(sorted(parts.checks, key=lambda c: c.name)),
        foreign_keys=tuple(sorted(parts.foreign_keys, key=lambda f: f.name)),
        partitioning=partitioning,
        comment=comment,
        options=tuple(sorted(options)),
    )


def _items(reader: Reader) -> list[Reader]:
    """Split the parenthesised body at its commas."""
    reader.expect("(")
    items: list[Reader] = []
    first, depth = reader.at, 1
    while depth:
        text = reader.take().text
        depth += {"(": 1, ")": -1}.get(text, 0)
        if depth == 0 or (depth == 1 and text == ","):
            items.append(Reader(reader.text, reader.tokens[first : reader.at - 1]))
            first = reader.at
    return items


def _read_item(item: Reader, parts: _Parts, table: dict[str, str], defaults: Defaults) -> None:
    if item.kind == NAME:
        parts.columns.append(_read_column(item, table, defaults))
    elif item.accept("PRIMARY", "KEY"):
        index = _read_index(item, "", "", table)
        parts.primary_key = PrimaryKey(name="", parts=index.parts, comment=index.comment, options=index.options)
    elif item.peek() in ("UNIQUE", "KEY", "FULLTEXT", "SPATIAL", "VECTOR"):
        kind = "" if item.peek() == "KEY" else item.take().upper
        item.expect("KEY")
        parts.indexes.append(_read_index(item, item.name(), kind.lower(), table))
    elif item.peek() in ("CONSTRAINT", "FOREIGN", "CHECK"):
        constraint = item.name() if item.accept("CONSTRAINT") else ""
        if item.accept("FOREIGN", "KEY"):
            parts.foreign_keys.append(_read_foreign_key(item, constraint, defaults))
        else:
            item.expect("CHECK")
            expression = item.group()
            is_enforced = not item.accept("NOT", "ENFORCED")
            parts.checks.append(Check(name=constraint, expression=expression, is_enforced=is_enforced))
    elif item.peek() == "PERIOD":
        raise NotModelled("an application-time period")
    if not item.is_done:
        raise NotModelled(f"the clause {item.peek()} of {item.text[item.tokens[0].start : item.tokens[-1].end]}")


_STOP_WORDS = (
    "AUTO_INCREMENT",
    "INVISIBLE",
    "VISIBLE",
    "COMMENT",
    "COLUMN_FORMAT",
    "STORAGE",
    "GENERATED",
    "SRID",
    "REF_SYSTEM_ID",
    "WITH",
    "WITHOUT",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
)
_STOPS = frozenset({*_STOP_WORDS, "NOT", "NULL", "COLLATE", "ON", "CHECK"})


def _read_column(item: Reader, table: dict[str, str], defaults: Defaults) -> Column:
    name = item.name()
    facts: dict[str, object] = {}
    options: dict[str, str] = {}
    type_ = _read_type(item)
    charset = collation = ""
    facts["is_nullable"] = True
    while not item.is_done:
        if item.accept("CHARACTER", "SET"):
            charset = item.name()
        elif item.accept("COLLATE"):
            collation = item.name()
        elif not _read_attribute(item, facts, options):
            raise NotModelled(f"the attribute {item.peek()} of column {name}")
    if has_charset(type_):
        if not (charset or collation) and not {"charset", "collation"} <= table.keys():
            raise NotModelled(f"column {name} without a character set in a table without one")
        is_shown, is_given = bool(charset or collation), bool(charset)
        charset = charset or (collation.split("_")[0] if collation else table["charset"])
        collation = collation or (table["collation"] if not is_shown else defaults.collations.get(charset, ""))
        if is_given and defaults.has_explicit_collations and collation == table.get("collation"):
            options["explicit_collation"] = "1"
        facts["charset"], facts["collation"] = charset, collation
    return Column(name=name, type=type_, options=tuple(sorted(options.items())), **facts)  # type: ignore[arg-type]


def _read_type(item: Reader) -> str:
    parts = [item.take().text]
    if item.peek() in ("PRECISION", "VARYING"):
        parts.append(item.take().text)
    if item.peek() == "(":
        parts[-1] += f"({item.group()})"
    while item.peek() in ("UNSIGNED", "ZEROFILL", "SIGNED"):
        parts.append(item.take().text)
    return " ".join(parts)


def has_charset(type_: str) -> bool:
    """Tell whether values of a type are characters."""
    return type_.split("(")[0].lower() in (
        "char",
        "varchar",
        "tinytext",
        "text",
        "mediumtext",
        "longtext",
        "enum",
        "set",
    )


def _read_attribute(item: Reader, facts: dict[str, object], options: dict[str, str]) -> bool:
    """Read one attribute of a column; False when it is not known."""
    if item.accept("NOT", "NULL"):
        facts["is_nullable"] = False
    elif item.accept("NULL"):
        facts["is_nullable"] = True
    elif item.accept("DEFAULT"):
        facts["default"] = item.until(_STOPS)
    elif item.accept("ON", "UPDATE"):
        facts["on_update"] = item.until(_STOPS)
    elif item.accept("AUTO_INCREMENT"):
        facts["is_auto_increment"] = True
    elif item.accept("INVISIBLE"):
        facts["is_invisible"] = True
    elif item.accept("COMMENT"):
        facts["comment"] = item.string()
    elif item.accept("GENERATED", "ALWAYS", "AS"):
        if item.peek() == "ROW":
            raise NotModelled("system versioning")
        expression = item.group()
        is_stored = not item.accept("VIRTUAL") and (item.accept("STORED") or item.accept("PERSISTENT"))
        facts["generated"] = Generated(expression=expression, is_stored=is_stored)
    elif item.accept("CHECK"):
        options["check"] = item.group()
    elif item.accept("COMPRESSED"):
        options["compressed"] = "1"
    elif item.peek() in ("COLUMN_FORMAT", "STORAGE", "SRID"):
        word = item.take().text.lower()
        options[word] = item.take().text
    elif item.peek() in ("ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE", "REF_SYSTEM_ID"):
        word = item.take().text.lower()
        item.accept("=")
        options[word] = item.take().text
    elif item.accept("NOT", "SECONDARY"):
        options["not_secondary"] = "1"
    else:
        return False
    return True


def _read_parts(item: Reader) -> tuple[IndexPart, ...]:
    item.expect("(")
    parts: list[IndexPart] = []
    while True:
        length = expression = column = None
        if item.peek() == "(":
            expression = item.group()
        else:
            column = item.name()
            if item.peek() == "(":
                length = int(item.group())
        is_descending = item.accept("DESC")
        item.accept("ASC")
        if item.peek() == "WITHOUT":
            raise NotModelled("a key WITHOUT OVERLAPS")
        parts.append(IndexPart(column=column, expression=expression, prefix_length=length, is_descending=is_descending))
        if item.accept(")"):
            return tuple(parts)
        item.expect(",")


def _read_index(item: Reader, name: str, kind: str, table: dict[str, str]) -> Index:
    parts = _read_parts(item)
    method = comment = None
    is_invisible = False
    options: dict[str, str] = {}
    while not item.is_done:
        if item.accept("USING"):
            method = item.take().upper
        elif item.accept("COMMENT"):
            comment = item.string()
        elif item.accept("INVISIBLE") or item.accept("IGNORED"):
            is_invisible = True
        elif item.accept("WITH", "PARSER"):
            options["parser"] = item.name()
        elif item.peek() in ("KEY_BLOCK_SIZE", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE", "CLUSTERING"):
            word = item.take().text.lower()
            item.accept("=")
            options[word] = item.take().text
        else:
            raise NotModelled(f"the attribute {item.peek()} of index {name or 'PRIMARY'}")
    if method == "BTREE" and table.get("engine", "").lower() not in ("memory", "heap", "ndbcluster", "ndb"):
        method = None
    if method and not name:
        options["method"] = method
    return Index(
        name=name,
        parts=parts,
        is_unique=kind == "unique",
        kind="" if kind == "unique" else kind,
        method=method,
        comment=comment,
        is_invisible=is_invisible,
        options=tuple(sorted(options.items())),
    )


def _names(item: Reader) -> tuple[str, ...]:
    item.expect("(")
    names = [item.name()]
    while item.accept(","):
        names.append(item.name())
    item.expect(")")
    return tuple(names)


def _read_foreign_key(item: Reader, name: str, defaults: Defaults) -> ForeignKey:
    columns = _names(item)
    item.expect("REFERENCES")
    namespace, table = "", item.name()
    if item.accept("."):
        namespace, table = table, item.name()
    ref_columns = _names(item)
    actions = {"DELETE": defaults.fk_action, "UPDATE": defaults.fk_action}
    while item.accept("ON"):
        event = item.take().upper
        action = item.take().upper
        if action in ("SET", "NO"):
            action += " " + item.take().upper
        actions[event] = action.lower()
    return ForeignKey(
        name=name,
        columns=columns,
        ref_namespace=namespace,
        ref_table=table,
        ref_columns=ref_columns,
        on_delete=actions["DELETE"],
        on_update=actions["UPDATE"],
    )


def _read_options(reader: Reader, defaults: Defaults) -> tuple[list[tuple[str, str]], str | None, Partitioning | None]:
    """Read what stands behind the body: options, comment, partitions."""
    options: dict[str, str] = {}
    comment: str | None = None
    partitioning: Partitioning | None = None
    while not reader.is_done:
        if reader.accept("PARTITION", "BY"):
            partitioning = _read_partitioning(reader)
        elif reader.accept("COMMENT"):
            reader.expect("=")
            comment = reader.string()
        elif reader.accept("WITH", "SYSTEM", "VERSIONING"):
            raise NotModelled("system versioning")
        elif reader.accept(","):
            continue
        else:
            name, value = _read_option(reader)
            if name != "auto_increment":
                options[name] = value
    if "charset" in options and "collation" not in options:
        options["collation"] = defaults.collations.get(options["charset"], "")
    return list(options.items()), comment, partitioning


def _read_option(reader: Reader) -> tuple[str, str]:
    reader.accept("DEFAULT")
    if reader.accept("CHARSET") or reader.accept("CHARACTER", "SET"):
        reader.accept("=")
        return "charset", reader.name()
    if reader.accept("COLLATE"):
        reader.accept("=")
        return "collation", reader.name()
    if reader.peek() in ("DATA", "INDEX") and reader.peek(1) == "DIRECTORY":
        name = reader.take().text.lower() + "_directory"
        reader.take()
    elif reader.kind == NAME:
        name = reader.take().text
    elif reader.kind == WORD:
        name = reader.name().lower()
    else:
        raise NotModelled(f"the table option {reader.peek()}")
    if name == "tablespace":
        return name, reader.take().text + (f" STORAGE {reader.take().text}" if reader.accept("STORAGE") else "")
    reader.expect("=")
    if reader.peek() == "(":
        return name, f"({reader.group()})"
    if reader.kind not in (WORD, NAME, STRING, NUMBER):
        raise NotModelled(f"the table option {name}")
    return name, reader.take().text


def _read_partitioning(reader: Reader) -> Partitioning:
    """Read the text behind PARTITION BY: how, and each partition's definition."""
    first, depth, head_end = reader.at, 0, None
    while not reader.is_done:
        is_list = reader.peek() == "(" and reader.peek(1) == "PARTITION"
        if depth == 0 and is_list:
            head_end = reader.at
            break
        depth += {"(": 1, ")": -1}.get(reader.take().text, 0)
    stop = head_end if head_end is not None else reader.at
    by = reader.text[reader.tokens[first].start : reader.tokens[stop - 1].end]
    partitions: tuple[str, ...] = ()
    if head_end is not None:
        partitions = tuple(squeeze(i.text[i.tokens[0].start : i.tokens[-1].end]) for i in _items(reader))
    return Partitioning(by=squeeze(by), partitions=partitions)
