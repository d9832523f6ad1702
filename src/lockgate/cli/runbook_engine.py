"""What ``runbook run`` and ``runbook resume`` share: the world of a target, signals, events, how it ended."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from lockgate.cli.actor import find_actor
from lockgate.cli.confirm import has_terminal
from lockgate.cli.desk import open_desk
from lockgate.cli.face import Face
from lockgate.cli.people import people_tools
from lockgate.cli.target_tools import make_target_tools
from lockgate.engine import load_engine
from lockgate.errors import LockgateError
from lockgate.execute.interrupt import Interrupts, catch_signals
from lockgate.gate.approvals.settings import ApprovalSettings, parse_approval_settings, parse_people
from lockgate.model.approval import Person
from lockgate.model.procedure import Entry
from lockgate.monitor.base import Watcher
from lockgate.monitor.build import build_watcher
from lockgate.monitor.own_metrics import MetricsFile
from lockgate.monitor.own_spans import open_spans
from lockgate.monitor.source import SourceContext
from lockgate.outside.redact import redact
from lockgate.outside.shell import build_environment
from lockgate.runbook.base import World
from lockgate.runbook.engine import Ending, EngineOptions, run
from lockgate.runbook.engine.options import Wish
from lockgate.runbook.lock import Lock
from lockgate.runbook.monitors import TargetLooks, target_sources
from lockgate.runbook.open_world import check_kinds, open_world
from lockgate.runbook.people import make_tell_people
from lockgate.runbook.record import FILE_NAME as JOURNAL
from lockgate.runbook.record import Record, read_entries
from lockgate.runbook.runs import hold_target
from lockgate.runbook.target_lease import TargetLease
from lockgate.runbook.variables import Values, check_names, fill, named_in


@dataclass(frozen=True)
class Stage:
    """Everything a run needs that is not its own: the world, its options, the record."""

    world: World
    options: EngineOptions


def people_of(face: Face) -> tuple[Person, ...]:
    """Return everybody of ``[people]``."""
    return face.settings.part("people", parse_people)


def approval_settings_of(face: Face) -> ApprovalSettings:
    """Return what ``[approvals]`` sets."""
    return face.settings.part("approvals", parse_approval_settings)


def make_values(lock: Lock) -> Values:
    """Return the variables of a run, every one readable.

    Raises:
        ConfigError: A secret is not there, or something names a variable nobody declared.
    """
    values = Values(lock.runbook.vars, lock.values, os.environ, Path(lock.folder))
    check_names(lock.runbook, values)
    values.check()
    return values


def make_facts(face: Face, lock: Lock) -> dict[str, Any]:
    """Return what checks may know besides the journal."""
    return open_desk(face).facts(lock)


def make_watcher(
    lock: Lock, values: Values, looks: TargetLooks, folder: Path, environment: Mapping[str, str]
) -> Watcher:
    """Return the watch over a runbook's monitors, variables in place."""
    commands = [monitor for monitor in lock.runbook.monitors if monitor.source == "command"]
    monitors = [monitor if monitor in commands else fill(monitor, values) for monitor in lock.runbook.monitors]
    named = {name: text for m in commands for name, text in named_in(f"{m.query} {m.bad} {m.total}", values).items()}
    context = SourceContext(folder=Path(lock.folder), environment={**environment, **named})
    return build_watcher(monitors, target_sources(looks), folder, context)


@contextmanager
def open_stage(
    face: Face, lock: Lock, folder: Path, record: Record | None, options: Mapping[str, Any]
) -> Iterator[Stage]:
    """Yield the world of a target; without a record (a dry run) nobody is told anything.

    Raises:
        LeaseHeld: Another runbook is at work on the target (never for a dry run).
        ConfigError: The runbook cannot be run here.
    """
    target, values = face.target.target, make_values(lock)
    engine = load_engine(target.engine)
    looks, lease = TargetLooks(engine, target), TargetLease(engine, target)
    environment = build_environment(os.environ)
    watcher = make_watcher(lock, values, looks, folder, environment)
    people = people_tools(face, lock.runbook, digest=lock.digest)
    world = open_world(
        make_target_tools(face),
        watcher,
        people=people,
        set_aside=lease.set_aside,
        tell_people=make_tell_people(people, lock.runbook, folder.name, record) if record else _tell_nobody,
        describe_target=lambda: _describe(face),
    )
    check_kinds(lock.runbook, world)
    engine_options = EngineOptions(
        folder=Path(lock.folder),
        environ=os.environ,
        values=values,
        facts=make_facts(face, lock),
        tell=lambda text: face.talk.say(redact(text)),
        **options,
    )
    if record is None:
        yield Stage(world, engine_options)
        return
    with hold_target(face.settings.state_dir, face.target.name):
        lease.take()
        try:
            yield Stage(world, engine_options)
        finally:
            lease.free()
            looks.close()


