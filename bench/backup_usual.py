"""The usual scripts beside which backups are measured: one dump piped into gzip, and the stock tools' way back."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.erp_data import TABLES
from bench.measure_tree import Measured, run_tree
from lockgate.engine.client.find import ClientProgram, find_clients
from lockgate.engine.private import private_server
from lockgate.model.target import Target, parse_target

_DUMPS = {"postgres": "pg_dump", "mysql": "mysqldump", "mariadb": "mariadb-dump"}
_CLIENTS = {"mysql": "mysql", "mariadb": "mariadb"}
JOBS = 2


@dataclass
class Usual:
    """The usual script for one database: ``mysqldump | gzip``, ``pg_dump | gzip``, ``.dump | gzip``."""

    url: str
    flavor: str
    folder: Path
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def target(self) -> Target:
        """The database."""
        return parse_target(self.url)

    @property
    def dump_text(self) -> str:
        """The shell command that writes everything as SQL."""
        if self.flavor == "sqlite":
            return f"sqlite3 {shlex.quote(self.target.path)} .dump"
        if self.flavor == "postgres":
            return f"{_words(_found('pg_dump', self.flavor))} {_postgres(self.target)} {self.target.database}"
        options = f"{self._plain} --routines --events --triggers"
        return f"{self._mysql(_DUMPS[self.flavor], self.target)} {options} {self.target.database}"

    @property
    def _plain(self) -> str:
        return "--single-transaction" + (" --set-gtid-purged=OFF" if self.flavor == "mysql" else "")

    def back_up(self) -> tuple[Measured, int]:
        """Run the script; return how it went and the bytes it stored."""
        place = self.folder / "usual.sql.gz"
        done = self._shell(f"{self.dump_text} | gzip > {place}")
        return done, place.stat().st_size

    def prepare_restore(self) -> None:
        """Dump as the stock tools want it for a restore with several jobs; not a part of what is measured."""
        if self.flavor == "sqlite":
            return
        place = self.folder / "parallel"
        place.mkdir()
        if self.flavor == "postgres":
            options = f"{_postgres(self.target)} -Fd -j{JOBS} -Z1 -f {place}/d {self.target.database}"
            text = f"{_words(_found('pg_dump', self.flavor))} {options}"
            assert self._shell(text).code == 0
            return
        for table in TABLES:
            dump = f"{self._mysql(_DUMPS[self.flavor], self.target)} {self._plain} {self.target.database}"
            text = f"{dump} {table.name} | gzip -1 > {place}/{table.name}.sql.gz"
            assert self._shell(text).code == 0

    def restore(self) -> float:
        """Restore on a fresh private server as fast as the stock tools can; return seconds, its start included."""
        began = time.perf_counter()
        if self.flavor == "sqlite":
            place = self.folder / "restored.db"
            place.unlink(missing_ok=True)
            assert self._shell(f"gunzip -c {self.folder}/usual.sql.gz | sqlite3 {place}").code == 0
            return time.perf_counter() - began
        with private_server(self.flavor) as server:
            self._load(parse_target(server.url()))
            return time.perf_counter() - began

    def _load(self, target: Target) -> None:
        place, name = self.folder / "parallel", self.target.database
        if self.flavor == "postgres":
            tool, psql = _words(_found("pg_restore", self.flavor)), _words(_found("psql", self.flavor))
            self.env["PGPASSWORD"] = target.password or ""
            done = self._shell(
                f"{psql} -q {_postgres(target)} -d postgres -c 'CREATE DATABASE {name}' && "
                f"{tool} {_postgres(target)} -j{JOBS} -d {name} {place}/d"
            )
        else:
            client = self._mysql(_CLIENTS[self.flavor], target)
            # The biggest tables first, so that the jobs end together.
            names = " ".join(table.name for table in sorted(TABLES, key=lambda table: -table.part))
            one = f"gunzip -c {place}/{{}}.sql.gz | {client} {name}"
            done = self._shell(
                f"{client} -e 'CREATE DATABASE {name}' && "
                f"printf '%s\\n' {names} | xargs -P{JOBS} -I{{}} sh -c {shlex.quote(one)}"
            )
        assert done.code == 0, done.err[-500:]

    def _mysql(self, name: str, target: Target) -> str:
        """Return a client's command with its password in a file."""
        file = self.folder / f"{target.port}.cnf"
        file.touch(mode=0o600)
        file.write_text(f'[client]\nuser={target.user}\npassword="{target.password or ""}"\n', encoding="utf-8")
        program = _found(name, self.flavor)
        return (
            f"{_words(program)} --defaults-file={file} {shlex.join(program.options)} --protocol=TCP"
            f" -h {target.host} -P {target.port}"
        )

    def _shell(self, text: str) -> Measured:
        if self.flavor == "postgres":
            self.env.setdefault("PGPASSWORD", self.target.password or "")
        return run_shell(text, self.env)


def run_shell(text: str, env: Mapping[str, str]) -> Measured:
    """Run a line of a shell; a failure anywhere in a pipe is one."""
    return run_tree(["bash", "-o", "pipefail", "-c", text], env)


def _found(name: str, flavor: str) -> ClientProgram:
    found = find_clients((name,), flavor)
    assert found, f"{name} is not on this machine: run 'python tools/get_servers.py'"
    return found[0]


def _words(program: ClientProgram) -> str:
    return shlex.join(program.command)


def _postgres(target: Target) -> str:
    return f"-h {target.host} -p {target.port} -U {target.user}"


def quickest(runs: Sequence[Measured]) -> Measured:
    """Return the run that took the least time."""
    return min(runs, key=lambda run: run.seconds)
