"""Write a runbook as YAML: short forms, ids quoted, the same text for the same runbook; pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import yaml

from lockgate.model.runbook import Runbook
from lockgate.runbook.kinds import ACTIONS, CHECKS, fold

_QUOTED_KEYS = ("id", "stage", "subtask_of", "version", "number")
_QUOTED_LISTS = ("needs", "links")
_ACTION_KEYS, _CHECK_KEYS = ("do", "revert"), ("verify", "before", "checks", "requires")


class _Quoted(str):
    """Text that always stands in quotes."""


class _Dumper(yaml.SafeDumper):
    """Writes long text as a block and indents lists."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists under their key."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _quoted(dumper: yaml.SafeDumper, value: _Quoted) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style='"')


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Quoted, _quoted)


def dump_runbook(runbook: Runbook) -> str:
    """Return the YAML of a runbook; `lockgate.runbook.read.parse_runbook` gives the same runbook back."""
    table = msgspec.to_builtins(runbook)
    table.pop("format_version", None)
    text = dump_table(_shorten({"runbook": table.pop("runbook"), **table}))
    return re.sub(r"^(?=[a-z_]+:(\n|$))", "\n", text, flags=re.M).lstrip("\n")


def dump_table(table: dict[str, Any]) -> str:
    """Return a table of plain values as YAML, keys in their order."""
    return yaml.dump(table, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _shorten(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if key in _ACTION_KEYS and value.get("kind") in ACTIONS:
            return _folded(value, ACTIONS)
        return {name: _shorten(item, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        if key in _CHECK_KEYS:
            return [_folded(item, CHECKS) for item in value]
        return [_Quoted(item) if key in _QUOTED_LISTS else _shorten(item) for item in value]
    return _Quoted(value) if key in _QUOTED_KEYS and isinstance(value, str) else value


def _folded(table: dict[str, Any], kinds: dict[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """Return the short form of an action or check, read from its long one."""
    return fold(msgspec.convert(table, kinds[table["kind"]]))
