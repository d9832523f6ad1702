"""How a database is put in the place of another one: the types; each engine fills them in its ``swap.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lockgate.engine.base import Session
from lockgate.model.restore import Where
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.model.target import Target


@dataclass(frozen=True)
class Places:
    """The three databases of a swap: what stands under the live name goes to ``kept``, ``incoming`` takes its place."""

    live: Target
    incoming: Target
    kept: Target


@dataclass(frozen=True)
class SwapCheck:
    """What was found before a swap. ``problems`` forbid it; ``sessions`` are others who are connected now."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True)
class SwapOptions:
    """How to swap. ``lock_s``: how long to wait until nobody is in the way; ``lease``: the lease's name.

    ``on_live`` is called when others may have written to what was swapped in; it does not raise.

    ``check`` is called with a session on what stands under the live name now, where the engine can before others are
    let in; when it raises, the engine puts the old one back if it still can, and raises on.
    """

    lease: str
    check: Callable[[Session], None]
    lock_s: float = 30.0
    on_live: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class SwapDialect:
    """How a database is replaced by another one on the same server (or disk).

    * ``is_atomic`` and ``how`` say whether others can see anything but the old or the new one.
    * ``series`` is how many numbers of a version make a series: an older one cannot take a newer one's backup.
    * ``place(target, name)`` is the database of another name on the target's server; ``name(target, word, id)`` is such
      a name (``shop__before_1a2b3c4d``), cut to the engine's limit.
    * ``check(session, places)`` looks for what would forbid a swap: rights, what holds the database by name.
    * ``create(session, server, place)`` makes an empty database with the defaults of the session's own; StatementFailed
      when there is one already.
    * ``make_ready(session)`` is called on a loaded database before it is swapped in (statistics).
    * ``steps(session, places, tables)`` the statements of a swap, for people; ``tables`` are those of the new one.
    * ``prepare(session, places, marker, active)`` reads what the swap needs and gives it as text, to be written down
      before it begins; the incoming database's own journal names ``marker`` as its restore; ``active`` is what is to
      run by itself in it.
    * ``swap(session, record, options)`` swaps, or completes a swap that was begun. The session holds the lease; what is
      returned is one on the live name that holds it. It raises with the old one in place, unless the process dies.
    * ``back(session, record, options)`` leads from BETWEEN to OLD.
    * ``where(target, record, marker)`` tells which one is in place; ``marker`` is what the live database's
      own journal names as its restore.
    * ``active(schema)`` names what runs by itself in a database of this schema (events); a copy beside has it off.
    * ``as_live(found, stored, live)`` is the schema that was loaded beside as it would be read under the live name.
    * ``exists(target)`` and ``drop(target)``: of a database beside the live one; dropping what is not there is fine.
    """

    is_atomic: bool
    how: str
    series: int
    place: Callable[[Target, str], Target]
    name: Callable[[Target, str, str], str]
    check: Callable[[Session, Places], SwapCheck]
    create: Callable[[Session, Server, Target], None]
    make_ready: Callable[[Session], None]
    steps: Callable[[Session, Places, Sequence[str]], tuple[str, ...]]
    prepare: Callable[[Session, Places, str, Sequence[str]], str]
    swap: Callable[[Session, str, SwapOptions], Session]
    back: Callable[[Session, str, SwapOptions], Session]
    where: Callable[[Target, str, str], Where]
    exists: Callable[[Target], bool]
    drop: Callable[[Target], None]
    active: Callable[[Schema], tuple[str, ...]] = lambda schema: ()
    as_live: Callable[[Schema, Schema, Target], Schema] = lambda found, stored, live: found
