"""What every part of the machine shares: journal and state, the look around between two acts, and checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from lockgate.errors import ConfigError, LockgateError
from lockgate.gate.base import Answer, CheckContext, Evaluate, run_checks
from lockgate.model.checks import Check
from lockgate.model.outcome import CheckResult, Outcome, Waiver
from lockgate.model.procedure import Entry, EntryType, RunStatus
from lockgate.model.procedure_state import RunState
from lockgate.model.runbook import Phase, Task
from lockgate.monitor.base import Breach
from lockgate.outside.shell import ShellResult, build_environment
from lockgate.runbook.base import TaskContext, World
from lockgate.runbook.durations import parse_seconds, show_seconds
from lockgate.runbook.engine.inbox import take_decisions
from lockgate.runbook.engine.options import EngineOptions, Stop
from lockgate.runbook.lock import Lock
from lockgate.runbook.record import Record
from lockgate.runbook.variables import command_of, fill, named_in
from lockgate.runbook.window import find_shut


@dataclass
class Core:
    """One execution at work."""

    lock: Lock
    world: World
    record: Record
    options: EngineOptions
    on_breach: Callable[[Core, Breach], None]
    state: RunState = field(init=False)
    phase: Phase | None = None
    outputs: dict[str, ShellResult] = field(default_factory=dict)
    results: dict[str, tuple[CheckResult, ...]] = field(default_factory=dict)
    refusal: str = ""
    is_going_back: bool = False
    _folded: int = 0
    _phase_from: float = 0.0

    def __post_init__(self) -> None:
        self.state = RunState(self.lock.runbook)
        self._run_from = self.options.clock()
        self.refresh()

    def refresh(self) -> RunState:
        """Fold what was written since, by whomever in this process."""
        for entry in self.record.entries[self._folded :]:
            self.state.add(entry)
        self._folded = len(self.record.entries)
        return self.state

    def write(self, kind: EntryType, body: Mapping[str, Any], *, phase: str = "", task: str = "") -> Entry:
        """Write an entry and fold it."""
        entry = self.record.append(kind, body, phase=phase or (self.phase.id if self.phase else ""), task=task)
        self.refresh()
        return entry

    def tell_people(self, key: str, when: str, text: str) -> None:
        """Send the runbook's messages of a moment; what fails is in the journal and stops nothing."""
        try:
            self.world.tell_people(key, when, text)
        except LockgateError as error:
            self.options.tell(f"a message could not be sent: {error}")
        self.refresh()

    def enter(self, phase: Phase | None) -> None:
        """Say which phase is at work."""
        self.phase, self._phase_from = phase, self.options.clock()

    def look(self) -> None:
        """Look around before anything new begins: words of people, a wish to stop, monitors, time limits.

        Raises:
            Stop: Nothing may begin now.
        """
        self.take_words()
        self.check_wish()
        self.check_breach()
        self._check_limits()

    def admit(self) -> None:
        """Wait until something new may begin: monitors that give values, an open window.

        Raises:
            Stop: It may not, and waiting is not wanted.
        """
        self.look()
        self._wait_for_monitors()
        self._wait_for_window()

    def take_words(self) -> None:
        """Take in what people decided while the run is at work."""
        take_decisions(self.record, self.refresh)
        self.refresh()

    def check_wish(self) -> None:
        """Rest when somebody asked for it."""
        wish = self.options.wish
        if wish.is_stop:
            name = "SIGTERM" if wish.exit_code == 143 else "SIGINT"
            self.write(EntryType.INTERRUPTED, {"signal": name})
            raise Stop(
                RunStatus.INTERRUPTED, "interrupted; nothing is half-done", hint=self.resume, exit_code=wish.exit_code
            )

    def check_breach(self) -> None:
        """Act on a monitor that was broken."""
        breach = None if self.is_going_back else self.world.watcher.breach()
        if breach is not None:
            self.on_breach(self, breach)

    def pause(self) -> None:
        """Let a moment pass with everything armed."""
        self.options.sleep(self.options.poll_s)
        self.look()

    def wait(
        self, reason: str, subject: str, text: str, *, is_over: Callable[[], bool], until: str = "", hint: str = ""
    ) -> bool:
        """Wait for something outside; False when its time went by first. See `EntryType.WAITING` for reasons.

        Raises:
            Stop: Waiting here is not wanted; the run rests and says what it waits for.
        """
        if is_over():
            return True
        self.write(EntryType.WAITING, {"reason": reason, "subject": subject, "until": until})
        self.options.tell(f"waiting: {text}{f' (until {until})' if until else ''}")
        if not self.options.is_waiting and reason != "timer":
            raise Stop(RunStatus.WAITING, f"waiting: {text}", hint=hint or self.resume, exit_code=5)
        while not is_over():
            if until and self.stamp() >= until:
                self.write(EntryType.WAITED, {"reason": reason, "subject": subject, "outcome": "expired"})
                return False
            self.pause()
        self.write(EntryType.WAITED, {"reason": reason, "subject": subject, "outcome": "came"})
        return True

    def ask(
        self, place: str, checks: Sequence[Check], *, task: str = "", output: ShellResult | None = None
    ) -> tuple[CheckResult, ...]:
        """Ask all checks of a place, with variables in place and waivers laid over; nothing is written."""
        context = CheckContext(
            folder=self.options.folder,
            environment=build_environment(self.options.environ),
            started=self._beginnings(task),
            keep=self.record.keep,
            entries=tuple(self.record.entries),
            output=output,
            phase=self.phase.id if self.phase else "",
            task=task,
            run_folder=self.record.folder,
            now=self.options.now,
            sleep=self.options.sleep,
            is_stopped=lambda: self.options.wish.is_cancel,
            facts=self.options.facts,
        )
        results = run_checks(place, checks, context, _Filled(self))
        return tuple(self._waive(place, result) for result in results)

    def context(
        self, task: Task, *, timeout_s: float = 0.0, action: Any = None, is_dry_run: bool = False
    ) -> TaskContext:
        """Return what an action of a task may use; a time-out of 0 is the default one."""
        options = self.options
        limit = timeout_s or options.default_timeout_s
        end = options.clock() + limit
        command = command_of(action) if action is not None else ""
        return TaskContext(
            runbook=self.lock.runbook,
            task=task,
            run=self.record.folder.name,
            folder=options.folder,
            run_folder=self.record.folder,
            environment=build_environment(
                options.environ, getattr(action, "env", ()), named_in(command, options.values)
            ),
            values=options.values,
            entries=tuple(self.record.entries),
            keep=self.record.keep,
            effect=lambda effect: self._effect(task, effect),
            tell=options.tell,
            is_stopped=lambda: self._is_stopped(end),
            timeout_s=limit,
            is_dry_run=is_dry_run,
        )

    def stamp(self) -> str:
        """Return now, UTC, as the journal writes it."""
        return self.options.now().astimezone(UTC).isoformat(timespec="seconds")

    def utc(self, stamp: str) -> str:
        """Return a moment as the journal writes it."""
        return datetime.fromisoformat(stamp).astimezone(UTC).isoformat(timespec="seconds")

    @property
    def resume(self) -> str:
        """The command that goes on with this run."""
        return f"lockgate runbook resume {self.record.folder.name}"

    def command(self, what: str, rest: str) -> str:
        """Return a command about this run."""
        return f"lockgate runbook {what} {self.record.folder.name} {rest}"

    def _is_stopped(self, end: float) -> bool:
        if self.is_going_back:
            return False
        return self.options.wish.is_cancel or self.options.clock() > end or self.world.watcher.breach() is not None

    def _effect(self, task: Task, effect: Any) -> None:
        body = {"what": effect.what, "id": effect.id, **dict(effect.facts)}
        self.write(EntryType.EFFECT, body, task=task.id)

    def _beginnings(self, task: str) -> dict[str, datetime]:
        state = self.state
        found = {"run": state.started, "phase": state.phase_started.get(self.phase.id) if self.phase else None}
        times = {name: datetime.fromisoformat(entry.ts) for name, entry in found.items() if entry is not None}
        standing = state.tasks.get(task)
        if standing is not None and standing.started_at:
            times["task"] = datetime.fromisoformat(standing.started_at)
        now = self.options.now()
        times.setdefault("run", now)
        times.setdefault("phase", times["run"])
        times.setdefault("task", times["phase"])
        return times

    def _waive(self, place: str, result: CheckResult) -> CheckResult:
        if result.outcome not in (Outcome.FAIL, Outcome.UNKNOWN):
            return result
        now = self.options.now()
        for waiver in self.waivers():
            if waiver.check in (result.check, place) and waiver.reason and _is_before(now, waiver.until):
                return msgspec.structs.replace(result, outcome=Outcome.WAIVED, waiver=waiver)
        return result

    def waivers(self) -> list[Waiver]:
        """Return every waiver given for this run, the run's own first; the caller looks at how long one holds."""
        own = [
            Waiver(
                check=check,
                by=str(e.body.get("by", "")),
                role=str(e.body.get("role", "")),
                reason=str(e.body.get("reason", "")),
                until=str(e.body.get("until", "")),
                at=e.ts,
            )
            for e in self.state.decisions
            for check in _answered_for(e.body)
        ]
        return [*own, *self.options.waivers()]

    def _check_limits(self) -> None:
        runbook, now = self.lock.runbook, self.options.clock()
        limits = [("the run", runbook.timeout, now - self._run_from)]
        if self.phase is not None:
            limits.append((f"phase {self.phase.id}", self.phase.timeout, now - self._phase_from))
        for name, text, spent in limits:
            limit = parse_seconds(text)
            if limit and spent > limit and not self.is_going_back:
                raise Stop(
                    RunStatus.STOPPED,
                    f"{name} took longer than its limit of {show_seconds(limit)}; nothing new begins",
                    hint=self.resume,
                    exit_code=10,
                )

    def _wait_for_monitors(self) -> None:
        """Hold while a monitor is silent: no data is neither good nor bad."""
        end = self.options.clock() + self.options.hold_limit_s
        while holds := self.world.watcher.holds():
            for hold in holds:
                if hold.monitor not in self.state.held:
                    self.write(EntryType.HELD, {"monitor": hold.monitor, "why": hold.why})
                    self.options.tell(f"holding: {hold.monitor}: {hold.why}")
                    self.tell_people(f"held:{self.state.seq}", "during", f"holding: {hold.monitor}: {hold.why}")
            self._release({hold.monitor for hold in holds})
            if not self.options.is_waiting or self.options.clock() > end:
                names = ", ".join(hold.monitor for hold in holds)
                raise Stop(RunStatus.HELD, f"held: no data from {names}", hint=self.resume, exit_code=5)
            self.pause()
        self._release(set())

    def _release(self, silent: set[str]) -> None:
        for monitor in [name for name in self.state.held if name not in silent]:
            self.write(EntryType.RELEASED, {"monitor": monitor})

    def _wait_for_window(self) -> None:
        runbook = self.lock.runbook
        if self.options.window_override:
            return
        shut = find_shut(runbook.window, runbook.freezes, self.options.now())
        if shut is None:
            return
        until = shut.until.isoformat(timespec="seconds") if shut.until else ""

        def is_open() -> bool:
            return find_shut(runbook.window, runbook.freezes, self.options.now()) is None

        text = f"{shut.why}; it may go on from {until or 'no day within a year'}"
        self.wait("window", runbook.runbook, text, is_over=is_open)


