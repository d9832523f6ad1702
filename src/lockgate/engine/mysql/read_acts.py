"""Acts of MySQL and MariaDB statements with the lock of their clause; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from lockgate.engine.mysql.locks import COPY, LOCKS, METADATA, ONLINE, REBUILD, SHARED, Lock
from lockgate.engine.mysql.server import is_mariadb
from lockgate.model.ddl import Act, Kind, LockClaim, Trait
from lockgate.model.op import Blocks
from lockgate.model.server import Server

NOTHING = Lock(Blocks.NOTHING, "", False)
SHORT = Lock(Blocks.READS_AND_WRITES, "exclusive metadata lock", False)


def clause(
    kind: Kind,
    clause_kind: str,
    server: Server,
    *traits: Trait | bool,
    is_certain: bool = True,
    **fields: Any,
) -> Act:
    """Return an act of ALTER TABLE with the lock of its kind of clause; ``False`` among the traits is left out."""
    lock = _for_version(clause_kind, LOCKS[clause_kind][1 if is_mariadb(server) else 0], server)
    return made(kind, lock, *traits, is_certain=is_certain, **fields)


def made(kind: Kind, lock: Lock, *traits: Trait | bool, is_certain: bool = True, **fields: Any) -> Act:
    """Return an act with a lock."""
    claim = LockClaim(
        blocks=lock.blocks,
        name=lock.name,
        rewrites=lock.rewrites,
        scans=lock in (COPY, SHARED, REBUILD, ONLINE),
        is_certain=is_certain,
    )
    return Act(kind=kind, traits=frozenset(t for t in traits if isinstance(t, Trait)), lock=claim, **fields)


def _for_version(kind: str, lock: Lock, server: Server) -> Lock:
    """Return the lock of servers before a clause became INSTANT (MySQL manual, "Online DDL Operations")."""
    version = server.version
    if not version or is_mariadb(server):
        return lock
    if kind == "drop_column" and version < (8, 0, 29):
        return REBUILD
    if kind == "add_column" and version < (8, 0, 12):
        return REBUILD
    return lock


_ORDER = [NOTHING, METADATA, ONLINE, REBUILD, SHARED, COPY]


def with_stated(acts: Iterable[Act], algorithm: str, lock: str) -> tuple[Act, ...]:
    """Return acts under what the statement itself demands: the server refuses it rather than do worse."""
    stated = (Trait.ALGORITHM,) if algorithm not in ("", "default") or lock in ("none", "exclusive") else ()
    forced = None
    if algorithm == "copy":
        forced = COPY
    elif algorithm == "instant":
        forced = METADATA
    elif algorithm == "nocopy" or (algorithm == "inplace" and lock == "none"):
        forced = ONLINE
    result = []
    for act in acts:
        traits = act.traits | frozenset(stated)
        result.append(replace(act, traits=traits, lock=_forced(act.lock, forced, algorithm, lock)))
    return tuple(result)


def _forced(claim: LockClaim, forced: Lock | None, algorithm: str, lock: str) -> LockClaim:
    order = list(Blocks)
    if forced is COPY:
        claim = replace(claim, blocks=COPY.blocks, name=COPY.name, rewrites=True, scans=True, is_certain=True)
    elif forced is not None and order.index(claim.blocks) > order.index(forced.blocks):
        claim = replace(claim, blocks=forced.blocks, name=forced.name, rewrites=False, scans=True, is_certain=False)
    elif algorithm == "inplace" and claim.name == COPY.name and lock != "shared":
        claim = replace(claim, blocks=Blocks.DDL, name=REBUILD.name, is_certain=False)
    if lock == "shared" and order.index(claim.blocks) < order.index(Blocks.WRITES):
        claim = replace(claim, blocks=Blocks.WRITES, name=f"{claim.name}, LOCK=SHARED", is_certain=True, scans=True)
    if lock == "exclusive":
        claim = replace(claim, blocks=Blocks.READS_AND_WRITES, name="LOCK=EXCLUSIVE", is_certain=True, scans=True)
    return claim
