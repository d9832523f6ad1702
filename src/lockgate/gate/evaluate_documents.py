"""Check ``documents``: each document is there, not empty, and newer than the start of the run."""

from __future__ import annotations

from lockgate.gate.asking import count, cut, fail, ok, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.gate.evaluate_file import look_at_file
from lockgate.model.checks import DocumentsCheck
from lockgate.model.outcome import Outcome, worst_of


def evaluate_documents(check: DocumentsCheck, context: CheckContext) -> Answer:
    """Look at every document; each that is missing, empty or old is named."""
    expected = f"{count(len(check.paths), 'document')}, each newer than the start of the run"
    if not check.paths:
        return unknown(expected, "the check names no document")
    answers = [(path, look_at_file(path, context, since="run")) for path in check.paths]
    evidence = tuple(item for _, answer in answers for item in answer.evidence)
    bad = [(path, answer) for path, answer in answers if answer.outcome is not Outcome.OK]
    if not bad:
        return ok(expected, f"all {len(check.paths)} are", evidence=evidence)
    items = cut(f"{path}: {answer.found}" for path, answer in bad)
    say = fail if worst_of(answer.outcome for _, answer in bad) is Outcome.FAIL else unknown
    found = f"{len(bad)} of {len(check.paths)} not: {', '.join(path for path, _ in bad[:5])}"
    return say(expected, found, items=items, evidence=evidence)