class _Filled(Mapping[str, Evaluate]):
    """Evaluators that are given checks with their variables in place, and what their commands name."""

    def __init__(self, core: Core) -> None:
        self._core, self._inner = core, core.world.evaluate

    def __getitem__(self, kind: str) -> Evaluate:
        evaluate, options = self._inner[kind], self._core.options

        def ask(check: Any, context: CheckContext) -> Answer:
            extra = named_in(command_of(check), options.values)
            if extra:
                context = replace(context, environment={**context.environment, **extra})
            return evaluate(fill(check, options.values), context)

        return ask

    def __iter__(self) -> Any:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)


def _answered_for(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the checks a decision answers for: a waiver's one, those that were closed when reviewers opened a gate."""
    if body["what"] == "waive":
        return (str(body["subject"]),)
    is_open = body["what"] == "decide" and body.get("outcome") == "open"
    return tuple(map(str, body.get("checks", ()))) if is_open else ()


def _is_before(now: datetime, until: str) -> bool:
    try:
        end = datetime.fromisoformat(until)
    except ValueError:
        return False
    return now < (end if end.tzinfo else end.replace(tzinfo=UTC))


def check_times(lock: Lock) -> None:
    """Raise ConfigError when a length of time of the runbook cannot be read."""
    runbook = lock.runbook
    parse_seconds(runbook.bake, "bake")
    parse_seconds(runbook.timeout, "timeout")
    for phase in runbook.phases:
        parse_seconds(phase.timeout, f"phase {phase.id}: timeout")
        if phase.gate is not None:
            parse_seconds(phase.gate.deadline, f"gate {phase.gate.id}: deadline")
        for task in phase.tasks:
            parse_seconds(task.timeout, f"task {task.id}: timeout")
            if task.retries < 0:
                raise ConfigError(f"task {task.id}: retries cannot be below 0", where=lock.source)
