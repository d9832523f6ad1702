"""Both branches, and when an item came."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = ("0003a", "0003b")


def upgrade() -> None:
    with op.batch_alter_table("item") as batch:
        batch.add_column(
            sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)
        )


def downgrade() -> None:
    op.drop_column("item", "added_at")
