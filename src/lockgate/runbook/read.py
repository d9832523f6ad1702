"""Read a runbook from YAML: every mistake with its line, every scalar taken as the text it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from lockgate.errors import SourceError
from lockgate.model.runbook import CONFIGURED, Runbook
from lockgate.runbook.kinds import ACTIONS, CHECKS, spread
from lockgate.runbook.mistakes import explain

if TYPE_CHECKING:
    from lockgate.runbook.markdown.plan import MarkdownPlan

_ACTION_KEYS, _CHECK_KEYS = frozenset(("do", "revert")), ("verify", "before", "checks", "requires")
_NULLS = ("", "~", "null", "Null", "NULL")
_MOST_NODES = 200_000


@dataclass(frozen=True)
class SourceMap:
    """Where things stand in a file: lines (from 1) by path (``phases[0].tasks[1].do``) and by a task's or gate's id."""

    file: str
    paths: dict[str, int] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def line_of(self, path: str) -> int:
        """Return the line of a path, or of the nearest thing around it; 0 when nothing is known."""
        while path:
            if path in self.paths:
                return self.paths[path]
            path = re.sub(r"(\.[^.\[\]]+|\[\d+\])$", "", path) if re.search(r"[.\[]", path) else ""
        return 0


@dataclass(frozen=True)
class ReadRunbook:
    """A runbook and where it stands in its file.

    ``repaired`` are lines whose encoding was mended on the way in, ``text`` the file's text after that. ``notes`` are
    lines and what somebody should know about them. ``markdown`` holds the blocks and cells of a Markdown plan as they
    stand in the file.
    """

    runbook: Runbook
    source: SourceMap
    repaired: tuple[int, ...] = ()
    text: str = ""
    is_markdown: bool = False
    notes: tuple[tuple[int, str], ...] = ()
    markdown: MarkdownPlan | None = None


def read_runbook(path: Path) -> ReadRunbook:
    """Read a runbook.

    Raises:
        SourceError: The file cannot be read, is no YAML, or says something that is no runbook; with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"the runbook {path} cannot be read", file=str(path), cause=str(getattr(error, "strerror", "") or error)
        ) from None
    return parse_runbook(text, str(path))


def parse_runbook(text: str, file: str) -> ReadRunbook:
    """Parse the text of a runbook; see `read_runbook`."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SourceError(f"{file} is no YAML", file=file, line=line, cause=error.problem or str(error)) from None
    except yaml.YAMLError as error:
        raise SourceError(f"{file} is no YAML", file=file, cause=str(error)) from None
    if not isinstance(node, yaml.MappingNode):
        raise SourceError(f"{file} is no runbook", file=file, line=1, cause="a runbook is a table of keys")
    source = SourceMap(file)
    plain = _Walk(source).walk(node, "")
    try:
        runbook = msgspec.convert(plain, Runbook, strict=False)
    except msgspec.ValidationError as error:
        words, _, where = str(error).partition(" - at `$")
        inner = where.rstrip("`").lstrip(".")
        what, cause = explain(words, inner, plain, _ACTION_KEYS)
        raise SourceError(
            f"{inner or 'the runbook'}: {what}",
            file=file,
            line=source.line_of(inner) or 1,
            cause=cause,
            hint="correct the file, then lockgate runbook lint",
        ) from None
    _check_ids(runbook, source)
    return ReadRunbook(runbook, source, text=text)


class _Walk:
    """Turns nodes into plain values, notes lines, and refuses what two readers could read in two ways."""

    def __init__(self, source: SourceMap) -> None:
        self.source, self.count = source, 0

    def walk(self, node: yaml.Node, path: str, key: str = "") -> Any:
        self.count += 1
        line = node.start_mark.line + 1
        if self.count > _MOST_NODES:
            raise SourceError("the runbook is too large", file=self.source.file, line=line, cause="aliases multiply it")
        self.source.paths.setdefault(path, line)
        if isinstance(node, yaml.ScalarNode):
            return None if node.style is None and node.value in _NULLS else node.value
        if isinstance(node, yaml.SequenceNode):
            kinds = CHECKS if key in _CHECK_KEYS else None
            items = [self.walk(item, f"{path}[{n}]") for n, item in enumerate(node.value)]
            if key == "monitors":
                return [{"name": item, "source": CONFIGURED} if isinstance(item, str) else item for item in items]
            return [spread(item, kinds) for item in items] if kinds else items
        assert isinstance(node, yaml.MappingNode)
        return self._table(node, path, key)

    def _table(self, node: yaml.MappingNode, path: str, key: str) -> Any:
        table: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = str(name_node.value)
            line = name_node.start_mark.line + 1
            if name in table:
                raise SourceError(f"{name} stands here twice", file=self.source.file, line=line)
            inner = f"{path}.{name}" if path else name
            self.source.paths[inner] = line
            value = self.walk(value_node, inner, name)
            if value is not None or name in ACTIONS or name in CHECKS:
                table[name] = "" if value is None else value
            if name == "id" and isinstance(value, str):
                self.source.ids.setdefault(value, line)
        return spread(table, ACTIONS) if key in _ACTION_KEYS else table


def _check_ids(runbook: Runbook, source: SourceMap) -> None:
    """Refuse two things of one id: evidence and decisions could not be told apart."""
    seen: dict[str, str] = {}
    places = [(f"phases[{p}]", phase.id) for p, phase in enumerate(runbook.phases)]
    gates = [(f"phases[{p}].gate", phase.gate.id) for p, phase in enumerate(runbook.phases) if phase.gate]
    tasks = [
        (f"phases[{p}].tasks[{t}]", task.id)
        for p, phase in enumerate(runbook.phases)
        for t, task in enumerate(phase.tasks)
    ]
    for kind, group in (("phase", places), ("gate or task", [*gates, *tasks])):
        for path, name in group:
            first = seen.setdefault(f"{kind} {name}", path)
            if first != path:
                raise SourceError(
                    f"the {kind} id {name} stands here twice",
                    file=source.file,
                    line=source.line_of(f"{path}.id"),
                    cause=f"first in line {source.line_of(f'{first}.id')}",
                    hint="give one of them another id",
                )
