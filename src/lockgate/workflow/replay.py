"""Run ops on a scratch copy and prove that they lead where they should, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.engine.base import Engine, Prober, Scope, Session
from lockgate.errors import FailedError, UnsupportedChange
from lockgate.model import codec
from lockgate.model.change import Change
from lockgate.model.op import Op, Statement
from lockgate.model.plan import Proof
from lockgate.model.probed import Probed, worse
from lockgate.model.schema import Schema
from lockgate.model.server import Server

_SHOWN = 6
_NOTHING = "nothing was touched, no plan was written"


@dataclass
class ScratchCopy:
    """A scratch database that holds a copy of the live schema, without rows.

    On a private server each statement is probed while it runs: ``probed`` is what was found, by the statement's text.
    """

    engine: Engine
    server: Server
    session: Session
    is_private: bool = False
    probed: dict[str, Probed] = field(default_factory=dict)
    _prober: Prober | None = field(init=False, default=None)
    start: Schema = field(init=False)
    start_dump: tuple[str, ...] | None = field(init=False, default=None)

    def build(self, live: Schema) -> tuple[str, ...]:
        """Build the live schema; return what did not come out the same, in words (nothing when all did).

        Raises:
            UnsupportedChange: The server refuses a rendered statement.
        """
        for statement in self.engine.render_schema(live, self.server):
            self._send(statement, "the live schema cannot be rebuilt in a scratch database")
        self.start = self.inspect()
        self.start_dump = self.dump()
        if self.is_private:
            self._prober = self.engine.probe(self.session, self.server)
        return tuple(_words(change) for change in diff_schemas(live, self.start))

    def inspect(self) -> Schema:
        """Read the copy's schema."""
        return self.engine.inspect(self.session, self.server, Scope())

    def dump(self) -> tuple[str, ...] | None:
        """Return the server's own dump of the copy."""
        return self.engine.dump_schema(self.session, self.server)

    def run(self, ops: Sequence[Op]) -> None:
        """Run ops forward."""
        for op in ops:
            self._run_statements(op.title, op.forward)

    def undo(self, ops: Sequence[Op]) -> None:
        """Run ops backward, the last first."""
        for op in reversed(ops):
            self._run_statements(f"undo of {op.title}", op.backward)

    def _run_statements(self, title: str, statements: tuple[Statement, ...]) -> None:
        is_transaction = bool(statements) and all(statement.is_transactional for statement in statements)
        if is_transaction:
            (self._prober or self.session).begin()
        for statement in statements:
            self._probe(statement, f"the step {title!r} fails on a scratch copy")
        if is_transaction:
            self._commit(title)

    def _commit(self, title: str) -> None:
        try:
            self.session.commit()
        except FailedError as error:
            raise _unproven(f"the step {title!r} fails on a scratch copy", "commit", str(error)) from None

    def _probe(self, statement: Statement, what: str) -> None:
        """Run a statement of an op, and keep what it did; a chunked one waits for no lock and holds none for long."""
        if self._prober is None or statement.chunked is not None:
            self._send(statement.sql, what)
            return
        try:
            found = self._prober.run(statement)
        except FailedError as error:
            self.session.rollback()
            raise _unproven(what, statement.sql, error.cause or str(error)) from None
        if found is not None:
            seen = self.probed.get(statement.sql)
            self.probed[statement.sql] = found if seen is None else worse(seen, found)

    def _send(self, sql: str, what: str) -> None:
        try:
            self.session.execute(sql)
        except FailedError as error:
            self.session.rollback()
            raise _unproven(what, sql, error.cause or str(error)) from None


def prove_ops(
    copy: ScratchCopy, ops: Sequence[Op], desired: Schema, desired_dump: tuple[str, ...] | None
) -> tuple[Proof, dict[int, str]]:
    """Run ops forward and backward on the copy and compare after each; return the proof and a fingerprint per stage.

    Raises:
        UnsupportedChange: A statement fails, or the result is not the desired schema, or the way back does not lead to
            the start; it names what differs.
    """
    expected: dict[int, str] = {}
    reached = copy.start
    for stage, group in groupby(ops, key=lambda op: op.stage):
        copy.run(list(group))
        reached = copy.inspect()
        expected[stage] = codec.fingerprint(reached)
    _expect(diff_schemas(reached, desired), "the plan does not reach the declared schema")
    forward_dump = copy.dump()
    _expect_dump(forward_dump, desired_dump, "after the plan the server's own dump differs from the declared schema's")
    copy.undo(ops)
    _expect(diff_schemas(copy.inspect(), copy.start), "the way back does not lead to the live schema")
    _expect_dump(copy.dump(), copy.start_dump, "after the way back the server's own dump differs from the live one's")
    is_dumped = forward_dump is not None and desired_dump is not None
    return Proof(is_replayed=True, is_dump_compared=is_dumped, note="" if is_dumped else _NO_DUMP), expected


_NO_DUMP = "no dump tool of the server's version was found, so only the inspected schemas were compared"


def compare_dumps(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the statements only one of two dumps has, marked - and +; nothing when a dump is missing."""
    if one is None or other is None:
        return ()
    left, right = set(one), set(other)
    return tuple(f"- {text}" for text in sorted(left - right)) + tuple(f"+ {text}" for text in sorted(right - left))


def _expect(changes: tuple[Change, ...], what: str) -> None:
    if changes:
        raise _unproven(what, "", _list([_words(change) for change in changes]))


def _expect_dump(got: tuple[str, ...] | None, wanted: tuple[str, ...] | None, what: str) -> None:
    differences = compare_dumps(wanted, got)
    if differences:
        raise _unproven(what, "", _list([" ".join(text.split()) for text in differences]))


def _words(change: Change) -> str:
    note = describe_change(change)
    return f"{note.kind} {note.object}: {note.before or 'none'} -> {note.after or 'none'}"


def _list(lines: Sequence[str]) -> str:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more])


def _unproven(what: str, where: str, cause: str) -> UnsupportedChange:
    return UnsupportedChange(
        what,
        where=" ".join(where.split())[:300],
        cause=cause,
        state=_NOTHING,
        hint="change the declared schema to avoid it, or make this part of the change by hand and plan again",
    )
