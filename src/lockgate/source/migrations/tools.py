"""The tools whose folders are read: their names, their tables and their rules."""

from __future__ import annotations

from lockgate.source.migrations.folder import Order, Tool

DRIZZLE = Tool(
    "drizzle",
    "Drizzle",
    ("drizzle.__drizzle_migrations", "__drizzle_migrations"),
    history="drizzle",
    late=Order.SKIPPED,
    knows_text=True,
    is_by_number=False,
)
DRIZZLE_FOLDERS = Tool(
    "drizzle-folders",
    "Drizzle",
    ("drizzle.__drizzle_migrations", "__drizzle_migrations"),
    history="drizzle_names",
    knows_text=True,
    is_by_number=False,
)
FLYWAY = Tool(
    "flyway",
    "Flyway",
    ("flyway_schema_history", "schema_version"),
    history="flyway",
    late=Order.REFUSED,
    knows_text=True,
)
GOLANG = Tool("golang-migrate", "golang-migrate", ("schema_migrations",), history="one_version", late=Order.SKIPPED)
GOOSE = Tool("goose", "goose", ("goose_db_version",), history="goose", late=Order.REFUSED)
DBMATE = Tool("dbmate", "dbmate", ("schema_migrations",), history="versions")
PRISMA = Tool("prisma", "Prisma", ("_prisma_migrations",), history="prisma", knows_text=True, is_by_number=False)
ATLAS = Tool("atlas", "Atlas", ("atlas_schema_revisions.atlas_schema_revisions", "atlas_schema_revisions"),
             history="atlas", late=Order.REFUSED)  # fmt: skip
SQLX = Tool("sqlx", "SQLx", ("_sqlx_migrations",), history="sqlx", knows_text=True)
SUPABASE = Tool("supabase", "Supabase", ("supabase_migrations.schema_migrations",), history="versions")
TIMESTAMPS = Tool(
    "timestamps", "a runner by timestamps", ("schema_migrations",), history="versions",
    also_keeps=("ar_internal_metadata",),
)  # fmt: skip
NUMBERED = Tool("numbered", "a runner by numbers", ("schema_migrations",), history="versions")

TOOLS = {
    tool.name: tool
    for tool in (
        DRIZZLE, FLYWAY, GOLANG, GOOSE, DBMATE, PRISMA, ATLAS, SQLX, SUPABASE, TIMESTAMPS, NUMBERED,
    )
}  # fmt: skip
"""By the name that may stand before a folder: ``flyway:db/sql``."""

ALEMBIC, DJANGO = "alembic", "django"
"""Tools whose migrations are programs; they are read by the sources of those names."""
