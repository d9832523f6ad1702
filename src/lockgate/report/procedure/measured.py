"""Read evidence that Lockgate's own commands left as JSON: drift, findings, tables, backups; pure.

What is read is known by its shape, so a document of a later version still gives what it shares with this one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lockgate.model.finding import Finding
from lockgate.model.procedure import EntryType, effects_of
from lockgate.model.procedure_report import FactRow, TaskRow
from lockgate.report.procedure.amounts import duration_words
from lockgate.report.procedure.material import Material, number_of, text_of

NOT_MEASURED = "not measured in this run"


class Measured:
    """What the evidence of a run's tasks and checks says of the database, the newest of each kind last."""

    def __init__(self, material: Material, tasks: Sequence[TaskRow]) -> None:
        """Sort the evidence by what it is."""
        self.drifts: list[tuple[str, dict[str, Any]]] = []
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self.bases: list[tuple[str, dict[str, Any]]] = []
        self.statuses: list[tuple[str, dict[str, Any]]] = []
        for source, path in _named(material, tasks):
            plain = material.json_of(path)
            if isinstance(plain, dict):
                self._take(source, plain)

    def _take(self, source: str, plain: dict[str, Any]) -> None:
        if "changes" in plain and "live_fingerprint" in plain:
            self.drifts.append((source, plain))
        elif "groups" in plain and "counts" in plain:
            self.bases.append((source, plain))
        elif "restore_estimate_s" in plain and "newest_at" in plain:
            self.statuses.append((source, plain))
        elif "findings" in plain and "checked" in plain:
            self.reports.append((source, plain))


