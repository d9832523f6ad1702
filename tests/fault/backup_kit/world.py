"""One database with everything, its repository with a proven backup, and the command line to work on both."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.erp_data import fill
from lockgate.engine import load_engine
from lockgate.model.target import parse_target
from tests.fault.backup_kit import app, brood
from tests.fault.backup_kit.everything import build_everything
from tests.fault.kit.clients import Client
from tests.fault.kit.load import ROOT
from tests.fault.kit.program import Done
from tests.loop import Picture, picture

LIMIT_S = 300.0


@dataclass
class World:
    """A database and its backups below a folder.

    ``flavor`` is the kind of server, ``is_encrypted`` whether backups are. ``megabytes`` of an ERP are in it besides
    everything (``build``). ``owned`` is another one, of a user with few rights, for faults that need it. `fresh` puts
    the repository back to one proven backup.
    """

    url: str
    flavor: str
    chance: random.Random
    is_encrypted: bool = False
    megabytes: float = 2.0
    server: Any = None
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="lockgate-bfault-")))
    create_s: float = 0.0
    verify_s: float = 0.0
    restore_s: float = 0.0
    build: Callable[[str, str], None] = build_everything
    owned: World | None = None

    def __post_init__(self) -> None:
        brood.adopt_orphans()
        self.build(self.url, self.flavor)
        fill(self.url, self.flavor, self.megabytes)
        client = Client(self.url)
        client.execute(app.MAKE)
        client.close()
        self.temporary.mkdir()
        self.key = self._make_key() if self.is_encrypted else ""
        self.write_config()
        done = self.call("backup", "create", "--verify", "schema")
        assert done.code == 0, done.err
        self.verify_s = done.seconds
        self.pristine = self.folder / "pristine"
        shutil.copytree(self.repositories, self.pristine)
        done = self.call("backup", "create")
        assert done.code == 0, done.err
        self.create_s = done.seconds
        self.before = self.look()
        self.fresh()

    @property
    def temporary(self) -> Path:
        """Where temporary files of the commands go."""
        return self.folder / "tmp"

    @property
    def repositories(self) -> Path:
        """The folder that ``[backup] folder`` names."""
        return self.folder / "backups"

    @property
    def repository(self) -> Path:
        """The repository of the target."""
        return next(path for path in self.repositories.iterdir() if path.is_dir())

    def published(self) -> list[Path]:
        """Return the published backups, the newest first."""
        return sorted((self.repository / "b").iterdir(), key=lambda path: path.name.split("-")[1], reverse=True)

    def fresh(self) -> None:
        """Put the repository back to one backup that is proven."""
        shutil.rmtree(self.repositories, ignore_errors=True)
        shutil.copytree(self.pristine, self.repositories)

    def write_config(self, **more: str) -> None:
        """Write lockgate.toml; ``more`` are further lines of ``[backup]``, each a value in TOML."""
        lines = ["[backup]", 'folder = "backups"', *(f"{key} = {value}" for key, value in more.items())]
        if self.key:
            lines += [f'recipients = ["{self.key}"]', 'identity = "key.txt"']
        (self.folder / "lockgate.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def look(self) -> Picture:
        """Return what must not change: fingerprint, the server's own dump, a sum of every table's rows."""
        target = parse_target(self.url)
        return picture(load_engine(target.engine), target)

    def call(self, *arguments: str, env: dict[str, str] | None = None, limit_s: float = LIMIT_S) -> Done:
        """Run a command to its end."""
        return self.finish(self.begin(*arguments, env=env), limit_s)

    def begin(
        self,
        *arguments: str,
        env: dict[str, str] | None = None,
        module: str = "lockgate",
        prepare: Callable[[], None] | None = None,
    ) -> Running:
        """Start a command and do not wait for it; ``prepare`` runs in it before Python does."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("LOCKGATE_")}
        kept |= {key: os.environ[key] for key in ("LOCKGATE_SERVER_BIN",) if key in os.environ}
        own = {
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "LOCKGATE_URL": self.url,
            "TMPDIR": str(self.temporary),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            cwd=self.folder,
            env={**kept, **own, **(env or {})},
            preexec_fn=prepare,
        )
        brood.STARTED.add(process.pid)
        return Running(process, time.monotonic())

    def finish(self, running: Running, limit_s: float = LIMIT_S) -> Done:
        """Wait for a command; one that does not end is killed, and says so."""
        process = running.process
        try:
            out, err = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += f"\nTIMEOUT after {limit_s} s"
        return Done(process.returncode, out, err, running.began, time.monotonic())

    def listed(self) -> dict[str, Any]:
        """Return what ``backup list`` tells."""
        done = self.call("--format", "json", "backup", "list")
        assert done.code == 0, done.err
        found: dict[str, Any] = json.loads(done.out)
        return found

    def close(self) -> None:
        """Remove all files."""
        if self.owned is not None:
            self.owned.close()
        brood.adopt_orphans(False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_key(self) -> str:
        from pyrage import x25519

        identity = x25519.Identity.generate()
        (self.folder / "key.txt").write_text(f"{identity}\n", encoding="utf-8")
        (self.folder / "key.txt").chmod(0o600)
        return str(identity.to_public())


@dataclass
class Running:
    """A command that runs, and when it began (monotonic s)."""

    process: subprocess.Popen[str]
    began: float

    def later(self, delay_s: float, action: Callable[[], None]) -> threading.Timer:
        """Do something in a while."""
        timer = threading.Timer(delay_s, action)
        timer.daemon = True
        timer.start()
        return timer

    @property
    def is_over(self) -> bool:
        """Whether it ended."""
        return self.process.poll() is not None


def limit_files(size: int) -> Callable[[], None]:
    """Return what keeps every file a command writes below a size; a write beyond it fails as on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def tools_below(pid: int, names: Sequence[str]) -> list[brood.Process]:
    """Return the client programs that run below a process, by their names, behind a loader too."""
    found = []
    for process in brood.descendants(pid).values():
        words = [os.path.basename(word) for word in process.command.split()[:4]]
        if process.name.startswith(tuple(names)) or any(word in names for word in words):
            found.append(process)
    return found
