"""Models that every dialect understands."""

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    PickleType,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    Unicode,
    UnicodeText,
    UniqueConstraint,
    Uuid,
    event,
    func,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from warehouse.base import Base

Key = Annotated[int, mapped_column(primary_key=True)]


class Status(enum.Enum):
    """What becomes of an order."""

    draft = "d"
    placed = "p"
    sent = "s"


class Supplier(Base):
    """A supplier, in a circle with its products."""

    __tablename__ = "supplier"
    __table_args__ = {"comment": 'who sells to us; it\'s "quoted" and has a % sign'}

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True, comment="as on the invoice: 100 % 'exact'")
    best_product_id: Mapped[int | None] = mapped_column(
        ForeignKey("product.id", name="supplier_best_product", use_alter=True, ondelete="SET NULL")
    )


class Product(Base):
    """A product with every general column type."""

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("price >= 0 AND price < 1000000", name="price"),
        CheckConstraint("length(name) > 2", name="name_length"),
        UniqueConstraint("supplier_id", "code"),
        Index("ix_product_name_price", "name", text("price DESC")),
        Index(None, "weight"),
    )

    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(Unicode(120), index=True)
    description: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(UnicodeText)
    price: Mapped[decimal.Decimal] = mapped_column(Numeric(12, 2), server_default=text("0"))
    weight: Mapped[float | None] = mapped_column(Float)
    exact_weight: Mapped[float | None] = mapped_column(Double)
    stock: Mapped[int] = mapped_column(BigInteger, server_default="0")
    shelf: Mapped[int] = mapped_column(SmallInteger, server_default=text("-1"))
    is_active: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="active_flag"), server_default=true())
    added_on: Mapped[datetime.date] = mapped_column(Date, server_default=text("'2020-01-01'"))
    changed_at: Mapped[datetime.datetime] = mapped_column(DateTime, server_default=func.now())
    zoned_at: Mapped[datetime.datetime | None] = mapped_column(DateTime(timezone=True))
    opens: Mapped[datetime.time | None] = mapped_column(Time)
    lasts: Mapped[datetime.timedelta | None] = mapped_column(Interval)
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    thumbnail: Mapped[bytes | None] = mapped_column(LargeBinary(200))
    pickled: Mapped[Any | None] = mapped_column(PickleType)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    plain_token: Mapped[uuid.UUID | None] = mapped_column(Uuid(native_uuid=False))
    gross: Mapped[decimal.Decimal] = mapped_column(Numeric(12, 2), Computed("price * 1.2", persisted=True))
    unit: Mapped[str] = mapped_column(String(10), server_default="piece's")

    supplier: Mapped[Supplier] = relationship(foreign_keys=[supplier_id])


class Order(Base):
    """An order, whose table and a column have reserved names."""

    __tablename__ = "order"

    id: Mapped[Key]
    status: Mapped[Status] = mapped_column(Enum(Status, name="order_status"), server_default="draft")
    kind: Mapped[str] = mapped_column(
        Enum("web", "shop", name="order_kind", native_enum=False, create_constraint=True, length=16)
    )
    group: Mapped[int | None] = mapped_column("group", Integer)
    placed_at: Mapped[datetime.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.current_timestamp()
    )
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("order.id", onupdate="CASCADE"))


class Line(Base):
    """A line with a key of two columns."""

    __tablename__ = "order_line"
    __table_args__ = (PrimaryKeyConstraint("order_id", "position"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    amount: Mapped[decimal.Decimal] = mapped_column(Numeric(9, 3))


class Serial(Base):
    """A serial number, numbered by the database."""

    __tablename__ = "serial_number"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "position"], ["order_line.order_id", "order_line.position"], name="serial_line"
        ),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(always=True, start=100, increment=5), primary_key=True)
    order_id: Mapped[int]
    position: Mapped[int]
    mixedCase: Mapped[str | None] = mapped_column(String(5))


tags = Table(
    "product_tag",
    Base.metadata,
    Column("product_id", ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(30), primary_key=True),
)

event.listen(tags, "after_create", DDL("CREATE INDEX product_tag_by_event ON product_tag (tag, product_id)"))
