"""What the tasks and checks of a runbook work with: one target with all that is set for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lockgate.backup.repository import Repository
from lockgate.backup.settings import BackupSettings
from lockgate.backup.stores.open import Place
from lockgate.engine import load_engine
from lockgate.engine.base import Engine, ScratchOptions
from lockgate.errors import ConfigError, RefusedError
from lockgate.execute.retry import Patience
from lockgate.model.target import Target
from lockgate.verify.defects.settings import DefectSettings

if TYPE_CHECKING:
    from lockgate.model.accepted import Acceptance
    from lockgate.verify.conventions.settings import Conventions
    from lockgate.workflow.backup_status import Surroundings


@dataclass(frozen=True)
class TargetTools:
    """One target and what is set for it; the command line makes it of the settings.

    ``desired`` and ``migrations`` are what the target declares (empty: nothing). ``resolve`` turns references in a spec
    into values. ``agent`` names the variable that gives a coding agent away (empty: a person or CI). ``backup_around``
    is what the status of backups asks besides the repository; ``schedule(do, is_dry_run)``
    installs or removes the schedule of backups and says what it changed.
    """

    name: str
    target: Target
    state_dir: Path
    actor: str
    open_repository: Callable[[], Repository]
    read_identities: Callable[[], Sequence[Any]] = tuple
    resolve: Callable[[str], str] = lambda text: text
    desired: str = ""
    migrations: str = ""
    is_protected: bool = False
    rehearsal_s: int = 0
    retention_s: int = 7 * 86400
    agent: str = ""
    scratch: ScratchOptions = field(default_factory=ScratchOptions)
    backup: BackupSettings = field(default_factory=BackupSettings)
    place: Place = field(default_factory=lambda: Place({}, Path()))
    on_secret: Callable[[str], None] = lambda text: None
    acceptances: Callable[[], tuple[Acceptance, ...]] = tuple
    conventions: Conventions | None = None
    defects: DefectSettings = field(default_factory=DefectSettings)
    backup_around: Callable[[], Surroundings] | None = None
    schedule: Callable[[str, bool], str] | None = None
    patience: Patience = field(default_factory=Patience)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @cached_property
    def engine(self) -> Engine:
        """The target's engine; its driver is imported now."""
        return load_engine(self.target.engine)

    @property
    def today(self) -> date:
        """The day, UTC."""
        return self.now().date()

    @property
    def cache(self) -> Path:
        """The folder for schemas read from SQL."""
        return self.state_dir / "cache"

    def desired_spec(self, wanted: str) -> str:
        """Return the desired schema's spec: what a task names, else the target's own.

        Raises:
            ConfigError: Neither names one.
        """
        text = self.resolve(wanted) if wanted else self.desired
        if not text:
            raise ConfigError(
                "no desired schema is given",
                where="desired",
                cause="neither the task nor lockgate.toml names one",
                state="nothing was touched",
                hint='add desired = "schema.sql" to lockgate.toml, or desired: schema.sql to the task',
            )
        return text

    def migrations_folder(self, wanted: str) -> str:
        """Return the migrations' folder: what a task names, else the target's own; empty when neither does."""
        return (self.resolve(wanted) if wanted else self.migrations).removeprefix("migrations:")

    def refuse_agent(self, action: str) -> None:
        """Refuse a coding agent on a protected target.

        Raises:
            RefusedError: One is detected.
        """
        if self.agent and self.is_protected:
            raise RefusedError(
                f"a coding agent may not {action} on the protected target {self.name}",
                where=self.target.display,
                cause=f"{self.agent} is set in the environment",
                state="nothing was touched",
                hint="ask a person to run this in their own terminal",
            )
