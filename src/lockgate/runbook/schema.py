"""The JSON Schema of runbooks in YAML, made from the values they are read into: both forms of actions and checks."""

from __future__ import annotations

from typing import Any

import msgspec

from lockgate.model.runbook import Runbook
from lockgate.runbook.kinds import ACTIONS, CHECKS, main_field

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"
_REF_OF_MONITOR = {"$ref": "#/$defs/Monitor"}
_SCALAR = ["string", "number", "boolean"]

Schema = dict[str, Any]


def runbook_schema() -> Schema:
    """Return the schema of a whole runbook.

    A scalar that is read as text may be written without quotes (``version: 2.0``, ``id: 3``).
    """
    (_,), parts = msgspec.json.schema_components((Runbook,), ref_template=_REF)
    definitions = {name: part for name, part in parts.items() if name not in _tagged_names()}
    for union, kinds in (("Action", ACTIONS), ("Check", CHECKS)):
        for kind, struct in kinds.items():
            definitions[f"{union}.{kind}"] = _forms(kind, struct, parts[struct.__name__])
        definitions[union] = {"anyOf": [{"$ref": f"#/$defs/{union}.{kind}"} for kind in kinds]}
    definitions = {name: _loosen(_point(part)) for name, part in sorted(definitions.items())}
    runbook = definitions.pop("Runbook")
    named = {"type": "string", "description": "The name of a monitor under [monitors] in lockgate.toml."}
    runbook["properties"]["monitors"]["items"] = {"anyOf": [_REF_OF_MONITOR, named]}
    return {"$schema": DIALECT, "title": "Lockgate runbook", **runbook, "$defs": definitions}


def _tagged_names() -> frozenset[str]:
    return frozenset(struct.__name__ for struct in (*ACTIONS.values(), *CHECKS.values()))


def _forms(kind: str, struct: type[msgspec.Struct], part: Schema) -> Schema:
    """Return the ways to write one kind: ``{sh: "ls"}``, ``{sh: {command: ls}}``, ``{kind: sh, command: ls}``."""
    main = main_field(struct)
    fields = {name: schema for name, schema in part["properties"].items() if name != "kind"}
    needed = [name for name in part.get("required", ()) if name != "kind"]
    others = {name: schema for name, schema in fields.items() if name != main}
    first = fields[main] if main in needed else {"anyOf": [fields[main], {"enum": ["", None]}]}
    short = {
        "properties": {kind: first, **others},
        "required": [kind, *(name for name in needed if name != main)],
    }
    inner: Schema = {"type": "object", "properties": fields, "additionalProperties": False}
    inner |= {"required": needed} if needed else {}
    table = {"properties": {kind: inner, **others}, "required": [kind]}
    tagged = {"properties": {"kind": {"const": kind}, **fields}, "required": ["kind", *needed]}
    forms = [{"type": "object", **form, "additionalProperties": False} for form in (short, table, tagged)]
    return {"description": part.get("description", ""), "anyOf": forms}


def _point(part: Any) -> Any:
    """Return a part in which each union of kinds is a reference to Action or Check."""
    if isinstance(part, list):
        return [_point(item) for item in part]
    if not isinstance(part, dict):
        return part
    named = part.get("discriminator")
    if named is not None:
        is_action = set(named.get("mapping", {})) == set(ACTIONS)
        return {"$ref": f"#/$defs/{'Action' if is_action else 'Check'}"}
    return {key: _point(value) for key, value in part.items()}


def _loosen(part: Any) -> Any:
    """Return a part in which text may also be written as a number or a truth value."""
    if isinstance(part, list):
        return [_loosen(item) for item in part]
    if not isinstance(part, dict):
        return part
    loose = {key: _loosen(value) for key, value in part.items()}
    if part.get("type") == "string" and "enum" not in part:
        loose["type"] = _SCALAR
    return loose
