"""Check ``http``: an address answers as it should, in time, k times of m; another page than asked is no answer."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lockgate.gate.asking import fail, ok, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import HttpCheck
from lockgate.model.duration import parse_duration
from lockgate.model.outcome import Evidence, FailureClass, Outcome
from lockgate.outside.http import HttpAnswer, send_request
from lockgate.outside.redact import redact

_LOGIN = re.compile(r"(^|[/._-])(log-?in|sign-?in|sso|saml|oauth2?|authorize)([/._-]|$)", re.IGNORECASE)
_PASSWORD_FIELD = re.compile(r"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
_WHOLE_BODY = 1 << 20
_OF = re.compile(r"(\d+)\s*/\s*(\d+)")


def evaluate_http(check: HttpCheck, context: CheckContext) -> Answer:
    """Ask an address m times and want k good answers.

    A try that got no answer at all (name, connection, certificate) is unknown; one that got a wrong answer, or none in
    time once it was connected, is a fail.
    """
    match = _OF.fullmatch(check.of.strip())
    wanted, tries = (int(match[1]), int(match[2])) if match else (0, 0)
    expected = _expected(check)
    if not 1 <= wanted <= tries <= 100:
        return unknown(expected, f"of: {check.of!r} is not k/m with 1 ≤ k ≤ m ≤ 100")
    seen: list[tuple[Outcome, str]] = []
    worst = HttpAnswer(check.url, 0)
    for number in range(tries):
        if number:
            context.sleep(parse_duration(check.every))
        if context.is_stopped():
            break
        answer = send_request(check.url, timeout_s=parse_duration(check.within), is_following=check.follow)
        seen.append(judge_answer(check, answer))
        if seen[-1][0] is not Outcome.OK:
            worst = answer
    good = sum(1 for outcome, _ in seen if outcome is Outcome.OK)
    bad = sum(1 for outcome, _ in seen if outcome is Outcome.FAIL)
    found = _found(seen, good, wanted, tries)
    if good >= wanted:
        return ok(expected, found, attempts=len(seen), failure_class=FailureClass.SERVICE)
    evidence: tuple[Evidence, ...] = ()
    if bad and worst.body:
        evidence = (context.keep(f"{context.check.replace('/', '-')}-body.txt", redact(worst.body[:65536]).encode()),)
    say = fail if bad > tries - wanted else unknown
    return say(expected, found, attempts=len(seen), evidence=evidence, failure_class=FailureClass.SERVICE)


def judge_answer(check: HttpCheck, answer: HttpAnswer) -> tuple[Outcome, str]:
    """Say what one answer is worth, and why."""
    took = f"{answer.duration_s * 1000:.0f} ms"
    if answer.status == 0:
        is_late = answer.error.startswith("timed out") and "connecting" not in answer.error
        return (Outcome.FAIL, f"no answer in {check.within}") if is_late else (Outcome.UNKNOWN, answer.error)
    if answer.status != check.status:
        to = answer.headers.get("location", "")
        return Outcome.FAIL, f"{answer.status}" + (f" to {to[:120]}" if to else "")
    if answer.duration_s > parse_duration(check.within):
        return Outcome.FAIL, f"{answer.status} after {took}"
    if check.follow and _is_login(check, answer):
        return Outcome.FAIL, f"{answer.status} by a login page ({answer.url[:120]})"
    is_cut = len(answer.body.encode()) >= _WHOLE_BODY
    if check.without and check.without in answer.body:
        return Outcome.FAIL, f"{answer.status} with {check.without!r}"
    if check.has and check.has not in answer.body:
        lacks = f"{answer.status} without {check.has!r}"
        return (Outcome.UNKNOWN, f"{lacks} in the first megabyte") if is_cut else (Outcome.FAIL, lacks)
    if check.without and is_cut:
        return Outcome.UNKNOWN, f"{answer.status}, and more than a megabyte to look through"
    return Outcome.OK, f"{answer.status} in {took}"


def _is_login(check: HttpCheck, answer: HttpAnswer) -> bool:
    """Whether redirects ended where people log in, which is not what was asked for."""
    asked, got = urlsplit(check.url), urlsplit(answer.url)
    if (asked.netloc, asked.path) == (got.netloc, got.path) or _LOGIN.search(asked.path):
        return False
    return bool(_LOGIN.search(got.path) or (_PASSWORD_FIELD.search(answer.body) and not check.has))


def _expected(check: HttpCheck) -> str:
    parts = [f"{check.status} within {check.within}"]
    parts += [f"with {check.has!r}"] if check.has else []
    parts += [f"without {check.without!r}"] if check.without else []
    parts += [f"{check.of} times"] if check.of.replace(" ", "") != "1/1" else []
    return ", ".join(parts)


def _found(seen: list[tuple[Outcome, str]], good: int, wanted: int, tries: int) -> str:
    words = "; ".join(words for _, words in seen) or "not asked: the run is being stopped"
    return words if tries == 1 else f"{good} of {tries} good, {wanted} needed: {words}"
