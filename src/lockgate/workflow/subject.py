"""What `lockgate validate` looks at: database, desired schema and migrations, each read once, when it is asked for."""

from __future__ import annotations

import enum
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, ScratchOptions, Session
from lockgate.errors import ConfigError, SourceError, UnreadSource
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.model.target import Target
from lockgate.source.declaration import SourceContext
from lockgate.source.desired import Desired, keep_bookkeeping, read_desired
from lockgate.source.migrations import check_dialect
from lockgate.source.migrations.detect import read_folder
from lockgate.source.migrations.folder import Folder
from lockgate.source.migrations.rules import UNAPPLIED
from lockgate.source.migrations.sql import find_unread
from lockgate.source.spec import parse_spec
from lockgate.verify.conventions.settings import Conventions
from lockgate.verify.defects.settings import DefectSettings
from lockgate.verify.migrations.check import check_history
from lockgate.verify.migrations.history import History, read_history
from lockgate.workflow.lazy_scratch import LazyScratch
from lockgate.workflow.replay_folder import Replayed, replay_folder


class Needs(enum.Flag):
    """What a group of checks cannot do without."""

    NOTHING = 0
    DATABASE = enum.auto()
    DESIRED = enum.auto()
    FOLDER = enum.auto()
    CONVENTIONS = enum.auto()
    DECLARED = enum.auto()  # a desired schema or a migrations folder


@dataclass(frozen=True)
class ValidateOptions:
    """What to check and with what; an empty text means that it is not given.

    ``desired`` is a spec, ``migrations`` a folder (or ``tool:folder``); ``only`` and ``skip`` are names of groups;
    ``defects`` says how far the checks of schema and data go; ``conventions`` what the team agreed on.
    """

    target: Target | None = None
    desired: str = ""
    migrations: str = ""
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    scratch: ScratchOptions = field(default_factory=ScratchOptions)
    cache: Path | None = None
    defects: DefectSettings = field(default_factory=DefectSettings)
    conventions: Conventions | None = None


class Subject:
    """Everything the groups share. Each part is read at its first use and kept; sessions close with the stack."""

    def __init__(self, options: ValidateOptions, stack: ExitStack) -> None:
        self.options = options
        self._stack = stack

    @property
    def title(self) -> str:
        """The target's name, else the folder's, else the desired schema's."""
        options = self.options
        return options.target.name if options.target else options.migrations or options.desired or "nothing"

    def runs_too(self, group: str) -> bool:
        """Tell whether a group on the migrations folder is among those asked for."""
        options = self.options
        return bool(options.migrations) and group not in options.skip and (not options.only or group in options.only)

    def missing(self, needs: Needs) -> str:
        """Say which needed part is not given; empty when all are."""
        if Needs.DATABASE in needs and self.options.target is None:
            return "not run: no database is given"
        if Needs.DESIRED in needs and not self.options.desired:
            return "no desired schema is given"
        if Needs.FOLDER in needs and not self.options.migrations:
            return "no migrations folder is given"
        if Needs.CONVENTIONS in needs and self.options.conventions is None:
            return "there is no [conventions] in lockgate.toml"
        if Needs.DECLARED in needs and not (self.options.desired or self.options.migrations):
            return "neither a desired schema nor a migrations folder is given"
        return ""

    def is_lack_open(self, needs: Needs) -> bool:
        """Tell whether the database is all that is missing: the user has the rest, so the question stays open."""
        return Needs.DATABASE in needs and not self.missing(needs & ~Needs.DATABASE)

    @cached_property
    def target(self) -> Target:
        """The database's address.

        Raises:
            ConfigError: None is given.
        """
        if self.options.target is None:
            raise ConfigError("no database is given", where="--url", state="nothing was checked", hint="add --url")
        return self.options.target

    @cached_property
    def engine(self) -> Engine:
        """The database's engine."""
        return load_engine(self.target.engine)

    @cached_property
    def session(self) -> Session:
        """A read-only session in the live database.

        Raises:
            ConnectError: It cannot be reached.
        """
        session = self.engine.connect(self.target, is_read_only=True)
        self._stack.callback(session.close)
        return session

    @cached_property
    def server(self) -> Server:
        """The live server and its version."""
        return self.engine.identify(self.session)

    @cached_property
    def scratch(self) -> LazyScratch:
        """Opens a scratch of the live server's version when called."""
        return LazyScratch(self._stack, self.engine, self.server, self.target, self.options.scratch)

    @cached_property
    def live(self) -> Schema:
        """The live schema."""
        return self.engine.inspect(self.session, self.server, Scope())

    @cached_property
    def read(self) -> Desired:
        """The declared schema as its source gives it.

        Raises:
            UnreadSource, SourceError, ScratchUnavailable: See `read_desired`.
        """
        return self._read(self.options.desired)

    @cached_property
    def desired(self) -> Desired:
        """The declared schema, with the live one's tables of its own tool in it; raises as ``read``."""
        return keep_bookkeeping(self.read, self.live, self.engine, self.server)

    @cached_property
    def folder(self) -> Folder:
        """The migrations as their tool reads them.

        Raises:
            InputError: They cannot be found or told.
        """
        context = SourceContext(self.engine, self.server) if self.options.target is not None else None
        folder = read_folder(self.options.migrations, context)
        if context is not None:
            check_dialect(folder, context)
        return folder

    @cached_property
    def history(self) -> History:
        """What the live database says was applied."""
        return read_history(self.folder.tool, self.live, self.session, self.engine)

    @cached_property
    def replayed(self) -> Replayed:
        """The folder run from the first to the last migration in a scratch."""
        return replay_folder(self.folder, self.engine, self.scratch(), watch=self._next_id(), own=self.target.database)

    def _next_id(self) -> str:
        """Return the first migration that waits to be applied, when others were."""
        if not self.history.applied:
            return ""
        found = check_history(self.folder, self.history, self.live)
        waiting = {finding.object for finding in found if finding.code == UNAPPLIED.code}
        return next((migration.id for migration in self.folder.runs if migration.id in waiting), "")

    @cached_property
    def folder_sum(self) -> tuple[Schema, tuple[str, ...]]:
        """What the folder adds up to, and the tables its tool keeps in a live database.

        Raises:
            SourceError, UnreadSource, ScratchUnavailable: Nothing can be said of the whole.
        """
        folder = self.folder
        if folder.tool.is_program:
            read = self._read(f"migrations:{self.options.migrations}")
            return read.schema, read.bookkeeping
        unread = find_unread(folder, self.engine)
        if unread:
            what = f"{len(unread)} part{'s' if len(unread) > 1 else ''} of {folder.path} cannot be read"
            raise UnreadSource(what, findings=unread)
        schema = self.replayed.schema
        if schema is None:
            raise SourceError("the migrations do not come to their end, so what they add up to is not known")
        return schema, folder.tool.bookkeeping

    def _read(self, text: str) -> Desired:
        return read_desired(
            parse_spec(text),
            self.engine,
            self.server,
            self.scratch,
            needs_database=False,
            cache=self.options.cache,
            live=lambda: self.live,
        )
