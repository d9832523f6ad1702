"""A Drizzle schema cannot declare extensions: those of the live database are given to it."""

from __future__ import annotations

from pathlib import Path

from lockgate.diff.drift import DriftReport, DriftStatus
from lockgate.engine import load_engine
from lockgate.engine.base import ScratchOptions
from lockgate.model.target import parse_target
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

SCHEMA = """
    import { customType, index, pgTable, serial, text } from "drizzle-orm/pg-core"
    import { sql } from "drizzle-orm"
    const citext = customType<{ data: string }>({ dataType: () => "citext" })
    export const users = pgTable("users", { id: serial("id").primaryKey(), mail: citext("mail"), name: text("name") },
      (t) => [index("users_name_trgm").using("gin", t.name.op("gin_trgm_ops"))])
"""
LIVE = (
    "CREATE EXTENSION citext",
    "CREATE SCHEMA tools",
    "CREATE EXTENSION pg_trgm",
    "CREATE EXTENSION hstore WITH SCHEMA tools",
    "CREATE TABLE users (id serial PRIMARY KEY, mail citext, name text)",
)


def measure(url: str, folder: Path) -> DriftReport:
    """Compare with the schema file, in a scratch beside the target, through a cache."""
    (folder / "schema.ts").write_text(SCHEMA)
    options = DriftOptions(scratch=ScratchOptions(is_beside_target_allowed=True), cache=folder / "cache")
    return measure_drift(load_engine("postgres"), parse_target(url), f"drizzle:{folder / 'schema.ts'}", options)


def test_extensions_of_the_live_database_are_neither_missed_nor_drift(postgres_url: str, tmp_path: Path) -> None:
    session = load_engine("postgres").connect(parse_target(postgres_url))
    for statement in LIVE:
        session.execute(statement)
    first = measure(postgres_url, tmp_path)
    assert [entry.object for entry in first.changes] == ["public.users.users_name_trgm"]
    session.execute("CREATE INDEX users_name_trgm ON users USING gin (name gin_trgm_ops)")
    session.execute("DROP EXTENSION hstore")
    second = measure(postgres_url, tmp_path)
    session.close()
    assert [entry.object for entry in second.changes] == ["tools"]
    assert first.status is DriftStatus.DRIFT


PLATFORM = (
    "CREATE SCHEMA auth",
    "CREATE TABLE auth.users (id uuid PRIMARY KEY, mail text)",
    "CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$",
    "CREATE TABLE profiles (id uuid PRIMARY KEY NOT NULL, city text)",
    "ALTER TABLE profiles ADD CONSTRAINT profiles_id_users_id_fk FOREIGN KEY (id) REFERENCES auth.users(id)",
    "ALTER TABLE profiles ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON profiles FOR SELECT TO public USING (id = (SELECT auth.uid()))",
    "CREATE FUNCTION auth.new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$",
    "CREATE TRIGGER made AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION auth.new()",
    "CREATE VIEW auth.cities AS SELECT city FROM public.profiles",
)
ON_PLATFORM = """
    import { pgPolicy, pgTable, text, uuid } from "drizzle-orm/pg-core"
    import { authUid, authUsers } from "drizzle-orm/supabase"
    import { sql } from "drizzle-orm"
    export const profiles = pgTable("profiles", {
      id: uuid("id").primaryKey().references(() => authUsers.id), city: text("city") },
      (t) => [pgPolicy("own", { for: "select", using: sql`${t.id} = ${authUid}` })])
"""


def test_what_a_platform_keeps_beside_is_referred_to_and_no_drift(postgres_url: str, tmp_path: Path) -> None:
    session = load_engine("postgres").connect(parse_target(postgres_url))
    for statement in PLATFORM:
        session.execute(statement)
    (tmp_path / "schema.ts").write_text(ON_PLATFORM)
    options = DriftOptions(scratch=ScratchOptions(is_beside_target_allowed=True))
    spec = f"drizzle:{tmp_path / 'schema.ts'}"
    engine, target = load_engine("postgres"), parse_target(postgres_url)
    assert not measure_drift(engine, target, spec, options).changes
    session.execute("ALTER TABLE profiles ADD COLUMN extra int")
    session.close()
    assert [entry.object for entry in measure_drift(engine, target, spec, options).changes] == ["public.profiles.extra"]
