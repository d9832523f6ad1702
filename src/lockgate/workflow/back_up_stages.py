"""Take backups before the stages of a run, as the policy says; a stage does not begin without the one it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lockgate.backup.create import stop_when
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import BackupSettings
from lockgate.engine.base import Engine, Scope
from lockgate.errors import BackupDamaged, KeyMissing, RefusedError
from lockgate.model.backup import BackupKind, Level
from lockgate.model.keys import table_key
from lockgate.model.target import Target
from lockgate.workflow.back_up import Made, back_up
from lockgate.workflow.choose_backup import Wanted, choose_backup
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
            RefusedError: It is so much smaller than the last one that something may be gone.
            LockgateError: It could not be taken, or nothing could be found out about it.
        """
        if self.policy == OFF or not (ask.is_first or self.settings.between_stages == "auto"):
            return ""
        made = self._take(ask, self._choose(ask))
        found = made.verification
        if found is None or not found.is_passed:
            raise BackupDamaged(
                "the backup before the change does not hold",
                where=made.backup.id,
                cause=found.problem if found else "",
                state="the stage was not begun",
                hint="see `lockgate backup list`, and what its cause says",
            )
        self._check_size(made.backup)
        return f"backup {made.backup.id} taken and proven ({found.asked.value})"

    def _check_size(self, taken: Backup) -> None:
        """Refuse a full backup of less than half the size of the one before: something may be gone already.

        Raises:
            RefusedError: It is.
        """
        if taken.manifest.kind is not BackupKind.FULL:
            return
        older = [b for b in self.repository.backups() if b.manifest.kind is BackupKind.FULL and b.id != taken.id]
        if older and 2 * taken.manifest.bytes_plain < older[0].manifest.bytes_plain:
            raise RefusedError(
                "the database is less than half of what it was at the last backup",
                where=taken.id,
                cause=f"{taken.manifest.bytes_plain} bytes, {older[0].id} has {older[0].manifest.bytes_plain}",
                state="the stage was not begun; both backups are there",
                hint="find out what is gone; when that was meant, repeat the command: the new backup counts then",
            )

    def _choose(self, ask: StageAsk) -> Wanted:
        """Choose what is taken: all, the tables the stage touches, or before a later stage what the server logged."""
        if self.engine.backup().is_always_whole or (ask.is_first and self.policy == FULL):
            return Wanted(BackupKind.FULL)
        names = self._there(ask.tables)
        kind = BackupKind.TABLES if ask.is_first and names else None
        chosen = choose_backup(self.engine, self.target, self.repository, kind, table_names=names)
        if chosen.why:
            self.tell(f"{chosen.kind.value}: {chosen.why}")
        return chosen

    def _take(self, ask: StageAsk, chosen: Wanted) -> Made:
        return back_up(
            self.engine,
            self.target,
            self.name,
            self.repository,
            self.settings,
            kind=chosen.kind,
            tables=chosen.tables,
            parent=chosen.parent,
            or_full=True,
            reason=f"before stage {ask.stage} of {ask.run}",
            level=self.level,
            identities=self.identities,
            checkpoint=ask.checkpoint,
            run=ask.run,
            has_lease=True,
            tell=self.tell,
            on_bytes=stop_when(ask.is_stopped),
        )

    def _there(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the tables among these that are there already; a stage may make new ones."""
        session = self.engine.connect(self.target, is_read_only=True)
        try:
            schema = self.engine.inspect(session, self.engine.identify(session), Scope())
        finally:
            session.close()
        there = {table_key(table).path for table in schema.tables}
        return tuple(name for name in names if name in there)
