"""An item has a state; one of two branches."""

import sqlalchemy as sa
from alembic import op

revision = "0003a"
down_revision = "0002"

state = sa.Enum("new", "used", "gone", name="item_state")


def upgrade() -> None:
    state.create(op.get_bind(), checkfirst=True)
    op.add_column("item", sa.Column("state", state, server_default="new", nullable=False))
    op.create_index("ix_item_name_amount", "item", ["name", "amount"])


def downgrade() -> None:
    op.drop_column("item", "state")
