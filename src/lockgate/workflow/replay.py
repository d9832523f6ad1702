"""Run ops on a scratch copy and prove that they lead where they should, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from msgspec.structs import replace

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.engine.base import Engine, Prober, Scope, Session
from lockgate.errors import FailedError, UnsupportedChange
from lockgate.execute.script import statements_of
from lockgate.model import codec
from lockgate.model.change import Change
from lockgate.model.op import Op, Soft, Statement
from lockgate.model.plan import Proof
from lockgate.model.probed import Probed, worse
from lockgate.model.run import Direction
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.plan.builder import build_step
from lockgate.store.tables import setup_statements

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

    def revert(self, ops: Sequence[Op], *, is_soft: bool = False) -> None:
        """Undo ops that were done to their end, the last first; with stand-ins for all that may have one."""
        for op in reversed(ops):
            step = build_step(op, "", {})
            statements = statements_of(step, Direction.REVERT, range(len(op.backward_prechecks)) if is_soft else ())
            self._run_statements(f"undo of {op.title}", statements)
        self.drop_leftovers(ops)

    def drop_leftovers(self, ops: Sequence[Op]) -> None:
        """Drop what ops without a revert parked on their way back: they would park it again under the same name."""
        for op in reversed(ops):
            for park in op.backward_parks if op.revert is None else ():
                self._run_statements(f"dropping of what {op.title} left parked", park.finalize)

    def redo(self, ops: Sequence[Op], *, is_soft: bool = False) -> None:
        """Do reverted ops once more; with stand-ins to be lifted."""
        for op in ops:
            step = build_step(op, "", {})
            statements = statements_of(step, Direction.REDO, range(len(op.backward_prechecks)) if is_soft else ())
            self._run_statements(f"redo of {op.title}", statements)

    def settle(self, ops: Sequence[Op]) -> None:
        """Ask which rows are in the way, and settle everything that is owed after a way back with stand-ins."""
        for op in reversed(ops):
            for soft in _softs((op,)):
                self._send(soft.rows, f"the rows in the way of the undo of {op.title!r} cannot be listed")
                self._run_statements(f"settling of {op.title}", soft.settle)

    def add_journal(self) -> None:
        """Make our own tables, which ways back with salvage write to."""
        for statement in setup_statements(self.engine.state):
            self._send(statement, "our own tables cannot be made in a scratch database")

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

    Where an op is undone in a way of its own once it is done, that way, the redo and the way once more are proven, too,
    and so are stand-ins: put, lifted, put and settled.

    Raises:
        UnsupportedChange: A statement fails, or the result is not the desired schema, or the way back does not lead to
            the start; it names what differs.
    """
    expected: dict[int, str] = {}
    reached = copy.start
    if any("salvage" in statement.sql for op in ops for statement in _all_statements(op)):
        copy.add_journal()
    for stage, group in groupby(ops, key=lambda op: op.stage):
        copy.run(list(group))
        reached = copy.inspect()
        expected[stage] = codec.fingerprint(reached)
    _expect(diff_schemas(reached, desired), "the plan does not reach the declared schema")
    forward_dump = copy.dump()
    _expect_dump(forward_dump, desired_dump, "after the plan the server's own dump differs from the declared schema's")
    copy.undo(ops)
    _expect_start(copy, "the way back")
    if any(op.revert is not None for op in ops) or _softs(ops):
        _prove_again(copy, ops, desired)
    is_dumped = forward_dump is not None and desired_dump is not None
    return Proof(is_replayed=True, is_dump_compared=is_dumped, note="" if is_dumped else _NO_DUMP), expected


def _prove_again(copy: ScratchCopy, ops: Sequence[Op], desired: Schema) -> None:
    """Do, revert, redo and revert ops, with stand-ins where there may be some, and settle these; compare after each."""
    copy.drop_leftovers([replace(op, revert=None) if op.revert == op.backward else op for op in ops])
    copy.run(ops)
    copy.revert(ops)
    _expect_start(copy, "the way back of what was done")
    copy.redo(ops)
    _expect(diff_schemas(copy.inspect(), desired), "doing it once more does not reach the declared schema")
    if not _softs(ops):
        copy.revert(ops)
        _expect(diff_schemas(copy.inspect(), copy.start), "the second way back does not lead to the live schema")
        return
    copy.revert(ops, is_soft=True)
    copy.redo(ops, is_soft=True)
    _expect(diff_schemas(copy.inspect(), desired), "doing it once more does not lift the stand-ins")
    copy.revert(ops, is_soft=True)
    copy.settle(ops)
    _expect_start(copy, "the way back with stand-ins, settled,")


def _softs(ops: Sequence[Op]) -> list[Soft]:
    return [check.soft for op in ops for check in op.backward_prechecks if check.soft is not None]


def _all_statements(op: Op) -> tuple[Statement, ...]:
    return (*op.forward, *op.backward, *(op.revert or ()), *(op.redo or ()))


def _expect_start(copy: ScratchCopy, what: str) -> None:
    _expect(diff_schemas(copy.inspect(), copy.start), f"{what} does not lead to the live schema")
    _expect_dump(copy.dump(), copy.start_dump, f"after {what} the server's own dump differs from the live one's")


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
