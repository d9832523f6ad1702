"""Compare folder, declared schema and live database pairwise, and say in words which is the odd one out; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lockgate.diff import agreement_rules as rules
from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.diff.drift import rate_change
from lockgate.model.change import Change
from lockgate.model.finding import Finding, Severity
from lockgate.model.keys import constraints_of, iter_objects
from lockgate.model.plan import ChangeNote
from lockgate.model.rule import Rule
from lockgate.model.schema import Schema, Table

FOLDER, DECLARED, LIVE = "folder", "declared", "live"
_NAMES = {FOLDER: "the migrations", DECLARED: "the declared schema", LIVE: "the live database"}
_SHORT = {FOLDER: "migrations", DECLARED: "declared schema", LIVE: "live database"}
_RULE_OF: dict[str, Rule] = {FOLDER: rules.FOLDER_ODD, DECLARED: rules.DECLARED_ODD, LIVE: rules.LIVE_ODD}
_LACKS, _HAS, _DIFFERS = "lacks", "has", "differs"


class Difference(NamedTuple):
    """How one side stands to another in one object, seen from the first: it lacks it, has it alone, or differs."""

    word: str
    note: ChangeNote
    severity: Severity


Differences = dict[tuple[str, str], Difference]
"""By kind and path of the object."""


def compare_sides(sides: Mapping[str, Schema]) -> tuple[tuple[Finding, ...], int]:
    """Compare two or three of folder, declared and live.

    Returns:
        One finding for each object on which not all agree, and how many objects were compared.
    """
    names = [name for name in (LIVE, FOLDER, DECLARED) if name in sides]
    pairs = {(a, b): _differences(sides[a], sides[b]) for i, a in enumerate(names) for b in names[i + 1 :]}
    keys = dict.fromkeys(key for found in pairs.values() for key in found)
    findings = tuple(_judge(key, names, pairs) for key in keys)
    return findings, max((_count(schema) for schema in sides.values()), default=0)


def _count(schema: Schema) -> int:
    total = 0
    for obj in iter_objects(schema):
        total += 1
        if isinstance(obj, Table):
            total += len(obj.columns) + len(obj.indexes) + len(constraints_of(obj))
    return total


def _differences(one: Schema, other: Schema) -> Differences:
    return dict(_difference(change) for change in diff_schemas(one, other))


def _difference(change: Change) -> tuple[tuple[str, str], Difference]:
    note = describe_change(change)
    verb, _, kind = note.kind.partition("_")
    word = {"create": _LACKS, "add": _LACKS, "drop": _HAS}.get(verb, _DIFFERS)
    return (kind, note.object), Difference(word, note, rate_change(change).severity)


def _judge(key: tuple[str, str], names: list[str], pairs: Mapping[tuple[str, str], Differences]) -> Finding:
    """Name the odd one: the side that is in both of the pairs which differ, when the third pair agrees."""
    differing = [pair for pair, found in pairs.items() if key in found]
    shared = set(differing[0]).intersection(*differing[1:])
    if len(names) == 3 and len(differing) == 2 and len(shared) == 1:
        return _odd_one(key, shared.pop(), names, pairs)
    if len(differing) == 3:
        return _three_apart(key, pairs)
    return _two_apart(key, differing[0], pairs, is_all=len(names) == 2)


def _odd_one(key: tuple[str, str], odd: str, names: list[str], pairs: Mapping[tuple[str, str], Differences]) -> Finding:
    others = [name for name in names if name != odd]
    pair = next(pair for pair in pairs if set(pair) == {odd, others[-1]})
    difference = pairs[pair][key]
    word = difference.word if pair[0] == odd else _turned(difference.word)
    what, both = _what(key), f"{_SHORT[others[0]]} and {_SHORT[others[1]]}"
    if word == _LACKS:
        text = f"{_verb(odd, 'lacks')} {what}, which {both} have: {_verb(odd, 'is')} behind"
    elif word == _HAS:
        text = f"{_verb(odd, 'has')} {what}, which {both} do not have: it came into {_NAMES[odd]} alone"
    else:
        was, now = _sides_of(difference, pair, odd)
        text = f"{what} is {was} in {_NAMES[odd]}, and {now} in {both}: {_verb(odd, 'is')} the odd one"
    return _RULE_OF[odd].found(text, object=key[1], severity=difference.severity)


def _what(key: tuple[str, str]) -> str:
    return f"{key[0].replace('_', ' ')} {key[1]}"


def _verb(side: str, verb: str) -> str:
    """Return a side with a verb that fits it: the migrations are many."""
    many = {"lacks": "lack", "has": "have", "is": "are"}
    return f"{_NAMES[side]} {many[verb] if side == FOLDER else verb}"


def _turned(word: str) -> str:
    return {_LACKS: _HAS, _HAS: _LACKS}.get(word, word)


def _sides_of(difference: Difference, pair: tuple[str, str], first: str) -> tuple[str, str]:
    before, after = difference.note.before or "none", difference.note.after or "none"
    return (before, after) if pair[0] == first else (after, before)


def _three_apart(key: tuple[str, str], pairs: Mapping[tuple[str, str], Differences]) -> Finding:
    seen: dict[str, str] = {}
    for pair, found in pairs.items():
        seen.setdefault(pair[0], found[key].note.before or "none")
        seen.setdefault(pair[1], found[key].note.after or "none")
    told = ", ".join(f"{text} in {_NAMES[name]}" for name, text in seen.items())
    severity = min((found[key].severity for found in pairs.values()), key=list(Severity).index)
    return rules.ALL_DIFFER.found(f"{_what(key)} is three different things: {told}", object=key[1], severity=severity)


def _two_apart(
    key: tuple[str, str], pair: tuple[str, str], pairs: Mapping[tuple[str, str], Differences], *, is_all: bool
) -> Finding:
    difference = pairs[pair][key]
    one, other = pair
    if difference.word == _DIFFERS:
        before, after = difference.note.before or "none", difference.note.after or "none"
        text = f"{_what(key)} is {before} in {_NAMES[one]}, and {after} in {_NAMES[other]}"
    elif difference.word == _LACKS:
        text = f"{_verb(one, 'lacks')} {_what(key)}, which {_verb(other, 'has')}"
    else:
        text = f"{_verb(one, 'has')} {_what(key)}, which {_verb(other, 'lacks')}"
    if is_all:
        return rules.TWO_DIFFER.found(text, object=key[1], severity=difference.severity)
    third = next(name for name in _NAMES if name not in pair)
    text += f"; {_NAMES[third]} cannot decide it, because what it belongs to differs there"
    step = "mend what it belongs to first, then look again"
    return rules.TWO_DIFFER.found(text, object=key[1], severity=difference.severity, next_step=step)


def iter_unmanaged(sides: Mapping[str, Schema]) -> Iterator[str]:
    """Yield what could not be read on any side, in sentences."""
    seen: dict[str, list[str]] = {}
    for name, schema in sides.items():
        for item in schema.unmanaged:
            seen.setdefault(f"{item.kind} {item.name} ({item.reason})", []).append(_NAMES[name])
    for text, names in seen.items():
        yield f"{text} was not compared, in {' and '.join(names)}"
