"""Check ``exit``: a command ends with a code; what could not be started is unknown."""

from __future__ import annotations

from lockgate.gate.asking import class_of_command, count, fail, ok, output_evidence, result_of, unknown, why_not_run
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import ExitCheck


def evaluate_exit(check: ExitCheck, context: CheckContext) -> Answer:
    """Ask how a command ends, up to ``retries`` times more; a pass on a later try says so."""
    expected = f"exit code {check.code}"
    result, tries = result_of(check.command, context), 1
    while check.command and tries <= check.retries and result is not None and result.code != check.code:
        if result.is_cancelled or (result.code is not None and why_not_run(result)):
            break
        result, tries = result_of(check.command, context), tries + 1
    retried = f" ({count(tries - 1, 'retry', 'retries')})" if tries > 1 else ""
    if result is not None and result.code == check.code:
        words = "passed" if check.code == 0 else f"exit code {check.code}"
        return ok(expected, words + retried, attempts=tries, evidence=output_evidence(result, context))
    why = why_not_run(result)
    evidence = output_evidence(result, context) if result is not None else ()
    if why:
        return unknown(expected, why, attempts=tries, evidence=evidence)
    assert result is not None and result.code is not None
    signal = f" (ended by signal {result.code - 128})" if 128 < result.code <= 128 + 64 else ""
    return fail(
        expected,
        f"exit code {result.code}{signal}{retried}",
        items=tuple(result.output.splitlines()[-5:]),
        attempts=tries,
        evidence=evidence,
        failure_class=class_of_command(check.command or result.command),
    )
