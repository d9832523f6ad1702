"""What a gate or task may ask: a closed union of typed checks; no expressions; pure.

In YAML a check is its kind, its main field and the rest beside it:
``{http: "${app_url}/health", status: 200, of: "3/3"}``.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from lockgate.model.schema import Value


class _Check(Value, frozen=True, kw_only=True, tag_field="kind"):
    """Base: ``kind`` names it in JSON; ``title`` are words for people; ``failure_class`` overrides the kind's own."""

    title: str = ""
    failure_class: str = ""


class ExitCheck(_Check, frozen=True, tag="exit"):
    """A command ends with a code. Without ``command``: the task's own."""

    command: str = ""
    code: int = 0
    retries: int = 0


class OutputCheck(_Check, frozen=True, tag="output"):
    """A command's (or the task's own) output has a text, or matches a pattern (RE2-like, no back-references)."""

    has: str = ""
    matches: str = ""
    without: str = ""
    command: str = ""


class SqlCheck(_Check, frozen=True, tag="sql"):
    """A read-only query's one value compares to ``expect`` (a value, ``>= 5``, ``!= 0``), or its row count."""

    query: str
    expect: str = ""
    rows: str = ""


class SchemaCheck(_Check, frozen=True, tag="schema"):
    """The live schema is: ``expected`` (what the last stage should have left), ``desired``, ``before``, or a
    fingerprint; or has each of ``has`` (``table orders``, ``column orders.total``, ``index ix_…``)."""

    is_: str = msgspec.field(default="", name="is")
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


class DriftCheck(_Check, frozen=True, tag="drift"):
    """Drift is measured, over everything, and nothing of a severity above ``allow`` (none, info, warning) is found."""

    allow: str = "none"
    desired: str = ""


class RemediationCheck(_Check, frozen=True, tag="remediation"):
    """Every difference between the live and the desired schema, measured now, has a row in a document, which says
    something about it."""

    path: str
    desired: str = ""


class ValidateCheck(_Check, frozen=True, tag="validate"):
    """Defects, conventions or migrations are looked at and nothing above ``allow`` is found."""

    only: tuple[str, ...] = ()
    allow: str = "info"
    migrations: str = ""


class PlanCheck(_Check, frozen=True, tag="plan"):
    """A plan's stages are ``applied``, or it is ``rehearsed``, ``approved``, ``current``, ``lint-free``."""

    plan: str
    is_: str = msgspec.field(default="applied", name="is")
    stage: int = 0
    max_age: str = "24h"


class HttpCheck(_Check, frozen=True, tag="http"):
    """An address answers: status, text in the body, in time, in ``of`` so many tries (``3/3``), ``every`` so often."""

    url: str
    status: int = 200
    has: str = ""
    without: str = ""
    within: str = "5s"
    of: str = "1/1"
    every: str = "5s"
    follow: bool = False


class FileCheck(_Check, frozen=True, tag="file"):
    """A file is there, not empty, newer than the run's start (``since: run``), has a text, a digest."""

    path: str
    has: str = ""
    without: str = ""
    min_bytes: int = 1
    sha256: str = ""
    since: str = ""
    absent: bool = False


class GitCheck(_Check, frozen=True, tag="git"):
    """The work tree is ``clean``, HEAD is a commit, a tag is where it should be, nothing is ``unpushed``."""

    is_: str = msgspec.field(default="clean", name="is")
    commit: str = ""
    tag: str = ""
    branch: str = ""


class BackupCheck(_Check, frozen=True, tag="backup"):
    """The newest backup of the target is no older, is proven, is not much smaller; the status has no findings."""

    max_age: str = ""
    verified: bool = True
    since: str = ""
    healthy: bool = False
    store: bool = False


class KnownFailure(Value, frozen=True):
    """A test that may fail: its id, who looks after it, and until which day (ISO) that is agreed."""

    id: str
    owner: str
    until: str
    reason: str = ""


class TestsCheck(_Check, frozen=True, tag="tests"):
    """A command's failures are no worse than a baseline's (``no_worse_than_baseline``, by test id; what it had must
    still be there), or there are none (``passed``). ``known`` are failures that are agreed on for a time."""

    is_: str = msgspec.field(default="no_worse_than_baseline", name="is")
    baseline: str = ""
    command: str = ""
    parser: str = "auto"
    retries: int = 0
    known: tuple[KnownFailure, ...] = ()


class MetricCheck(_Check, frozen=True, tag="metric"):
    """A monitor's value holds now (its rule is not broken)."""

    monitor: str


class MonitorsCheck(_Check, frozen=True, tag="monitors"):
    """Every monitor of the run gave a value within its time."""

    names: tuple[str, ...] = ()


class LogCheck(_Check, frozen=True, tag="log"):
    """A log has no line with ``without`` since the start of the run, phase or task (``since``)."""

    log: str
    without: str = ""
    matches: str = ""
    since: str = "phase"
    allow: tuple[str, ...] = ()


class PreflightCheck(_Check, frozen=True, tag="preflight"):
    """The target can take a change: tools, version, privileges, disk (``disk`` times the largest table), replicas no
    further behind than ``max_lag``, no time-out of the server that would cut a change off.

    ``only`` names parts: version, privileges, disk, replication, timeouts, backup.
    """

    only: tuple[str, ...] = ()
    disk: float = 2.0
    max_lag: str = "10s"


class TouchesCheck(_Check, frozen=True, tag="touches"):
    """Since the newest checkpoint of this task, phase or run no other table's schema changed than these."""

    tables: tuple[str, ...]


class SessionCheck(_Check, frozen=True, tag="session"):
    """The work session is ``registered``, has ``no-conflict``, or is ``archived``."""

    is_: str = msgspec.field(default="registered", name="is")
    claims: tuple[str, ...] = ()


class RoadmapCheck(_Check, frozen=True, tag="roadmap"):
    """The roadmap file is valid."""

    path: str


class NotifiedCheck(_Check, frozen=True, tag="notified"):
    """Every channel of a group has a delivery record in this run; ``acknowledged`` by each of ``by``."""

    channel: str
    message: str = ""
    by: tuple[str, ...] = ()


class DocumentsCheck(_Check, frozen=True, tag="documents"):
    """Every document is there and newer than the start of the run."""

    paths: tuple[str, ...]


class ApprovalCheck(_Check, frozen=True, tag="approved"):
    """A review by roles is recorded for exactly these files' (or this runbook's) digest, not by their author alone."""

    files: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    quorum: int = 1


class HistoryCheck(_Check, frozen=True, tag="tasks"):
    """Tasks of this run are done: all before this place, or those named."""

    done: tuple[str, ...] = ()


class ManualCheck(_Check, frozen=True, tag="manual"):
    """A person says so by name. ``proposed`` is a check that could take its place (YAML of it), never run by itself."""

    text: str
    roles: tuple[str, ...] = ()
    proposed: str = ""


Check: TypeAlias = (
    ExitCheck
    | OutputCheck
    | SqlCheck
    | SchemaCheck
    | DriftCheck
    | RemediationCheck
    | ValidateCheck
    | PlanCheck
    | HttpCheck
    | FileCheck
    | GitCheck
    | BackupCheck
    | TestsCheck
    | MetricCheck
    | MonitorsCheck
    | LogCheck
    | PreflightCheck
    | TouchesCheck
    | SessionCheck
    | RoadmapCheck
    | NotifiedCheck
    | DocumentsCheck
    | ApprovalCheck
    | HistoryCheck
    | ManualCheck
)
