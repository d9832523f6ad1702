"""Read JUnit XML, as pytest, jest, vitest, surefire and others write it; pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree as xml

from lockgate.gate.baseline.findings import Findings

_DECLARES = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_START = re.compile(r"<\?xml|<testsuites?[\s>]")
_RETRIES = ("flakyFailure", "flakyError", "rerunFailure", "rerunError")


def recognises_junit(text: str) -> bool:
    """Tell whether a text holds JUnit XML."""
    return "<testsuite" in text and "</testsuite" in text


def parse_junit(text: str, folder: str = "") -> Findings:
    """Read all suites of a text; ids are ``file or class::name``."""
    documents = _documents(text)
    if not documents:
        return Findings("junit", problem="no JUnit XML was found")
    cases: list[xml.Element] = []
    for document in documents:
        if _DECLARES.search(document):
            return Findings("junit", problem="the XML declares entities, which is refused")
        try:
            cases += xml.fromstring(document).iter("testcase")
        except xml.ParseError as error:
            return Findings("junit", problem=f"the XML cannot be read: {error}")
    return _collect(cases)


def _documents(text: str) -> list[str]:
    """Cut the XML documents out of a text that may have other words around them."""
    found, at = [], 0
    while match := _START.search(text, at):
        ends = [(text.find(tag, match.start()), tag) for tag in ("</testsuites>", "</testsuite>")]
        is_nested = "<testsuites" in text[match.start() : match.start() + 400]
        end, tag = ends[0] if is_nested and ends[0][0] >= 0 else ends[1]
        stop = end + len(tag) if end >= 0 else len(text)
        found.append(text[match.start() : stop])
        at = stop
    return found


def _collect(cases: list[xml.Element]) -> Findings:
    failed: dict[str, int] = {}
    words: dict[str, str] = {}
    retried: dict[str, int] = {}
    tests, skipped = set(), set()
    for case in cases:
        place = case.get("file") or case.get("classname") or ""
        name = f"{place}::{case.get('name', '')}" if place else case.get("name", "")
        broken = next((part for part in case if part.tag in ("failure", "error")), None)
        if broken is None and case.find("skipped") is not None:
            skipped.add(name)
            continue
        tests.add(name)
        if broken is not None:
            failed[name] = failed.get(name, 0) + 1
            why = (broken.get("message") or broken.text or "").strip().splitlines()
            words[name] = f"{name}: {why[0][:200]}" if why else name
        else:
            again = sum(1 for part in case if part.tag in _RETRIES)
            if again:
                retried[name] = again
    return Findings("junit", failed, frozenset(tests), frozenset(skipped), retried, ran=len(tests), words=words)
