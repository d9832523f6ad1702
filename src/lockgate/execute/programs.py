"""Let another program carry out a statement: its login kept from sight, its words never repeated, its end looked at."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterable
from typing import IO, Any

from lockgate.engine.base import Engine, ProgramDialect, ProgramPace
from lockgate.engine.client.credentials import open_secret_file
from lockgate.errors import ConfigError, FailedError, InDoubtError, Interrupted
from lockgate.execute.execution import Execution
from lockgate.model.op import Program, Strategy
from lockgate.model.plan import Plan
from lockgate.model.run import EventType
from lockgate.outside.guard import bind_to_us
from lockgate.store.progress import ABANDON, read_wish

_LOOK_EVERY_S, _ASK_EVERY_S, _END_S = 0.1, 2.0, 60.0
_TRIES = 100
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PERL5LIB", "LD_LIBRARY_PATH")
_PLACES = {"pt-online-schema-change": "LOCKGATE_PT_OSC"}


def find_program(name: str) -> str:
    """Return the path of a program: where its variable says, else on the PATH.

    Raises:
        ConfigError: It is in neither place.
    """
    variable = _PLACES[name]
    wanted = os.environ.get(variable, "")
    found = shutil.which(wanted or name)
    if found:
        return found
    raise ConfigError(
        f"{name} was not found",
        cause=f"{variable} names {wanted}, which cannot be run"
        if wanted
        else f"it is not on the PATH, nor in {variable}",
        state="nothing was touched",
        hint=f"install Percona Toolkit, or set {variable} to the program, or use --strategy online, which needs none",
    )


def check_programs(engine: Engine, strategies: Iterable[Strategy]) -> None:
    """Refuse strategies whose program this engine has no use for, or that cannot be found.

    Raises:
        ConfigError: It says which.
    """
    dialect = engine.programs()
    for strategy in sorted(set(strategies) & {Strategy.PT_OSC}, key=lambda s: s.value):
        if dialect is None or strategy not in dialect.names:
            raise ConfigError(
                f"--strategy {strategy.value} is for MySQL and MariaDB",
                state="nothing was touched",
                hint="use --strategy online",
            )
        find_program(dialect.names[strategy])


def check_plan_programs(plan: Plan) -> None:
    """Refuse a plan whose programs cannot be found here.

    Raises:
        ConfigError: It says which.
    """
    for step in plan.steps:
        for statement in step.statements:
            if statement.program is not None:
                find_program(statement.program.name)


def run_program(execution: Execution, sql: str, program: Program, fields: dict[str, Any]) -> None:
    """Run a program instead of a statement, to its end.

    Raises:
        FailedError: It cannot be begun, or ended with anything but 0.
        Interrupted: A stop was asked for; the program was ended.
    """
    dialect = _dialect(execution)
    path = find_program(program.name)
    problem = dialect.problem(execution.session, program)
    if problem:
        raise FailedError(f"{program.name} cannot be begun", cause=problem)
    execution.tell(EventType.STATEMENT_STARTED, sql=sql, **fields)
    started = execution.patience.timer()
    with open_secret_file(dialect.options(execution.session)) as secret:
        arguments = dialect.arguments(program, execution.session, secret.path, _pace(execution))
        _Child(execution, program, [path, *arguments], secret.descriptors, dialect, fields).run()
    seconds = execution.patience.timer() - started
    execution.tell(EventType.STATEMENT_FINISHED, sql=sql, duration_s=seconds, **fields)


def clear_after(execution: Execution, program: Program) -> None:
    """Take away what a program left behind that did not end well.

    Raises:
        InDoubtError: It is still at work.
    """
    dialect = _dialect(execution)
    tries = 0
    while dialect.is_running(execution.session, program) and tries < _TRIES:  # the server may notice its end late
        execution.patience.sleep(_LOOK_EVERY_S)
        tries += 1
    if tries == _TRIES:
        raise InDoubtError(
            f"{program.name} is still at work on {program.table.name}",
            state="nothing was changed now",
            hint="wait for its end or end it, then `lockgate recover`",
        )
    execution.free_limits()
    for sql in dialect.leftovers(execution.session, program):
        execution.session.execute(sql)


def _dialect(execution: Execution) -> ProgramDialect:
    dialect = execution.engine.programs()
    if dialect is None:
        raise ConfigError(f"{execution.engine.name} tables are not changed by other programs")
    return dialect


def _pace(execution: Execution) -> ProgramPace:
    patience = execution.patience
    lock_ms = patience.lock_timeout_ms or execution.engine.state.locks.free_ms
    pace, limits = patience.pace, patience.limits
    return ProgramPace(pace.target_s, pace.target_s * pace.rest, limits.most_active, limits.critical_active, lock_ms)


class _Child:
    """The running program."""

    def __init__(
        self,
        execution: Execution,
        program: Program,
        command: list[str],
        descriptors: tuple[int, ...],
        dialect: ProgramDialect,
        fields: dict[str, Any],
    ) -> None:
        self.execution, self.program, self.dialect, self.fields = execution, program, dialect, fields
        self.last: deque[str] = deque(maxlen=40)
        self.news: deque[str] = deque(maxlen=10)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            start_new_session=True,
            preexec_fn=bind_to_us(),
            text=True,
            errors="replace",
        )
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)

    def run(self) -> None:
        self.reader.start()
        try:
            self._watch()
        finally:
            self._end()
        self._tell()
        if self.process.returncode:
            raise FailedError(
                f"{self.program.name} failed on {self.program.table.name}",
                cause=f"it ended with {self.process.returncode}: {_redact(self.last)}",
            )

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.last.append(line.strip())
            news = self.dialect.progress(line)
            if news:
                self.news.append(news)

    def _watch(self) -> None:
        timer, asked_at = self.execution.patience.timer, 0.0
        while self.process.poll() is None:
            self._tell()
            self.execution.interrupts.check()
            if timer() - asked_at > _ASK_EVERY_S:
                asked_at = timer()
                self._ask()
            try:
                self.process.wait(_LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                continue
        self._tell()

    def _ask(self) -> None:
        is_abandoned = read_wish(self.execution.store) == ABANDON
        if is_abandoned and not self.execution.interrupts.is_winding_down:
            raise Interrupted("the copy was abandoned", cause="somebody asked for it with lockgate abandon")

    def _tell(self) -> None:
        while self.news:
            text = f"{self.program.table.name}: {self.news.popleft()}"
            self.execution.tell(EventType.PROGRESS, message=text, **self.fields)

    def _end(self) -> None:
        """End the program if it still runs: by a word first, so that it takes its triggers away."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_END_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _redact(lines: Iterable[str]) -> str:
    """Return the last line that says what went wrong, without anything quoted and without the query."""
    found = [line for line in lines if line]
    telling = [line for line in found if re.search(r"error|fail|cannot|denied|because|not ", line, re.I)]
    text = (telling or found or ["it said nothing"])[-1].split("[for Statement")[0].split("Query:")[0]
    return re.sub(r"'[^']*'|\"[^\"]*\"|x?'.*", "'…'", text)[:300]
