"""What the parts of a runbook that are about people work with: sessions, channels, the roadmap."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from lockgate.coordinate.sessions import Registry
from lockgate.coordinate.settings import RoadmapSettings, SessionSettings
from lockgate.model.procedure import Actor
from lockgate.model.runbook import Runbook
from lockgate.notify.channels import Channel, Resolve, open_channel
from lockgate.notify.ledger import Ledger
from lockgate.notify.send import Sender
from lockgate.notify.settings import NotifySettings


@dataclass(frozen=True)
class PeopleTools:
    """Everything about people that is set; the command line makes it of the settings.

    ``folder`` is what paths are relative to; ``open_registry`` gives the registry of sessions when it is first needed.
    """

    folder: Path
    state_dir: Path
    actor: Actor
    open_registry: Callable[[], Registry]
    resolve: Resolve
    target: str = ""
    runbook: Runbook | None = None
    digest: str = ""
    link: str = ""
    session: SessionSettings = field(default_factory=SessionSettings)
    roadmap: RoadmapSettings = field(default_factory=RoadmapSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_hex: Callable[[], str] = lambda: secrets.token_hex(3)

    @cached_property
    def registry(self) -> Registry:
        """The registry of sessions."""
        return self.open_registry()

    @cached_property
    def ledger(self) -> Ledger:
        """What was sent to whom."""
        return ledger_of(self.state_dir)

    @cached_property
    def sender(self) -> Sender:
        """What sends messages."""
        return Sender(self.ledger, timeout_s=self.notify.timeout_s, retries=self.notify.retries, now=self.now)

    @property
    def docs(self) -> Path | None:
        """The folder of the export of sessions."""
        return self.folder / self.session.docs if self.session.docs else None

    @property
    def roadmap_file(self) -> str:
        """The roadmap's file: the runbook's own, else what is configured; empty: none."""
        return (self.runbook.roadmap if self.runbook else "") or self.roadmap.file

    def channel(self, name: str) -> Channel:
        """Return a channel by name.

        Raises:
            ConfigError: There is none, or a reference of it leads nowhere.
        """
        return open_channel(self.notify, name, self.resolve)

    def values(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return what templates may name."""
        runbook = self.runbook
        contacts = ", ".join(
            f"{contact.name}{f' ({contact.reach})' if contact.reach else ''}"
            for contact in (runbook.contacts if runbook else ())
        )
        known = {
            "title": (runbook.title or runbook.runbook) if runbook else "",
            "target": self.target,
            "digest": self.digest[:12],
            "link": self.link,
            "contact": contacts,
            "impact": "; ".join(
                dict.fromkeys(r.blast_radius for r in (runbook.risks if runbook else ()) if r.blast_radius)
            ),
        }
        empty = dict.fromkeys(("text", "message", "start", "run", "duration", "deviations", "report"), "")
        return {**empty, **known, **more}


def ledger_of(state_dir: Path) -> Ledger:
    """Return the ledger of a state folder."""
    return Ledger(state_dir / "notify" / "ledger.jsonl")
