"""Take backups before the stages of a run, as the policy says; a stage does not begin without the one it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lockgate.backup.create import stop_when
from lockgate.backup.repository import Repository
from lockgate.backup.settings import BackupSettings
from lockgate.engine.base import Engine, Scope
from lockgate.errors import BackupDamaged, KeyMissing
from lockgate.model.backup import BackupKind, Level
from lockgate.model.keys import table_key
from lockgate.model.schema import Key
from lockgate.model.target import Target
from lockgate.workflow.back_up import Made, back_up
from lockgate.workflow.options import StageAsk

OFF, FULL, TABLES = "off", "full", "tables"
Tell = Callable[[str], None]


def choose_policy(wanted: str, configured: str, is_protected: bool) -> str:
    """Return what is taken before a change: the option, the configuration, else full for a protected target."""
    return wanted or configured or (FULL if is_protected else OFF)


@dataclass(frozen=True)
class StageBackups:
    """Takes and proves a backup before the first stage of a run; see `ApplyOptions.back_up`."""

    engine: Engine
    target: Target
    name: str
    repository: Repository
    settings: BackupSettings
    policy: str
    identities: Sequence[Any]
    tell: Tell

    def __post_init__(self) -> None:
        if self.settings.recipients and not self.identities and self.level is not Level.CHECKSUM:
            raise KeyMissing(
                "the backup before the change could not be proven: it is encrypted and no key is given",
                where="[backup] recipients",
                cause="a change begins only after its backup was restored on a private server",
                state="nothing was touched",
                hint="name the key file under [backup] identity, or lower [backup] verify to checksum",
            )

    @property
    def level(self) -> Level:
        """How far the backup is proven before the change begins: all of it, unless the configuration says less."""
        return Level(self.settings.verify) if self.settings.verify else Level.SCHEMA

    def __call__(self, ask: StageAsk) -> str:
        """Take what the policy wants before this stage and say so; empty when it wants nothing.

        Raises:
            BackupDamaged: It was taken, and does not hold.
            LockgateError: It could not be taken, or nothing could be found out about it.
        """
        if self.policy == OFF or not ask.is_first:
            return ""
        tables = self._keys(ask.tables) if self.policy == TABLES else None
        made = self._take(ask, tables)
        found = made.verification
        if found is None or not found.is_passed:
            raise BackupDamaged(
                "the backup before the change does not hold",
                where=made.backup.id,
                cause=found.problem if found else "",
                state="the stage was not begun",
                hint="see `lockgate backup list`, and what its cause says",
            )
        return f"backup {made.backup.id} taken and proven ({found.asked.value})"

    def _take(self, ask: StageAsk, tables: tuple[Key, ...] | None) -> Made:
        return back_up(
            self.engine,
            self.target,
            self.name,
            self.repository,
            self.settings,
            kind=BackupKind.FULL if tables is None else BackupKind.TABLES,
            tables=tables,
            reason=f"before stage {ask.stage} of {ask.run}",
            level=self.level,
            identities=self.identities,
            checkpoint=ask.checkpoint,
            run=ask.run,
            has_lease=True,
            tell=self.tell,
            on_bytes=stop_when(ask.is_stopped),
        )

    def _keys(self, names: Sequence[str]) -> tuple[Key, ...] | None:
        """Return the tables that are there already; None (all) when no table of the stage is."""
        session = self.engine.connect(self.target, is_read_only=True)
        try:
            schema = self.engine.inspect(session, self.engine.identify(session), Scope())
        finally:
            session.close()
        keys = tuple(key for key in map(table_key, schema.tables) if key.path in set(names))
        return keys or None
