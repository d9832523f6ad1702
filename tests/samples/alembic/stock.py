"""The models of a small stock, as the revisions leave it; their constraints get their names from a convention."""

import datetime
import decimal

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    Numeric,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=CONVENTION)


class Place(Base):
    """Where things are."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("code"), {"comment": "where things are"})

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12))
    label: Mapped[str | None] = mapped_column(String(40), comment="on the door")


class Item(Base):
    """What is kept."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_item_name_amount", "name", "amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    amount: Mapped[decimal.Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    state: Mapped[str] = mapped_column(Enum("new", "used", "gone", name="item_state"), server_default="new")
    added_at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
