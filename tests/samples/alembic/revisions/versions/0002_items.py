"""Things are called items; a name is needed."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT code FROM place")).scalar_one()
    op.execute(sa.text("INSERT INTO thing (id, place_id, name) VALUES (1, 1, :name)").bindparams(name=found))
    op.rename_table("thing", "item")
    with op.batch_alter_table("item") as batch:
        batch.alter_column("name", existing_type=sa.String(80), nullable=False)
        batch.drop_column("old")
    op.create_index("ix_item_place_id", "item", ["place_id"])


def downgrade() -> None:
    raise NotImplementedError