def _named(material: Material, tasks: Sequence[TaskRow]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for task in tasks:
        items = [*task.evidence, *(item for result in task.checks for item in result.evidence)]
        for item in items:
            if item.path and item.path not in seen:
                seen.add(item.path)
                yield task.id, item.path
    for entry in material.of(EntryType.GATE, EntryType.CHECKED):
        for result in entry.body.get("results") or ():
            for item in result.get("evidence") or () if isinstance(result, dict) else ():
                path = text_of(item, "path")
                if path and path not in seen:
                    seen.add(path)
                    yield text_of(result, "check"), path


def database_facts(material: Material, measured: Measured) -> tuple[FactRow, ...]:
    """Return tables by group, drift, checks, migrations, conventions and backups as they were counted.

    What nothing counted stands there as not measured.
    """
    rows = [*_tables(measured), *_drift(measured), *_checked(measured), *_backups(material, measured)]
    topics = {row.topic for row in rows}
    wanted = ("tables", "drift", "migrations", "conventions", "backups")
    rows += [FactRow(topic, topic, NOT_MEASURED) for topic in wanted if topic not in topics]
    order = {topic: number for number, topic in enumerate(wanted)}
    return tuple(sorted(rows, key=lambda row: order.get(row.topic, len(order))))


def _tables(measured: Measured) -> Iterator[FactRow]:
    if not measured.bases:
        return
    source, plain = measured.bases[-1]
    for kind, count in plain["counts"].items():
        yield FactRow("tables", kind, f"{count:,}" if isinstance(count, int) else str(count), source)
    for group in plain["groups"]:
        yield FactRow("tables", f"tables of {text_of(group, 'name')}", f"{len(group.get('tables') or ()):,}", source)


def _drift(measured: Measured) -> Iterator[FactRow]:
    for source, plain in measured.drifts:
        checked = _count_words(plain.get("checked"))
        status = text_of(plain, "status") or "unknown"
        changes = len(plain.get("changes") or ())
        words = f"{status}: {changes} differences (checked {checked})" if changes else f"{status} (checked {checked})"
        yield FactRow("drift", "drift", words, source)
    for source, plain in measured.bases:
        if text_of(plain, "drift"):
            yield FactRow("drift", "drift", text_of(plain, "drift"), source)


def _count_words(checked: Any) -> str:
    counts = checked if isinstance(checked, dict) else {}
    return ", ".join(f"{number:,} {kind}" for kind, number in counts.items() if number) or "nothing"


def _checked(measured: Measured) -> Iterator[FactRow]:
    for source, section in _sections(measured):
        name, found = text_of(section, "name"), len(section.get("findings") or ())
        status = text_of(section, "status") or "unknown"
        why = text_of(section, "note")
        words = f"{status}: {found} findings (checked {_count_words(section.get('checked'))})" + (
            f"; {why}" if why else ""
        )
        topic = next((t for t in ("migrations", "conventions") if t in name), "checks")
        yield FactRow(topic, name, words, source)
        for item in section.get("findings") or ():
            if text_of(item, "code") in _COUNTS:
                yield FactRow(topic, _COUNTS[text_of(item, "code")], text_of(item, "message"), source)


_COUNTS = {"soft-delete-coverage": "soft delete", "versioned-lists-differ": "optimistic locking, who says what"}
"""Findings whose message is a count or a comparison that people look for."""


def _sections(measured: Measured) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from measured.reports
    for source, plain in measured.bases:
        yield from ((source, section) for section in plain.get("sections") or () if isinstance(section, dict))


def _backups(material: Material, measured: Measured) -> Iterator[FactRow]:
    taken = effects_of(material.entries, "backup")
    if taken and not measured.statuses:
        proven = [entry for entry in taken if facts_of(entry.body).get("is_verified") == "True"]
        yield FactRow("backups", "last success in this run", taken[-1].ts, taken[-1].task)
        yield FactRow("backups", "last verified restore in this run", proven[-1].ts if proven else "never")
    for entry in taken:
        words = ", ".join(f"{k} {v}" for k, v in facts_of(entry.body).items())
        yield FactRow("backups", f"taken {text_of(entry.body, 'id')}", f"{entry.ts}" + (f"; {words}" if words else ""))
    for source, plain in measured.statuses[-1:]:
        yield FactRow("backups", "last success", text_of(plain, "newest_at") or "never", source)
        yield FactRow("backups", "last verified restore", text_of(plain, "verified_at") or "never", source)
        seconds = number_of(plain, "restore_estimate_s")
        yield FactRow(
            "backups", "restoring takes", duration_words(seconds) if seconds >= 0 else "never measured", source
        )
        for check in plain.get("checks") or ():
            if isinstance(check, dict) and text_of(check, "id"):
                words = f"{text_of(check, 'state')}: {text_of(check, 'message')}"
                yield FactRow("backups", text_of(check, "id"), words, source)


def facts_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Return what is known of an effect besides its kind and id, as text."""
    inner = body.get("facts")
    rest = {
        **{k: v for k, v in body.items() if k not in ("what", "id", "facts")},
        **(inner if isinstance(inner, dict) else {}),
    }
    return {key: _plain(value) for key, value in rest.items() if value not in (None, "", [], {})}


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float | bool) else msgspec.json.encode(value).decode()


def differences_of(measured: Measured) -> dict[str, tuple[str, ...]]:
    """Return what the first comparison found that found any, objects by kind (``create_table``, ``add_index``)."""
    kinds: dict[str, list[str]] = {}
    for _, plain in [drift for drift in measured.drifts if drift[1].get("changes")][:1]:
        for change in plain.get("changes") or ():
            kinds.setdefault(text_of(change, "kind"), []).append(text_of(change, "object"))
    return {kind: tuple(objects) for kind, objects in sorted(kinds.items())}


def findings_of(measured: Measured) -> list[tuple[str, Finding]]:
    """Return all findings of the evidence with the task or check they come from, each once."""
    found: dict[tuple[str, str, str], tuple[str, Finding]] = {}
    plains = [(s, item) for s, section in _sections(measured) for item in section.get("findings") or ()]
    plains += [(s, item) for s, plain in measured.drifts for item in plain.get("findings") or ()]
    for source, item in plains:
        try:
            finding = msgspec.convert(item, Finding)
        except msgspec.ValidationError:
            continue
        found.setdefault((finding.code, finding.place, finding.message), (source, finding))
    return list(found.values())


def stable_id(*parts: str) -> str:
    """Return an id that is the same in every report of the same thing."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
