"""Longer codes and a label; the other branch."""

import sqlalchemy as sa
from alembic import op

revision = "0003b"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("place") as batch:
        batch.alter_column("code", existing_type=sa.String(8), type_=sa.String(12), existing_nullable=False)
        batch.add_column(sa.Column("label", sa.String(40), comment="on the door"))


def downgrade() -> None:
    op.drop_column("place", "label")
