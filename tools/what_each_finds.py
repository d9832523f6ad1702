"""Measure which planted differences Lockgate, Alembic and Django find, and write the table of it.

Usage: ``PYTHONPATH=src:. python -m tools.what_each_finds``; it takes the servers of the tests.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lockgate.diff.compare import diff_schemas
from lockgate.engine import load_engine
from lockgate.engine.base import ScratchOptions
from lockgate.model.schema import Schema
from lockgate.model.target import parse_target
from lockgate.source.desired import keep_bookkeeping, read_desired
from lockgate.source.spec import parse_spec
from tests.planted import FLAVORS, PLANTED, inspect, plant, rebuild
from tests.servers import TestServers

SAMPLES = Path(__file__).parents[1] / "tests/samples"
PAGE = Path(__file__).parents[1] / "docs/reference/what-each-finds.md"
DIALECTS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
FINDERS = ("Lockgate", "Alembic", "Django")
NOTHING = ""
"""What is found although nothing was planted."""
Found = dict[str, dict[str, set[str]]]
"""Difference → finder → flavors where it found it."""


def main() -> None:
    """Measure all and write the page."""
    sys.path.insert(0, str(SAMPLES / "alembic"))
    logging.disable(logging.WARNING)
    found: Found = {name: {finder: set() for finder in FINDERS} for name in (NOTHING, *PLANTED)}
    with contextlib.closing(TestServers()) as servers:
        for flavor in FLAVORS:
            with fresh_database(servers, flavor) as url:
                _measure(flavor, url, found)
    PAGE.write_text(render_page(found), encoding="utf-8")


@contextlib.contextmanager
def fresh_database(servers: TestServers, flavor: str) -> Iterator[str]:
    """Give the URL of an empty database of a flavor."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        if flavor != "sqlite":
            yield stack.enter_context(servers.get(flavor).fresh_database())
            return
        Path(folder, "live.db").touch()
        yield f"sqlite:///{folder}/live.db"


def _measure(flavor: str, url: str, found: Found) -> None:
    from stock import Base

    own = sqlalchemy.create_engine(own_url(url, flavor), poolclass=sqlalchemy.pool.NullPool)
    Base.metadata.create_all(own)
    made = inspect(url)
    desired = read_models(url, "sqlalchemy:stock:Base", SAMPLES / "alembic")
    assert not diff_schemas(made, desired)
    false_alarms = _ask_alembic(own, Base.metadata)
    if false_alarms:
        found[NOTHING]["Alembic"].add(flavor)
    if _ask_django(url):
        found[NOTHING]["Django"].add(flavor)
    for name, planted in PLANTED.items():
        if not planted.is_for(flavor):
            continue
        rebuild(url, flavor, made)
        plant(url, flavor, planted, made)
        if diff_schemas(inspect(url), desired):
            found[name]["Lockgate"].add(flavor)
        if _ask_alembic(own, Base.metadata) != false_alarms:
            found[name]["Alembic"].add(flavor)
        if _ask_django(url):
            found[name]["Django"].add(flavor)


def own_url(url: str, flavor: str) -> str:
    """Return SQLAlchemy's URL of a database."""
    return DIALECTS[flavor] + url[url.index(":") :]


def read_models(url: str, spec: str, folder: Path) -> Schema:
    """Return what a project declares, as the drift check compares it with a live database."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    session = engine.connect(target, is_read_only=True)
    try:
        server = engine.identify(session)
    finally:
        session.close()
    before = os.getcwd()
    os.chdir(folder)
    try:
        with engine.open_scratch(server, target, ScratchOptions()) as scratch:
            read = read_desired(parse_spec(spec), engine, server, lambda: scratch, needs_database=False, cache=None)
            return keep_bookkeeping(read, inspect(url), engine, server).schema
    finally:
        os.chdir(before)


def _ask_alembic(engine: sqlalchemy.Engine, metadata: sqlalchemy.MetaData) -> set[str]:
    """Return what Alembic's autogenerate, with every comparison switched on, would write."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        with contextlib.redirect_stderr(io.StringIO()):
            return {_plain(difference) for difference in compare_metadata(context, metadata)}


def _plain(value: object) -> str:
    """Return a difference as a text that is the same whenever the difference is."""
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_plain, value))})"
    if isinstance(value, dict):
        return _plain([_plain(pair) for pair in value.items()])
    if isinstance(value, sqlalchemy.DefaultClause):
        return str(value.arg)
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def _ask_django(url: str) -> bool:
    """Tell whether ``makemigrations --check`` complains while its database has the difference."""
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run", "-v", "0"],
        cwd=SAMPLES / "django_stock",
        env={**os.environ, "DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.stderr.strip() and b"Traceback" in done.stderr:
        raise RuntimeError(done.stderr.decode())
    return done.returncode != 0


_HEAD = """# What each finds

Differences planted by hand, one at a time, into a database whose tables SQLAlchemy made from its models. *Lockgate* is
`lockgate drift --desired sqlalchemy:…`, *Alembic* is autogenerate (`alembic check`) with `compare_type` and
`compare_server_default` switched on, *Django* is `makemigrations --check` on the same tables as models of Django.

`makemigrations --check` compares models with migrations and never looks at the database: it finds a model that was
changed without a migration, which is another question. Lockgate reports that too, as `django-model-not-migrated`.
Autogenerate is made to write migrations, and what it cannot write it does not compare. What it reports although
nothing was planted (first row) is not counted as found in the rows below.

The table is measured, by `python -m tools.what_each_finds` with Alembic {alembic}, SQLAlchemy {sqlalchemy} and
Django {django}; a test holds the column of Lockgate to it. *of* counts the engines that have such a thing at all.

| difference | of | Lockgate | Alembic | Django |
|---|---|---|---|---|
"""


def render_page(found: Found) -> str:
    """Return the page's text."""
    import alembic
    import django

    false = " | ".join(cell(found[NOTHING][finder], {"every engine"}) for finder in FINDERS)
    lines = [f"| (nothing: a false alarm) | 4 | {false} |"]
    totals = dict.fromkeys(FINDERS, 0)
    for name, planted in PLANTED.items():
        possible = {flavor for flavor in FLAVORS if planted.is_for(flavor)}
        cells = [cell(found[name][finder], possible) for finder in FINDERS]
        for finder in FINDERS:
            totals[finder] += len(found[name][finder])
        lines.append(f"| {planted.words} | {len(possible)} | {' | '.join(cells)} |")
    possible_count = sum(planted.is_for(flavor) for planted in PLANTED.values() for flavor in FLAVORS)
    counts = " | ".join(str(totals[finder]) for finder in FINDERS)
    head = _HEAD.format(alembic=alembic.__version__, sqlalchemy=sqlalchemy.__version__, django=django.get_version())
    return f"{head}{chr(10).join(lines)}\n| **together** | {possible_count} | {counts} |\n"


def cell(flavors: set[str], possible: set[str]) -> str:
    """Return what stands in a cell: all, none, or the engines."""
    if flavors == possible:
        return "all"
    return ", ".join(title for flavor, title in FLAVORS.items() if flavor in flavors) or "none"


if __name__ == "__main__":
    main()
