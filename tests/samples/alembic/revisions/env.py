"""Runs the revisions on the database of DATABASE_URL; under LOCKGATE_TEST_TRAP it shows that it was run at all."""

import os
from logging.config import fileConfig
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool
from stock import Base

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name)

target_metadata = Base.metadata
VERSION_TABLE = "stock_revision"


def run_migrations_online() -> None:
    """Connect and run them."""
    Path(os.environ.get("ENV_WAS_RUN", os.devnull)).write_text("yes")
    connectable = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
    with connectable.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            version_table=VERSION_TABLE,
            compare_server_default=True,
            render_as_batch=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
