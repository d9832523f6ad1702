"""Places and items as they began."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        comment="where things are",
    )
    op.create_table(
        "thing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=True),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(10, 2), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_item_amount")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_item_place_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
    )
    op.bulk_insert(sa.table("place", sa.column("id"), sa.column("code")), [{"id": 1, "code": "here"}])


def downgrade() -> None:
    op.drop_table("thing")
    op.drop_table("place")
