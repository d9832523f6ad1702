"""What a heading of a plan is about, by its words; pure."""

from __future__ import annotations

import re
from enum import Enum

from lockgate.runbook.markdown.words import key_of, plain, read_number

_PHASE = re.compile(
    r"^phase\s*[#-]?\s*(\d+[a-z]?|[ivx]+|[a-h]|zero|one|two|three|four|five|six|seven|eight|nine|ten)\b\s*"
    r"(?:[:.)\]\-–—|/]+\s*|$|(?=[A-Z(]))(.*)$",
    re.I,
)
_NOT_PHASE = re.compile(
    r"(?i)\bgate\b|\bcheck\s?list\b|\broll ?back\b|\bcompletion\b|\bexit criteria\b|\bdeliverables\b"
)
_STAGE = re.compile(r"(?i)^(?:stage|wave)\s+(\d+(?:\.\d+)*[a-z]?|[a-h])\b\s*[:.)\-–—]*\s*(.*)$")
_STEP = re.compile(r"(?i)^(?:sub-?)?(step|task)\s+#?(\d+(?:\.\d+)*[a-z]?)\b\s*[:.)\-–—]*\s*(.*)$")
_HIERARCHY = re.compile(r"^(\d+(?:\.\d+)+[a-z]?)[.:)]?\s+[-–—:]?\s*(.*)$")
_LEVEL = re.compile(
    r"(?i)^(?:roll ?back |recovery )?(?:level|tier|l)\s*[-#]?\s*(\d|[a-c]|one|two|"
    r"three)\b\s*(?:roll ?back)?\s*[:.)\-–—]*\s*(.*)$"
)


class Kind(Enum):
    """What a section holds."""

    PHASE = "phase"
    STAGE = "stage"
    STEP = "step"
    GATE = "gate"
    OBJECTIVES = "objectives"
    TASKS = "tasks"
    PRECHECKS = "prechecks"
    RISKS = "risks"
    LEVELS = "levels"
    LEVEL = "level"
    MONITORING = "monitoring"
    METRICS = "metrics"
    TRIGGERS = "triggers"
    COMMUNICATION = "communication"
    CONTACTS = "contacts"
    APPROVALS = "approvals"
    SUMMARY = "summary"
    SETTINGS = "settings"
    OTHER = "other"


_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.OTHER, r"\bsuccess (metrics?|criteria|indicators?)\b|\bkpis?\b|\bglossary\b|^(table of )?contents$"),
    (Kind.SETTINGS, r"^runbook settings$"),
    (Kind.APPROVALS, r"\bapproval|\bsign-?\s?offs?\b|\bauthori[sz]ations?\b|^approve"),
    (
        Kind.TRIGGERS,
        r"\btriggers?\b|\b(abort|stop|kill|halt|no-go) (criteria|conditions?|rules?)|stop (&|and|\+) roll|"
        r"alert(s|ing)? "
        r"(if|when|on|thresholds?|rules?|conditions?)|^(key )?alerts$|\b(stop|abort|roll ?back|halt|"
        r"alert)\b.* (if|when)\b|"
        r"when to (roll ?back|stop|abort)|red flags|alert thresholds",
    ),
    (
        Kind.CONTACTS,
        r"\bcontacts?\b|\bon-?call\b|who to call|escalation (path|chain|list|matrix)|reach us|phone (list|"
        r"tree)|call tree|"
        r"^people to (call|reach)",
    ),
    (Kind.GATE, r"\bgates?\b|\bexit criteria\b|\bacceptance criteria\b|\bdefinition of done\b|\bqa check(list|s)?\b"),
    (
        Kind.COMMUNICATION,
        r"^(before|during|after)( the)?( execution| migration| deployment| release| run| change| maintenance( "
        r"window)?)?$",
    ),
    (
        Kind.PRECHECKS,
        r"\bpre-?\s?(execution|flight|start|run|migration|deploy(ment)?|apply|change|launch)s?\b.*(check|list|require|item)|"
        r"\bprerequisit|\bpre-?checks?\b|\bpreconditions?\b|\bentry criteria\b|before (you |we )?(start|"
        r"begin|execut|anything)|"
        r"\bmandatory\b.*(check|before|list)|\bcheck.*\bmandatory\b|must (be true|hold) before|\bgo/no-?go\b",
    ),
    (Kind.COMMUNICATION, r"\bcommunicat|\bnotification(s| plan)?\b|\bannouncements?\b|stakeholder (updates|"
                         r"messages)|who hears what"),
    (Kind.METRICS, r"\bmetrics?\b|what (to|we) (watch|monitor)|things to watch|^watch( for| these)?$|"
                   r"\bindicators?\b|signals? (to|"
                   r"we) watch|\bwatch ?list\b"),
    (Kind.LEVEL, r"^(?:roll ?back |recovery )?(?:level|tier)\s*[-#]?\s*(\d|[a-c]|one|two|three)\b|^l[1-4]\b"),
    (Kind.LEVELS, r"\broll ?backs?\b|\bback-?outs?\b|\brecovery (procedures?|plan|levels?|options?)|"
                  r"ways? back|undo plan"),
    (Kind.MONITORING, r"\bmonitor|\balerts?\b|\bobservab|\bwatching\b"),
    (Kind.RISKS, r"\brisks?\b"),
    (Kind.OBJECTIVES, r"^(the )?(phase )?(objectives?|goals?|aims?|outcomes?|purpose and goals|"
                      r"what we want)$|^(key )?objectives\b"),
    (
        Kind.TASKS,
        r"^(detailed |execution |phase |ordered )?(tasks?|steps?|procedures?|actions?|instructions?|"
        r"work ?items|work|to do|runlist)"
        r"( list| table|s to (execute|run|take))?$|^execution$|^(tasks?|steps?) (\(|in order|for)",
    ),
    (
        Kind.SUMMARY,
        r"\bsummary\b|^overview|^introduction|^purpose|^about( this)?|^background|^context|^scope$|"
        r"^what this is|^why$|^abstract",
    ),
)  # fmt: skip


