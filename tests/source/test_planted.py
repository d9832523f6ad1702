"""Every difference planted into a live database is found, as docs/reference/what-each-finds.md says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy

from lockgate.diff.compare import diff_schemas
from tests.planted import FLAVORS, PLANTED, inspect, plant, rebuild
from tests.source.test_orm_samples import TOOLS, make_tables
from tools.what_each_finds import PAGE, SAMPLES, cell, own_url, read_models

NOT_IN_DJANGO = ("enum",)
"""Django has no type for it."""


@pytest.mark.parametrize("flavor", FLAVORS)
def test_lockgate_finds_what_the_table_says(
    make_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, flavor: str
) -> None:
    monkeypatch.syspath_prepend(SAMPLES / "alembic")
    url = make_database(flavor)
    from stock import Base

    Base.metadata.create_all(sqlalchemy.create_engine(own_url(url, flavor), poolclass=sqlalchemy.pool.NullPool))
    made = inspect(url)
    desired = read_models(url, "sqlalchemy:stock:Base", SAMPLES / "alembic")
    assert diff_schemas(made, desired) == ()

    found = set()
    for name, planted in PLANTED.items():
        if planted.is_for(flavor):
            rebuild(url, flavor, made)
            plant(url, flavor, planted, made)
            if diff_schemas(inspect(url), desired):
                found.add(name)

    told = {name for name, planted in PLANTED.items() if planted.is_for(flavor) and _says(planted.words, flavor)}
    assert found == told


def test_the_same_is_found_in_a_database_that_django_made(
    make_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    flavor, spec = "sqlite", "django:site_of_stock.settings"
    monkeypatch.chdir(SAMPLES / "django_stock")
    url = make_database(flavor)
    make_tables(TOOLS["django"], flavor, url)
    made = inspect(url)
    desired = read_models(url, spec, SAMPLES / "django_stock")
    assert diff_schemas(made, desired) == ()

    for name, planted in PLANTED.items():
        if name not in NOT_IN_DJANGO and planted.is_for(flavor):
            rebuild(url, flavor, made)
            plant(url, flavor, planted, made)
            assert diff_schemas(inspect(url), desired), name


def _says(words: str, flavor: str) -> bool:
    """Tell whether the page claims that Lockgate finds a difference on an engine."""
    row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {words} |"))
    claimed = row.split("|")[3].strip()
    return claimed == cell(set(FLAVORS), set(FLAVORS)) or FLAVORS[flavor] in claimed.split(", ")