def carry_out(face: Face, lock: Lock, folder: Path, options: Mapping[str, Any]) -> int:
    """Run what the folder's journal tells of to its end or rest, show how it stands, and return the exit code."""
    actor = find_actor(os.environ)
    entries = read_entries(folder) if (folder / JOURNAL).exists() else ()
    metrics = MetricsFile(folder / "metrics.prom", entries)
    spans = open_spans(folder.name, os.environ, face.talk.say)
    show = _observer(face, folder.name)

    def observe(entry: Entry) -> None:
        metrics.observe(entry)
        if spans is not None:
            spans.observe(entry)
        show(entry)

    record = Record(folder, actor=actor.name, observe=observe)
    wish = Wish()
    interrupts = Interrupts()

    def on_request(count: int) -> None:
        wish.count, wish.exit_code = count, interrupts.exit_code
        text = "stopping after the running task; once more ends it now" if count == 1 else "ending the running task"
        face.talk.say(text)

    interrupts.on_request = on_request
    try:
        with catch_signals(interrupts), open_stage(face, lock, folder, record, {**options, "wish": wish}) as stage:
            chosen = replace(stage.options, actor=actor.name, resumer=actor.name)
            ending = run(lock, stage.world, record, chosen)
    except LockgateError:
        if not record.entries:  # nothing began, so nothing is left that looks like a run
            shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        record.close()
        if spans is not None:
            spans.close()
    _write_reports(face, folder)
    return show_ending(face, folder, ending)


def show_ending(face: Face, folder: Path, ending: Ending) -> int:
    """Show how a run ended or what it waits for."""
    if face.output_format == "json":
        table = {
            "v": 1,
            "type": "result",
            "run": folder.name,
            "status": ending.status.value,
            "message": ending.message,
            "next": ending.hint,
            "exit_code": ending.exit_code,
        }
        click.echo(redact(json.dumps(table, ensure_ascii=False)))
        return ending.exit_code
    lines = [f"run {folder.name}: {ending.status.value}", f"  {ending.message}"]
    if ending.hint:
        lines.append(f"next: {ending.hint}")
    face.show("\n".join(lines))
    return ending.exit_code


def is_waiting(choice: bool | None) -> bool:
    """Return whether to wait for people here: as chosen, else where there is a terminal."""
    return has_terminal() if choice is None else choice


def _observer(face: Face, run_id: str) -> Any:
    """Return what prints each entry as one line of JSON; for text nothing."""
    if face.output_format != "json":
        return lambda entry: None

    def show(entry: Entry) -> None:
        line = {"run": run_id, **msgspec.to_builtins(entry)}
        click.echo(redact(json.dumps(line, ensure_ascii=False)))

    return show


def _describe(face: Face) -> dict[str, str]:
    target = face.target
    about = {"target": target.name, "engine": target.target.scheme, "server": ""}
    engine = load_engine(target.target.engine)
    session = engine.connect(target.target, is_read_only=True)
    try:
        server = engine.identify(session)
        about["server"] = f"{server.flavor} {server.version_text}"
    finally:
        session.close()
    return about


def _tell_nobody(key: str, when: str, text: str) -> None:
    """Tell nobody: a dry run does nothing."""


def _write_reports(face: Face, folder: Path) -> None:
    from lockgate.runbook.run_reports import write_run_reports

    try:
        write_run_reports(folder)
    except LockgateError as error:
        face.talk.say(f"the report could not be written: {error}")


def stamp() -> str:
    """Return now, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
