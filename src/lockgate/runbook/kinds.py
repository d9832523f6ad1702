"""How actions and checks are written in YAML: their kind and main field, the rest beside it or in a table."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from lockgate.model.actions import Action
from lockgate.model.checks import Check

_COMMON = ("title", "failure_class")


def _by_kind(union: Any) -> dict[str, type[msgspec.Struct]]:
    return {str(kind.__struct_config__.tag): kind for kind in get_args(union)}


ACTIONS = _by_kind(Action)
CHECKS = _by_kind(Check)


def main_field(kind: type[msgspec.Struct]) -> str:
    """Return the name (as encoded) of the field that stands right after the kind."""
    names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    return next(encoded for name, encoded in names if name not in _COMMON)


def fields_of(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the names of a kind's fields as they are written."""
    return tuple(kind.__struct_encode_fields__)


def _required(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind) if field.required}


def spread(written: Any, kinds: dict[str, type[msgspec.Struct]]) -> Any:
    """Return what stands in YAML as the tagged table msgspec reads; what is no action or check comes back as it is.

    ``{sh: "ls"}``, ``{sh: {command: "ls", cwd: x}}`` and ``{sh: "ls", cwd: x}`` mean the same.
    """
    if not isinstance(written, dict):
        return written
    kind = next((key for key in written if key in kinds), None)
    if kind is None:
        return written
    value = written[kind]
    rest = {key: item for key, item in written.items() if key != kind}
    if isinstance(value, dict):
        return {"kind": kind, **value, **rest}
    if value in ("", None) and main_field(kinds[kind]) not in _required(kinds[kind]):
        return {"kind": kind, **rest}
    return {"kind": kind, main_field(kinds[kind]): value, **rest}


def fold(value: msgspec.Struct) -> dict[str, Any]:
    """Return the shortest way to write an action or check."""
    table = msgspec.to_builtins(value)
    kind = table.pop("kind")
    main = main_field(type(value))
    first = table.pop(main, "")
    if isinstance(first, list | tuple | dict):
        return {kind: {main: first, **table}}
    return {kind: first, **table}
