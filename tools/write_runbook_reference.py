"""Write what docs/reference has of runbooks from the code: the JSON Schema, and the tables of keys, actions, checks."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import msgspec

from lockgate.model import runbook
from lockgate.runbook.kinds import ACTIONS, CHECKS, main_field
from lockgate.runbook.schema import runbook_schema

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
SCHEMA, PAGE = FOLDER / "runbook.schema.json", FOLDER / "runbook.md"
BEGIN, END = "<!-- made from the code: begin -->", "<!-- made from the code: end -->"
_PARTS: Sequence[tuple[str, type[msgspec.Struct]]] = (
    ("The runbook", runbook.Runbook),
    ("A phase", runbook.Phase),
    ("A stage", runbook.Stage),
    ("A task", runbook.Task),
    ("A gate", runbook.Gate),
    ("Approvals", runbook.ApprovalPolicy),
    ("An approval", runbook.ApprovalItem),
    ("A monitor", runbook.Monitor),
    ("A monitor's rule", runbook.Rule),
    ("A trigger", runbook.Trigger),
    ("A level of rollback", runbook.LevelPlan),
    ("A variable", runbook.Variable),
    ("The window", runbook.Window),
    ("A freeze", runbook.Freeze),
    ("A contact", runbook.Contact),
    ("A message", runbook.Message),
    ("The session", runbook.SessionPlan),
    ("A row of the risk matrix", runbook.RiskRow),
    ("What a task touches", runbook.Touches),
)


def build_files() -> dict[Path, str]:
    """Return every generated file's text by its path."""
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, foot = rest.partition(END)
    schema = json.dumps(runbook_schema(), indent=1, ensure_ascii=False) + "\n"
    return {SCHEMA: schema, PAGE: f"{head}{BEGIN}\n\n{_tables()}\n{END}{foot}"}


def _tables() -> str:
    parts = [f"## {title}\n\n{_words(struct)}\n\n{_fields(struct)}" for title, struct in _PARTS]
    actions = [_kind(kind, struct) for kind, struct in ACTIONS.items()]
    checks = [_kind(kind, struct) for kind, struct in CHECKS.items()]
    return "\n".join([*parts, "## Actions\n", *actions, "## Checks\n", *checks])


def _kind(kind: str, struct: type[msgspec.Struct]) -> str:
    main = main_field(struct)
    return f"### `{kind}`\n\n{_words(struct)}\n\n{_fields(struct, main)}"


def _words(struct: type[msgspec.Struct]) -> str:
    return (inspect.getdoc(struct) or "").replace("``", "`").replace("<", "&lt;")


def _fields(struct: type[msgspec.Struct], main: str = "") -> str:
    rows = ["| key | is | when left out |", "|---|---|---|"]
    for field in msgspec.structs.fields(struct):
        mark = " (may stand right after the kind)" if field.encode_name == main else ""
        rows.append(f"| `{field.encode_name}`{mark} | {_type(field.type)} | {_default(field)} |")
    return "\n".join(rows) + "\n"


def _type(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{item.value}`" for item in kind)
    plain = {str: "text", int: "number", float: "number", bool: "true or false"}
    if kind in plain:
        return plain[kind]
    inside = [part for part in get_args(kind) if part not in (type(None), ...)]
    if {struct.__name__ for struct in ACTIONS.values()} <= {getattr(part, "__name__", "") for part in inside}:
        return "an action"
    if {struct.__name__ for struct in CHECKS.values()} <= {getattr(part, "__name__", "") for part in inside}:
        return "checks"
    if getattr(kind, "__origin__", None) is dict:
        return f"a table of {_type(inside[1])}"
    if getattr(kind, "__origin__", None) is tuple:
        said = _type(inside[0])
        return said if said == "checks" else f"a list of {said}"
    return " or ".join(_type(part) for part in inside) if inside else f"a {getattr(kind, '__name__', kind)}"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "needed"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value in ("", (), None, {}) or isinstance(value, msgspec.Struct):
        return "nothing"
    value = value.value if isinstance(value, Enum) else value
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def main() -> None:
    """Write them."""
    for path, text in build_files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
