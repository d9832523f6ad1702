"""Databases to measure on: the demonstration's ERP with any number of tables, live and as SQL files."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lockgate.demo.dialect import DIALECTS
from lockgate.demo.erp import Erp, build_erp
from lockgate.demo.write_sql import erp_files
from lockgate.engine import load_engine
from lockgate.model.target import parse_target
from tests.servers import TestServers


@dataclass(frozen=True)
class Bench:
    """One measured database: ``url`` is live, ``desired_url`` holds the desired schema, ``files`` it as SQL."""

    flavor: str
    tables: int
    url: str
    desired_url: str
    files: Path


@contextmanager
def open_bench(servers: TestServers, flavor: str, tables: int, folder: Path) -> Iterator[Bench]:
    """Build both databases. The live one lacks a column of every 50th table, so that there is something to find."""
    engine = "mysql" if flavor == "mariadb" else flavor
    desired = build_erp(tables)
    live = replace(desired, entities=tuple(_lacking(e, i) for i, e in enumerate(desired.entities)))
    files = folder / f"{flavor}-{tables}"
    files.mkdir()
    for name, text in erp_files(desired, DIALECTS[engine]).items():
        (files / name).write_text(text, encoding="utf-8")
    if flavor == "sqlite":
        urls = [f"sqlite:///{folder}/{flavor}-{tables}-{name}.db" for name in ("live", "desired")]
        for url in urls:
            Path(url.removeprefix("sqlite:///")).touch()
        _fill_both(engine, urls, live, desired)
        yield Bench(flavor, tables, *urls, files)
        return
    server = servers.get(flavor)
    with server.fresh_database() as live_url, server.fresh_database() as desired_url:
        _fill_both(engine, [live_url, desired_url], live, desired)
        yield Bench(flavor, tables, live_url, desired_url, files)


def _lacking(entity, index):  # type: ignore[no-untyped-def]
    """Leave out the last nullable column that no index and no view uses, in every 50th table."""
    if index % 50 or not index:
        return entity
    return replace(entity, fields=entity.fields[:-1])


def _fill_both(engine_name: str, urls: list[str], live: Erp, desired: Erp) -> None:
    """Fill both at once: a server works on two connections while we wait."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(_fill, (engine_name, engine_name), urls, (live, desired)))


def _fill(engine_name: str, url: str, erp: Erp) -> None:
    engine = load_engine(engine_name)
    session = engine.connect(parse_target(url), is_read_only=False)
    try:
        for text in erp_files(erp, DIALECTS[engine_name]).values():
            for statement in engine.split_sql(text):
                session.execute(statement.text)
    finally:
        session.close()
