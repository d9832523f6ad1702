"""Tables whose ALTER is carried out by pt-online-schema-change; what it would not do safely is refused; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.pair_check import pair_key
from lockgate.errors import UnsupportedChange
from lockgate.model import codec
from lockgate.model.keys import table_key
from lockgate.model.op import Blocks, HazardKind, Op, Program, Statement, Strategy
from lockgate.model.schema import Key, Schema, Table

NAME = "pt-online-schema-change"
_SUFFIX = ", ALGORITHM=INPLACE, LOCK=NONE"
_LOSES = frozenset({HazardKind.LOSSY_CONVERSION, HazardKind.MAY_FAIL_ON_DATA})
_NOTICES = (
    f"{NAME} carries it out: rows are kept by its own rules, which Lockgate does not check again; the schema is",
    "it copies under locks that an application's transactions may deadlock with (error 1213), as it always does",
    "the tool drops the old table after its swap; the way back is plain DDL, which may block writes",
)
_LONGEST_NAME = 50


def by_program(
    ops: Sequence[Op], before: Schema, after: Schema, names: ParkNames, strategies: Mapping[Key, Strategy]
) -> tuple[Op, ...]:
    """Return the ops, with the ALTERs of tables whose strategy it is given to the tool.

    Only ALTERs that rewrite the table, build something, or block are: what is done at once is left to the server.

    Raises:
        UnsupportedChange: The tool might lose something here; it says why.
    """
    chosen = {key for key, strategy in strategies.items() if strategy is Strategy.PT_OSC}
    old = {table_key(t): t for t in before.tables}
    new = {table_key(t): t for t in after.tables}
    result = []
    for op in ops:
        if op.table in chosen and op.table in old and op.table in new and any(map(_is_meant, op.forward)):
            reason = _why_not(op, old[op.table], new[op.table], before)
            if reason:
                raise UnsupportedChange(
                    f"{op.table.name} cannot be changed by {NAME}: {reason}",
                    state="nothing was touched, no plan was written",
                    hint=f"leave it to Lockgate: --strategy {op.table.path}=online (or plain)",
                )
            op = _hand_over(op, op.table, names)
        result.append(op)
    return tuple(result)


def _is_meant(statement: Statement) -> bool:
    if not statement.sql.startswith("ALTER TABLE ") or statement.chunked is not None:
        return False
    is_build = statement.sql.endswith(_SUFFIX)
    return is_build or statement.rewrites or statement.blocks is not Blocks.NOTHING


def _why_not(op: Op, before: Table, after: Table, schema: Schema) -> str:
    """Return why the tool must not be used, as a sentence's end; empty when it may."""
    name = before.name
    if sum(map(_is_meant, op.forward)) > 1:
        return "more than one ALTER is needed"
    if any(s.sql.startswith("SET SESSION sql_mode") for s in op.forward):
        return "the server's sql_mode is not strict, and it would cut values that do not fit"
    if any(hazard.kind in _LOSES for s in op.forward for hazard in s.hazards):
        return "rows may not fit, and it copies with INSERT IGNORE"
    if op.parks:
        return "a column is kept under another name, and it may lose a renamed column's values"
    if any({dict(t.options).get("engine", "").lower()} != {"innodb"} for t in (before, after)):
        return "it is only driven for InnoDB tables"
    if any(k.ref_table == name and not k.ref_namespace for t in schema.tables for k in t.foreign_keys):
        return "a foreign key refers to it"
    if before.foreign_keys or after.foreign_keys:
        return "it has a foreign key, which would get another name"
    if any(d.kind == "trigger" and d.table == name for d in schema.definitions):
        return "it has triggers of its own"
    if before.checks or after.checks:
        return "it has a check, whose name the second table cannot have too"
    return _why_not_shape(before, after, schema)


def _why_not_shape(before: Table, after: Table, schema: Schema) -> str:
    if pair_key(before, after) is None:
        return "it has no primary key or unique key without NULL that stays"
    if {c.name for c in before.columns} - {c.name for c in after.columns}:
        return "a column goes or gets another name, and it may lose its values"
    if any(c.generated is not None for t in (before, after) for c in t.columns):
        return "it has a generated column"
    if before.partitioning or after.partitioning:
        return "it is partitioned"
    if len(before.name) > _LONGEST_NAME or not codec.encode((before, after)).isascii():
        return "its name is long, or there are letters beyond ASCII in its definition"
    if not before.name.replace("_", "").isalnum():
        return "its name holds something other than letters, digits and underscores"
    if f"_{before.name}_old" in {t.name for t in schema.tables}:
        return f"there is a table _{before.name}_old, whose name it needs"
    return ""


def _hand_over(op: Op, table: Key, names: ParkNames) -> Op:
    def change(statement: Statement) -> Statement:
        if not _is_meant(statement):
            return statement
        alter = statement.sql.removeprefix(f"ALTER TABLE {quote_name(table.name)} ").removesuffix(_SUFFIX)
        return replace(
            statement,
            blocks=Blocks.NOTHING,
            lock="row locks of a chunk, then short exclusive metadata locks",
            rewrites=False,
            hazards=tuple(h for h in statement.hazards if h.kind is not HazardKind.REWRITES_TABLE),
            program=Program(name=NAME, table=table, alter=alter, new_table=names.next(table.name)),
        )

    return replace(
        op,
        forward=tuple(change(s) for s in op.forward),
        strategy=Strategy.PT_OSC,
        notices=(*op.notices, *_NOTICES),
        extra_space=max(op.extra_space, 1.0),
    )
