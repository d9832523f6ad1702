"""A user who may not see everything gets unknowns: never findings about what is only hidden, never a clean report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Scope
from lockgate.model.finding import Checked
from lockgate.model.target import parse_target
from lockgate.verify.defects.find import find_schema_defects
from lockgate.verify.defects.rows import find_data_defects
from lockgate.verify.defects.settings import DefectSettings
from tests.servers import TestServers

USER = f"lockgate_reader_{os.getpid()}"


@contextmanager
def reader(servers: TestServers, flavor: str, url: str, *statements: str) -> Iterator[tuple[Checked, Checked]]:
    """Run statements in a database, then check it as a user who may do what they granted."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    servers.get(flavor).execute(f"CREATE {'ROLE' if flavor == 'postgres' else 'USER'} {USER}" + _login(flavor))
    try:
        owner = engine.connect(target, is_read_only=False)
        for sql in statements:
            owner.execute(sql)
        owner.close()
        session = engine.connect(replace(target, user=USER, password="secret"), is_read_only=True)
        server = engine.identify(session)
        live = engine.inspect(session, server, Scope())
        yield (
            find_schema_defects(engine, session, server, live, DefectSettings()),
            find_data_defects(engine, session, server, live, DefectSettings()),
        )
        session.close()
    finally:
        owner = engine.connect(target, is_read_only=False)
        if flavor == "postgres":
            owner.execute(f"DROP OWNED BY {USER}")
        owner.close()
        servers.get(flavor).execute(f"DROP {'ROLE' if flavor == 'postgres' else 'USER'} {USER}")


def _login(flavor: str) -> str:
    return " LOGIN PASSWORD 'secret'" if flavor == "postgres" else " IDENTIFIED BY 'secret'"


def test_rows_behind_row_security_are_unknown(servers: TestServers, postgres_url: str) -> None:
    with reader(
        servers,
        "postgres",
        postgres_url,
        "CREATE TABLE parent (id bigint PRIMARY KEY)",
        "CREATE TABLE child (id bigserial PRIMARY KEY, parent_id bigint REFERENCES parent)",
        "CREATE INDEX child_parent ON child (parent_id)",
        "CREATE VIEW seen AS SELECT * FROM child",
        "ALTER TABLE parent ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY few ON parent TO {USER} USING (id = 1)",
        f"GRANT SELECT ON parent, child TO {USER}",
        "INSERT INTO parent VALUES (1), (2)",
        "INSERT INTO child (parent_id) VALUES (2)",
    ) as (schema, data):
        assert schema.findings == () and data.findings == ()
        assert [text.split(":")[0] for text in schema.unknown] == ["view public.seen"]
        assert any("row-level security" in text for text in data.unknown)
        assert any("sequence public.child_id_seq" in text for text in data.unknown)


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_a_table_one_may_not_see_is_not_said_to_be_missing(
    servers: TestServers, flavor: str, mysql_url: str, mariadb_url: str
) -> None:
    url = mysql_url if flavor == "mysql" else mariadb_url
    with reader(
        servers,
        flavor,
        url,
        "CREATE TABLE parent (id bigint PRIMARY KEY)",
        "CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint, FOREIGN KEY (parent_id) REFERENCES parent (id))",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (1, 1)",
        f"GRANT SELECT ON child TO {USER}",
    ) as (schema, data):
        assert schema.findings == () and data.findings == ()
        assert schema.unknown == data.unknown == ("table parent: this user cannot see it",)
