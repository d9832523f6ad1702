"""What PostgreSQL adds: its types, constraints, indexes, sequences and a second schema."""

import datetime
from typing import Any

import warehouse.general  # noqa: F401
from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Sequence,
    String,
    Table,
    Text,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column
from warehouse.base import Base

ticket_numbers = Sequence("ticket_numbers", start=1000, increment=10, metadata=Base.metadata)
positive = pg.DOMAIN("positive", Integer, check="VALUE > 0")
mood_kind = pg.ENUM("sad", "ok", "it's happy", name="mood", metadata=Base.metadata)


class Machine(Base):
    """Every type of PostgreSQL's dialect."""

    __tablename__ = "machine"
    __table_args__ = (
        pg.ExcludeConstraint(
            ("room", "="), ("used", "&&"), name="machine_no_overlap", using="gist", where=text("room > 0")
        ),
        Index("machine_facts", "facts", postgresql_using="gin", postgresql_ops={"facts": "jsonb_path_ops"}),
        Index("machine_active", "name", postgresql_where=text("room IS NOT NULL"), postgresql_include=["room"]),
        Index("machine_lower", func.lower(literal_column("name")), unique=True),
        Index("machine_order", text("room DESC NULLS LAST"), postgresql_with={"fillfactor": 70}),
        Index("machine_search", "search", postgresql_using="gin"),
        CheckConstraint("room BETWEEN 1 AND 99 OR room IN (1000, 2000)", name="room"),
        {"comment": "machines", "schema": None},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(pg.CITEXT)
    room: Mapped[int | None] = mapped_column(Integer)
    rooms: Mapped[list[int] | None] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    names: Mapped[list[str] | None] = mapped_column(pg.ARRAY(String(20), dimensions=2))
    facts: Mapped[dict[str, Any]] = mapped_column(pg.JSONB, server_default=text("'{}'::jsonb"))
    pairs: Mapped[Any | None] = mapped_column(pg.HSTORE)
    address: Mapped[Any | None] = mapped_column(pg.INET)
    network: Mapped[Any | None] = mapped_column(pg.CIDR)
    card: Mapped[Any | None] = mapped_column(pg.MACADDR)
    wide_card: Mapped[Any | None] = mapped_column(pg.MACADDR8)
    value: Mapped[Any | None] = mapped_column(pg.MONEY)
    flags: Mapped[Any | None] = mapped_column(pg.BIT(5))
    more_flags: Mapped[Any | None] = mapped_column(pg.BIT(9, varying=True))
    search: Mapped[Any | None] = mapped_column(
        pg.TSVECTOR, Computed("to_tsvector('english', coalesce(description, ''))", persisted=True)
    )
    wanted: Mapped[Any | None] = mapped_column(pg.TSQUERY)
    description: Mapped[str | None] = mapped_column(Text(collation="C"))
    span: Mapped[Any | None] = mapped_column(pg.INT4RANGE)
    used: Mapped[Any | None] = mapped_column(pg.TSTZRANGE)
    spans: Mapped[Any | None] = mapped_column(pg.DATEMULTIRANGE)
    lasts: Mapped[datetime.timedelta | None] = mapped_column(pg.INTERVAL(fields="DAY TO SECOND", precision=3))
    at: Mapped[datetime.datetime | None] = mapped_column(pg.TIMESTAMP(timezone=True, precision=3))
    noon: Mapped[Any | None] = mapped_column(pg.TIME(timezone=True, precision=0))
    owner_oid: Mapped[Any | None] = mapped_column(pg.OID)
    table_name: Mapped[Any | None] = mapped_column(pg.REGCLASS)
    plan: Mapped[Any | None] = mapped_column(pg.JSON)
    size: Mapped[int] = mapped_column(positive, server_default="1")
    mood: Mapped[str] = mapped_column(mood_kind, server_default="ok")
    moods: Mapped[list[str] | None] = mapped_column(pg.ARRAY(mood_kind))
    ticket: Mapped[int] = mapped_column(Integer, ticket_numbers, server_default=ticket_numbers.next_value())
    token: Mapped[Any | None] = mapped_column(pg.UUID(as_uuid=True), server_default=func.gen_random_uuid())
    ratio: Mapped[float | None] = mapped_column(pg.REAL)
    precise: Mapped[float | None] = mapped_column(pg.DOUBLE_PRECISION)
    any_number: Mapped[Any | None] = mapped_column(Numeric)


class Visit(Base):
    """A table in another schema, with a deferrable key and a NOT VALID one."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("visit_once", "machine_id", "day", unique=True, postgresql_nulls_not_distinct=True),
        {"schema": "audit", "postgresql_with": {"fillfactor": 80}},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    machine_id: Mapped[int] = mapped_column(
        ForeignKey("machine.id", deferrable=True, initially="DEFERRED", name="visit_machine")
    )
    unchecked_id: Mapped[int | None] = mapped_column(
        ForeignKey("machine.id", name="visit_unchecked", postgresql_not_valid=True)
    )
    day: Mapped[datetime.date | None] = mapped_column(Date)


Table(
    "measure",
    Base.metadata,
    Column("day", Date, nullable=False),
    Column("value", Integer),
    postgresql_partition_by="RANGE (day)",
)

event.listen(
    Base.metadata,
    "before_create",
    DDL(
        "CREATE EXTENSION IF NOT EXISTS btree_gist; CREATE EXTENSION IF NOT EXISTS citext;"
        " CREATE EXTENSION IF NOT EXISTS hstore"
    ),
)
event.listen(
    Base.metadata,
    "after_create",
    DDL("CREATE VIEW busy_machine AS SELECT id, name FROM machine WHERE room IS NOT NULL"),
)
