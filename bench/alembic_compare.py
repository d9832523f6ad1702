"""Time Alembic's comparison of a live database with metadata read from another; run by the rivals' Python."""

import json
import sys
import time

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

metadata = MetaData()
metadata.reflect(create_engine(sys.argv[2]))
engine = create_engine(sys.argv[1])
began = time.perf_counter()
with engine.connect() as connection:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    differences = compare_metadata(context, metadata)
seconds = time.perf_counter() - began
sys.stdout.write(json.dumps({"seconds": seconds, "differences": len(differences)}) + "\n")