def kind_of(title: str) -> Kind:
    """Return what a section with this title holds, wherever it stands."""
    if phase_of(title):
        return Kind.PHASE
    if stage_of(title):
        return Kind.STAGE
    if step_of(title):
        return Kind.STEP
    key = key_of(title)
    return next((kind for kind, pattern in _WORDS if re.search(pattern, key)), Kind.OTHER)


def phase_of(title: str) -> tuple[str, str] | None:
    """Return id and title of a phase's heading; None: it is no such heading."""
    match = _PHASE.match(_bare(title))
    if match is None or _NOT_PHASE.search(match.group(2)[:60]):
        return None
    return read_number(match.group(1)), _words(match.group(2))


def phase_named(title: str) -> str:
    """Return the number of the phase, gate or stage that a title names; empty: none."""
    match = re.search(r"(?i)\b(?:phase|gate|qa)\s*#?\s*(\d+)\b", plain(title))
    return match.group(1) if match else ""


def stage_of(title: str) -> tuple[str, str] | None:
    """Return id and title of a stage's heading."""
    match = _STAGE.match(_bare(title))
    return (match.group(1), _words(match.group(2))) if match else None


def step_of(title: str) -> tuple[str, str] | None:
    """Return id and title of a heading such as ``Task 4.1: …``, ``Step 0.2 – …`` or ``4.1 …``."""
    if match := _STEP.match(_bare(title)):
        return match.group(2), _words(match.group(3))
    if match := _HIERARCHY.match(plain(title)):
        return match.group(1), _words(match.group(2))
    return None


def level_of(title: str) -> tuple[str, str] | None:
    """Return number and title of a level of rollback."""
    match = _LEVEL.match(_bare(title))
    return (read_number(match.group(1)), _words(match.group(2))) if match else None


def when_of(title: str) -> str:
    """Return before, during, after or breach: when something is told; empty: the title does not say."""
    key = key_of(title)
    for when, pattern in (
        ("breach", r"\b(breach|incident|on failure|if something (fails|goes wrong)|when it fails)\b"),
        ("before", r"\b(before|pre|prior|pre-?\w+|ahead|t-minus|beforehand)\b"),
        ("during", r"\b(during|while|in progress|in-flight|at the time|meanwhile)\b"),
        ("after", r"\b(after|post|post-?\w+|completion|afterwards|once done|closing|following)\b"),
    ):
        if re.search(pattern, key):
            return when
    return ""


def bound_step(title: str) -> str:
    """Return the id of the step that a heading says it belongs to (``… (Step 0.0)``); empty: none."""
    match = re.search(r"(?i)\b(?:step|task)s?\s+#?(\d+(?:\.\d+)+[a-z]?)\b", plain(title))
    return match.group(1) if match else ""


def _bare(title: str) -> str:
    """The title without a number of its own in front (``3. Phase 2: …``) and without marks."""
    return re.sub(r"^(?:\d+(?:\.\d+)*[.)]\s+)(?=[A-Za-z])", "", plain(title)).lstrip("[(: -–—")


def _words(text: str) -> str:
    text = text.strip().rstrip(":").strip()
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1]
    return text.strip("[] ").strip()
