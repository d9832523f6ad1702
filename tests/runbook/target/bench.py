"""A target, a run's folder with its journal, and tasks and checks asked directly of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lockgate.backup.repository import Repository, repository_name
from lockgate.backup.settings import BackupSettings
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.procedure import EntryType, TaskState
from lockgate.model.runbook import Phase, Runbook, Task, Touches
from lockgate.model.target import parse_target
from lockgate.runbook.actions.registry import build_perform, build_probe
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.checks.registry import build_evaluate
from lockgate.runbook.record import Record
from lockgate.runbook.target import TargetTools


@dataclass
class Bench:
    """One target and one run on it."""

    tools: TargetTools
    folder: Path
    record: Record
    told: list[str] = field(default_factory=list)
    is_stopped: Callable[[], bool] = lambda: False
    is_dry_run: bool = False
    runbook: Runbook = field(default_factory=lambda: Runbook(runbook="test"))
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def context(self, task: Task) -> TaskContext:
        def effect(made: Effect) -> None:
            self.record.append(
                EntryType.EFFECT, {"what": made.what, "id": made.id, **made.facts}, phase="1", task=task.id
            )

        return TaskContext(
            runbook=self.runbook,
            task=task,
            run="20260101-test-abcdef",
            folder=self.folder,
            run_folder=self.record.folder,
            environment={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)},
            values={},
            entries=self.record.entries,
            keep=self.record.keep,
            effect=effect,
            tell=self.told.append,
            is_stopped=self.is_stopped,
            timeout_s=60.0,
            is_dry_run=self.is_dry_run,
        )

    def do(self, action: Any, task: str = "1.1", **fields: Any) -> Done:
        """Do an action as a task."""
        item = Task(id=task, title=task, do=action, **fields)
        self.record.append(EntryType.TASK_STARTED, {"action": "x"}, phase="1", task=task)
        kind = str(type(action).__struct_config__.tag)
        return build_perform(self.tools)[kind](action, self.context(item))

    def probe(self, action: Any, task: str = "1.1") -> TaskState:
        """Look whether an action was done."""
        kind = str(type(action).__struct_config__.tag)
        return build_probe(self.tools)[kind](action, self.context(Task(id=task, title=task, do=action)))

    def ask(self, check: Any, task: str = "") -> Answer:
        """Ask a check."""
        kind = str(type(check).__struct_config__.tag)
        context = CheckContext(
            folder=self.folder,
            environment={},
            started={"run": self.started},
            keep=self.record.keep,
            entries=self.record.entries,
            task=task,
        )
        return build_evaluate(self.tools)[kind](check, context)

    def effects(self, what: str) -> list[dict[str, Any]]:
        """Return the bodies of the effects of a kind."""
        found = [e for e in self.record.entries if e.type is EntryType.EFFECT and e.body["what"] == what]
        return [entry.body for entry in found]

    def sql(self, *statements: str) -> None:
        """Run statements on the target, each by itself."""
        with contextlib.closing(self.tools.engine.connect(self.tools.target, is_read_only=False)) as session:
            for statement in statements:
                session.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with contextlib.closing(self.tools.engine.connect(self.tools.target, is_read_only=True)) as session:
            return session.query(query)

    def write(self, name: str, text: str) -> str:
        """Write a file into the runbook's folder."""
        (self.folder / name).write_text(text)
        return str(self.folder / name)


def make_bench(url: str, folder: Path, **settings: Any) -> Bench:
    """Return a bench on a database."""
    state = folder / "state"
    target = parse_target(url)
    backup = settings.pop("backup", BackupSettings())
    tools = TargetTools(
        name=target.name,
        target=target,
        state_dir=state,
        actor="tester",
        open_repository=lambda: Repository(state / "backups" / repository_name(target.name), operator="tester"),
        backup=backup,
        **settings,
    )
    return Bench(tools=tools, folder=folder, record=Record(state / "procedures/20260101-test-abcdef"))


@contextlib.contextmanager
def open_bench(url: str, folder: Path, desired: str, *statements: str, **settings: Any) -> Iterator[Bench]:
    """Give a bench in a folder of its own, with a desired schema, on a database in which the statements were run."""
    folder.mkdir(exist_ok=True)
    made = make_bench(url, folder, desired=str(folder / "schema.sql"), **settings)
    made.write("schema.sql", desired)
    made.sql(*statements)
    yield made
    made.record.close()


def touches(*tables: str) -> Touches:
    """Return a declared blast radius."""
    return Touches(tables=tables)


def phase_of(*tasks: Task) -> Phase:
    """Return a phase of tasks."""
    return Phase(id="1", title="1", tasks=tasks)
