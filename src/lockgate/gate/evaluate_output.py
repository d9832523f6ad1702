"""Check ``output``: what a command said has a text, matches a pattern, or lacks a text."""

from __future__ import annotations

from lockgate.gate.asking import compile_pattern, cut, fail, ok, output_evidence, result_of, unknown, why_not_run
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import OutputCheck


def evaluate_output(check: OutputCheck, context: CheckContext) -> Answer:
    """Ask the output of a command; a command of the check's own that fails is a fail, whatever it said."""
    parts = [f"has {check.has!r}"] if check.has else []
    parts += [f"matches {check.matches!r}"] if check.matches else []
    parts += [f"without {check.without!r}"] if check.without else []
    expected = "output " + ", ".join(parts)
    if not parts:
        return unknown("a text to look for", "the check names none of has, matches, without")
    pattern = compile_pattern(check.matches, "output: matches") if check.matches else None
    result = result_of(check.command, context)
    why = why_not_run(result)
    if result is None or why:
        return unknown(expected, why)
    evidence = output_evidence(result, context)
    if check.command and not result.is_ok:
        return fail(expected, f"the command ended with {result.code}", evidence=evidence)
    text = result.output
    forbidden = [line for line in text.splitlines() if check.without and check.without in line]
    if forbidden:
        return fail(expected, f"{check.without!r} is there", items=cut(forbidden), evidence=evidence)
    missing = [repr(check.has)] if check.has and check.has not in text else []
    missing += [f"a match of {check.matches!r}"] if pattern and not pattern.search(text) else []
    is_cut = result.output_bytes > len(text.encode()) and "bytes left out" in text
    if is_cut and (missing or check.without):
        return unknown(expected, "the output is longer than what is kept, so what it lacks is not known")
    if missing:
        return fail(expected, f"no {' and no '.join(missing)}", evidence=evidence)
    return ok(expected, "so it is", evidence=evidence)
