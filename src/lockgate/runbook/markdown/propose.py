"""Typed checks and actions that could take the place of words; only ever proposed, never run by themselves; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import yaml

from lockgate.runbook.markdown.words import plain

_TOOLS = (
    "git", "pnpm", "npm", "npx", "yarn", "bun", "curl", "wget", "psql", "mysql", "mysqldump", "pg_dump", "sqlite3",
    "python", "python3", "node", "tsx", "docker", "kubectl", "bash", "sh", "cat", "ls", "grep", "cp", "mv", "mkdir",
    "pytest", "tox", "cargo", "go", "gradle", "mvn", "dotnet", "alembic", "flyway", "lockgate", "rails", "bundle",
    "php",
)  # fmt: skip
_PATH = re.compile(
    r"(?<![\w/])(\.{0,2}/?(?:[\w.-]+/)*[\w.$(){}%+-]+\.(?:md|sql|json|ya?ml|txt|log|csv|gz|html|tsx?|py|sh|dump))\b"
)
_URL = re.compile(r"https?://[^\s`'\"|)>]+")
_WRITES_TO = re.compile(r"(?:>\s*|\btee\s+(?:-a\s+)?|\s-o\s+|--output[= ])(\S+)")


def to_flow(table: dict[str, Any]) -> str:
    """Write a table as one line of YAML, as it can be pasted into a runbook."""
    if any("\n" in value for value in table.values() if isinstance(value, str)):
        return json.dumps(table, ensure_ascii=False)
    text = yaml.safe_dump(table, default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return text.strip().removesuffix("...").strip()


def propose_action(cell: str) -> str:
    """Propose the action for words that look like a command though they are not marked as code; empty: none."""
    words = plain(cell)
    first = words.split(" ", 1)[0] if words else ""
    looks = first in _TOOLS or re.match(r"\.{0,2}/[\w./-]+$", first)
    if "`" in cell or not looks or re.search(r"\b(the|that|all|sure|latest)\b", words):
        return ""
    return to_flow({"sh": words})


def propose_check(text: str, command: str = "") -> str:
    """Propose a typed check (one line of YAML) for words of a verification; empty: the vocabulary has none."""
    words = plain(text).lower()
    for pattern, make in _VOCABULARY:
        if re.search(pattern, words):
            table = make(plain(text), command)
            if table:
                return to_flow(table)
    return ""


def _fixed(**table: Any) -> Callable[[str, str], dict[str, Any]]:
    return lambda text, command: {key.rstrip("_"): value for key, value in table.items()}


def _http(text: str, command: str) -> dict[str, Any]:
    found = _URL.search(text) or _URL.search(command)
    status = re.search(r"\b([1-5]\d\d)\b", text)
    return {
        "http": found.group().rstrip(".,;") if found else "${app_url}/health",
        "status": int(status.group(1)) if status else 200,
    }


def _file(text: str, command: str) -> dict[str, Any]:
    found = _PATH.search(text) or _WRITES_TO.search(command)
    return {"file": found.group(1).strip("'\""), "since": "run"} if found else {}


def _tests(text: str, command: str) -> dict[str, Any]:
    words = f"{text} {command}".lower()
    names = {
        "typecheck": r"type-?\s?check|\btsc\b|\bmypy\b|\btypes?\b",
        "lint": r"\blint|eslint|ruff",
        "e2e": r"\be2e\b|end-to-end",
    }
    name = next((name for name, pattern in names.items() if re.search(pattern, words)), "tests")
    return {"tests": "no_worse_than_baseline", "baseline": name}


def _log(text: str, command: str) -> dict[str, Any]:
    return {"log": "app", "without": "ERROR", "since": "phase"}


def _schema(text: str, command: str) -> dict[str, Any]:
    found = re.search(r"(?i)\b(table|column|index)\s+`?([a-z_][\w.]*)`?\s+(?:exists?|is there|present|created)", text)
    return {"schema": {"has": [f"{found.group(1).lower()} {found.group(2)}"]}} if found else {"schema": "expected"}


def _exit(text: str, command: str) -> dict[str, Any]:
    return {"exit": ""} if command else {}


def _backup(text: str, command: str) -> dict[str, Any]:
    return {"backup": "24h", "verified": True}


_VOCABULARY: tuple[tuple[str, Callable[[str, str], dict[str, Any]]], ...] = (
    (r"\b(http|status|returns?|responds?|code)\b.*\b[1-5]\d\d\b|^\W*200\b|\b200 ok\b|\bhealth(y|check|"
     r" check)?\b", _http),
    (r"\b(no|without|zero) (new )?(errors?|exceptions?|500s?)\b.*\blogs?\b|\blogs?\b.*\b(clean|no errors?)\b", _log),
    (r"\b(no|without|zero)\b.*\bconflict", _fixed(session="no-conflict")),
    (r"\bsession\b.*\barchiv|\barchiv.*\bsession\b", _fixed(session="archived")),
    (r"\bsession\b.*\b(regist|pushed|visible|claimed|created)|\bregist.*\bsession\b", _fixed(session="registered")),
    (r"\broadmap\b.*\bvalid|\bvalid.*\broadmap\b", _fixed(roadmap="docs/ROADMAP.md")),
    (r"\brollback\b.*\b(test|work|rehears)|\bdry.?run\b.*\b(test|pass|ok|clean)|"
     r"\brehears", _fixed(plan="plan.json", is_="rehearsed")),
    (r"\b(team|teams|stakeholders?|everyone|users?)\b.*\b(notif|told|informed|announced)|"
     r"\bnotif", _fixed(notified="team")),
    (r"\bbackups?\b", _backup),
    (r"\b(tests?|suite|e2e|specs?)\b.*\b(pass|green|ok|succeed)|\ball green\b|type-?\s?check|\blint(er|"
     r"ing)?\b|\bno type errors?\b", _tests),
    (r"\breviewed\b|\bapproved\b|\breview (is )?(complete|done)|"
     r"\bcode review\b", _fixed(approved="", roles=["reviewer"])),
    (r"\bno drift\b|\bdrift\b.*\b(none|zero|clean|empty)|\bin sync\b", _fixed(drift="none")),
    (r"\b(discrepanc|differences?\b|drift\b).*\b(documented|recorded|listed|have a fix)|\bremediation\b.*\bcomplete",
     _fixed(remediation="docs/remediation.md")),
    (r"\btag\b", _fixed(git="tag", tag="<tag>")),
    (r"\b(work(ing)? tree|repo(sitory)?|git status)\b.*\bclean\b", _fixed(git="clean")),
    (r"\b(expected|latest|right) commit\b|\bup to date\b|\bhead\b.*\b(is|at)\b", _fixed(git="head", commit="<commit>")),
    (r"\b(monitor|metric|dashboard|alert)s?\b.*\b(ready|work|active|live|configured|value)", _fixed(monitors="")),
    (r"\b(schema|tables?|columns?|constraints?|index(es)?|foreign keys?)\b.*\b(match|exist|verif|correct|"
     r"present|applied|created)", _schema),
    (r"\b(all )?(changes|migrations?|stages?)\b.*\b(applied|confirmed)", _fixed(schema="expected")),
    (r"\bdocument(ation|s)?\b.*\b(complete|written|updated|exist)", lambda text, command: _documents(text)),
    (r"\b(file|report|output|export|snapshot|plan|log|document|runbook|script)s?\b.*\b(exist|generat|creat|saved|written|captur|present)"
     r"|\bexists\b|\bsaved\b", _file),
    (r"\bexit(s|ed)?( code)?( is| with)? 0\b|\bexit code 0\b|\bsucceeds\b|\bruns (clean|without errors?)|"
     r"\bno errors?\b|^pass(es)?$", _exit),
)  # fmt: skip


def _documents(text: str) -> dict[str, Any]:
    paths = [match.group(1) for match in _PATH.finditer(text)]
    return {"documents": {"paths": paths}} if paths else {}
