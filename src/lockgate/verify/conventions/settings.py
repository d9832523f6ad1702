"""What ``[conventions]`` of lockgate.toml says, as frozen values; pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from lockgate.model.finding import Severity

DEFAULT_UPDATE = "UPDATE {table} SET {version} = {version} + 1 WHERE {key} AND {version} = {expected}"
DEFAULT_CODE_PATTERN = (
    r"(?is)\b\w{0,60}(?:versioned|optimistic|version_?tables)\w{0,60}\s{0,20}(?::[^=\n]{0,200})?="
    r"\s{0,40}(?:(?:new\s{1,20})?\w{1,60}\s{0,20}\(\s{0,40})?[\[({]([^\[\](){}]{0,50000})[\])}]"
)
"""Looked for in code whose comments are blanked out; bounded everywhere, so that no file can make the search slow."""
KINDS = ("table", "column", "index", "primary_key", "unique", "foreign_key", "check", "constraint", "view")
Fail = Callable[[str, str, str], Exception]
"""Makes the error of a key: the key under ``conventions``, what is wrong with it, and what is allowed."""


@dataclass(frozen=True)
class LockingConvention:
    """Which tables are locked optimistically.

    ``tables`` is the list of the plan; ``code`` are globs of files and ``code_pattern`` finds the list in them: its
    first group holds the names. ``helper`` is a file that must define ``helper_symbols``. ``update`` is the statement
    the application sends, which the two-writer probe tries.
    """

    version_column: str = "version"
    tables: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    code_pattern: str = DEFAULT_CODE_PATTERN
    helper: str = ""
    helper_symbols: tuple[str, ...] = ()
    update: str = DEFAULT_UPDATE
    default: int = 1
    is_probed: bool = True


@dataclass(frozen=True)
class SoftDeleteConvention:
    """Which tables delete softly: by names or patterns that must, and that are agreed not to."""

    columns: tuple[str, ...] = ("deleted_at", "deletedAt")
    tables: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequiredColumn:
    """A column tables must have; ``type`` is a regular expression, ``is_nullable`` None when it does not matter."""

    name: str
    type: str = ""
    is_nullable: bool | None = None


@dataclass(frozen=True)
class OwnRule:
    """A rule of the team's own: names that must match, a column that must be there, or types that must not."""

    name: str
    message: str = ""
    severity: Severity = Severity.WARNING
    kind: str = "table"
    matches: str = ""
    requires: RequiredColumn | None = None
    forbids_type: str = ""
    columns: str = ""
    tables: tuple[str, ...] = ("*",)
    without: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The code of its findings."""
        return f"convention-{self.name}"


@dataclass(frozen=True)
class Conventions:
    """Everything agreed on. ``base`` is the folder that paths are relative to; ``file`` what said so."""

    file: str = "lockgate.toml"
    base: Path = field(default_factory=Path)
    locking: LockingConvention | None = None
    soft_delete: SoftDeleteConvention | None = None
    rules: tuple[OwnRule, ...] = ()


_LOCKING_KEYS = {
    "version_column": str,
    "tables": list,
    "code": (str, list),
    "code_pattern": str,
    "helper": str,
    "helper_symbols": list,
    "update": str,
    "default": int,
    "probe": bool,
}
_SOFT_DELETE_KEYS = {"columns": list, "tables": list, "without": list}
_RULE_KEYS = {
    "name": str,
    "message": str,
    "severity": str,
    "kind": str,
    "matches": str,
    "requires": dict,
    "forbids_type": str,
    "columns": str,
    "tables": list,
    "without": list,
}
_REQUIRED_KEYS = {"name": str, "type": str, "nullable": bool}
_ROOT_KEYS = {"optimistic_locking": dict, "soft_delete": dict, "rules": list}
_TYPE_WORDS = {
    str: "a text in quotes",
    list: "a list of texts",
    int: "a number",
    bool: "true or false",
    dict: "a table",
}
_TAKEN_NAMES = ("own", "without-tables")
_SLOTS = {"table", "version", "key", "expected"}


def parse_conventions(data: Mapping[str, Any], file: str, base: Path, fail: Fail) -> Conventions:
    """Read the table ``[conventions]``.

    Raises:
        Whatever ``fail`` makes: a key is unknown, a value has the wrong type, an expression cannot be compiled.
    """
    reader = _Reader(fail)
    reader.check(data, _ROOT_KEYS, "")
    locking = data.get("optimistic_locking")
    soft = data.get("soft_delete")
    rules = tuple(reader.rule(rule, f"rules[{number}]") for number, rule in enumerate(data.get("rules", []), 1))
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            reader.refuse("rules", f"has two rules named {name}", "each rule has a name of its own")
    return Conventions(
        file=file,
        base=base,
        locking=None if locking is None else reader.locking(locking),
        soft_delete=None if soft is None else reader.soft_delete(soft),
        rules=rules,
    )


class _Reader:
    """Reads the parts; every mistake names its key and what is allowed."""

    def __init__(self, fail: Fail) -> None:
        self._fail = fail

    def refuse(self, key: str, what: str, allowed: str) -> NoReturn:
        """Raise the error of a key."""
        raise self._fail(key, what, allowed)

    def check(self, table: Any, allowed: Mapping[str, Any], prefix: str) -> None:
        """Refuse keys nobody knows and values of the wrong type."""
        if not isinstance(table, Mapping):
            self.refuse(prefix.rstrip("."), "has the wrong type", "allowed is a table")
        for key, value in table.items():
            if key not in allowed:
                near = difflib.get_close_matches(str(key), allowed, 1)
                guess = f"; did you mean {near[0]}?" if near else ""
                listed = ", ".join(sorted(allowed))
                self.refuse(f"{prefix}{key}", "is no key Lockgate knows", f"allowed here: {listed}{guess}")
            kinds = allowed[key] if isinstance(allowed[key], tuple) else (allowed[key],)
            is_number = isinstance(value, bool) and bool not in kinds
            if not isinstance(value, kinds) or is_number:
                words = " or ".join(_TYPE_WORDS[kind] for kind in kinds)
                self.refuse(f"{prefix}{key}", "has the wrong type", f"allowed is {words}")
            is_texts = isinstance(value, list) and key != "rules"
            if is_texts and not all(isinstance(item, str) and item for item in value):
                self.refuse(f"{prefix}{key}", "holds something that is no text", "allowed is a list of texts")

    def expression(self, text: str, key: str, *, groups: int = 0) -> str:
        """Return a regular expression that compiles."""
        try:
            compiled = re.compile(text)
        except re.error as error:
            self.refuse(key, f"is no regular expression: {text!r}", str(error))
        if compiled.groups < groups:
            self.refuse(key, "has no group", "the first group (…) holds the names of the tables")
        return text

    def locking(self, data: Mapping[str, Any]) -> LockingConvention:
        """Read ``[conventions.optimistic_locking]``."""
        place = "optimistic_locking."
        self.check(data, _LOCKING_KEYS, place)
        defaults = LockingConvention()
        update = data.get("update", defaults.update)
        slots = set(re.findall(r"\{(\w*)\}", update))
        if slots - _SLOTS or not {"table", "key"} <= slots:
            allowed = "it needs {table} and {key}, and may have {version} and {expected}"
            self.refuse(f"{place}update", "cannot be filled in", allowed)
        code = data.get("code", ())
        if data.get("helper_symbols") and not data.get("helper"):
            self.refuse(f"{place}helper_symbols", "has no file", "name the file with helper = …")
        return LockingConvention(
            version_column=data.get("version_column", defaults.version_column),
            tables=tuple(data.get("tables", ())),
            code=(code,) if isinstance(code, str) else tuple(code),
            code_pattern=self.expression(
                data.get("code_pattern", defaults.code_pattern), f"{place}code_pattern", groups=1
            ),
            helper=data.get("helper", ""),
            helper_symbols=tuple(data.get("helper_symbols", ())),
            update=update,
            default=data.get("default", defaults.default),
            is_probed=data.get("probe", True),
        )

    def soft_delete(self, data: Mapping[str, Any]) -> SoftDeleteConvention:
        """Read ``[conventions.soft_delete]``."""
        self.check(data, _SOFT_DELETE_KEYS, "soft_delete.")
        given = {name: tuple(value) for name, value in data.items()}
        if not given.get("columns", ("x",)):
            self.refuse("soft_delete.columns", "is empty", "name at least one column")
        assert set(given) <= {f.name for f in fields(SoftDeleteConvention)}
        return SoftDeleteConvention(**given)

    def rule(self, data: Any, place: str) -> OwnRule:
        """Read one of ``[[conventions.rules]]``."""
        self.check(data, _RULE_KEYS, f"{place}.")
        name = data.get("name", "")
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
            self.refuse(
                f"{place}.name", f"is no name of a rule: {name!r}", "lower case with hyphens, such as snake-case"
            )
        if name in _TAKEN_NAMES:
            self.refuse(f"{place}.name", f"is taken: {name!r}", "any other name: Lockgate's own rules are called so")
        asked = [key for key in ("matches", "requires", "forbids_type") if data.get(key)]
        if len(asked) != 1:
            self.refuse(place, f"asks for {len(asked) or 'nothing'}", "give one of matches, requires, forbids_type")
        kind, severity = data.get("kind", "table"), data.get("severity", "warning")
        if kind not in KINDS:
            self.refuse(f"{place}.kind", f"is unknown: {kind!r}", f"allowed: {', '.join(KINDS)}")
        if severity not in [s.value for s in Severity]:
            allowed = ", ".join(s.value for s in Severity)
            self.refuse(f"{place}.severity", f"is unknown: {severity!r}", f"allowed: {allowed}")
        return OwnRule(
            name=name,
            message=data.get("message", ""),
            severity=Severity(severity),
            kind=kind,
            matches=self.expression(data.get("matches", ""), f"{place}.matches"),
            requires=self._required(data["requires"], place) if data.get("requires") else None,
            forbids_type=self.expression(data.get("forbids_type", ""), f"{place}.forbids_type"),
            columns=self.expression(data.get("columns", ""), f"{place}.columns"),
            tables=tuple(data.get("tables", ("*",))),
            without=tuple(data.get("without", ())),
        )

    def _required(self, data: Mapping[str, Any], place: str) -> RequiredColumn:
        self.check(data, _REQUIRED_KEYS, f"{place}.requires.")
        if not data.get("name"):
            self.refuse(f"{place}.requires.name", "is missing", "name the column that must be there")
        return RequiredColumn(
            name=data["name"],
            type=self.expression(data.get("type", ""), f"{place}.requires.type"),
            is_nullable=data.get("nullable"),
        )
