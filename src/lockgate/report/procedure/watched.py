"""Monitors: their decisions with the arithmetic, what broke, what was silent, and their series; pure."""

from __future__ import annotations

from collections import Counter

from lockgate.model.procedure import EntryType
from lockgate.model.procedure_report import MonitorRow
from lockgate.model.runbook import Monitor
from lockgate.report.procedure.material import Material, text_of
from lockgate.report.procedure.steps import weigh

_MOST_SENTENCES = 20
_UNUSED = "judged so; it is not what stopped the run"


def monitor_rows(material: Material) -> tuple[MonitorRow, ...]:
    """Return every monitor of the runbook, those without a single value too."""
    return tuple(_row(material, monitor) for monitor in material.runbook.monitors)


def _row(material: Material, monitor: Monitor) -> MonitorRow:
    own = [e for e in material.of(EntryType.BREACH) if text_of(e.body, "monitor") == monitor.name]
    held = [e for e in material.of(EntryType.HELD, EntryType.RELEASED) if text_of(e.body, "monitor") == monitor.name]
    samples = material.samples.get(monitor.name, ())
    judged = [sample for sample in samples if sample.judgement == "breach"]
    rule = monitor.rule
    return MonitorRow(
        name=monitor.name,
        source=monitor.source,
        rule=material.rules.get(monitor.name, "by the source's own rule"),
        limit=rule.limit if rule is not None and rule.kind in ("rate", "quantile", "value") else None,
        decisions=_sentences(material, monitor.name)[-_MOST_SENTENCES:],
        breach=text_of(own[0].body, "sentence") if own else f"{judged[0].sentence} ({_UNUSED})" if judged else "",
        breach_at=own[0].ts if own else judged[0].at if judged else "",
        held=tuple(
            f"{e.ts}: {'silent, ' + text_of(e.body, 'why') if e.type is EntryType.HELD else 'back'}" for e in held
        ),
        samples=samples,
        counts=dict(Counter(sample.judgement for sample in samples if sample.judgement)),
    )


def _sentences(material: Material, name: str) -> tuple[str, ...]:
    """Return the arithmetic of decisions that were not ok, of breaches, and what checks on the monitor found."""
    found = [f"{s.at}: {s.sentence}" for s in material.samples.get(name, ()) if s.sentence]
    for entry in material.entries:
        if entry.type is EntryType.BREACH and text_of(entry.body, "monitor") == name:
            found.append(f"{entry.ts}: {text_of(entry.body, 'sentence')}")
        if entry.type in (EntryType.GATE, EntryType.CHECKED):
            results = [r for r in weigh(entry.body.get("results")) if r.kind == "metric" and name in r.title]
            found += [f"{entry.ts}: {result.found}" for result in results]
    return tuple(dict.fromkeys(sorted(found)))
