"""What SQLite adds: its own table options, partial indexes and conflict clauses."""

import warehouse.general  # noqa: F401
from sqlalchemy import Column, Computed, Index, Integer, String, Table, UniqueConstraint, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Mapped, mapped_column
from warehouse.base import Base


class Machine(Base):
    """A table with an AUTOINCREMENT key and a conflict clause."""

    __tablename__ = "machine"
    __table_args__ = (
        UniqueConstraint("code", sqlite_on_conflict="REPLACE"),
        Index("machine_in_use", "name", sqlite_where=text("room IS NOT NULL")),
        Index("machine_lower", text("lower(name)"), unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(40, collation="NOCASE"))
    code: Mapped[str] = mapped_column(String(4), nullable=False, sqlite_on_conflict_not_null="FAIL")
    room: Mapped[int | None]
    facts: Mapped[str | None] = mapped_column(sqlite.JSON)
    at: Mapped[str | None] = mapped_column(sqlite.DATETIME)
    shown: Mapped[str | None] = mapped_column(String(80), Computed("code || '-' || name", persisted=False))


Table(
    "machine_log",
    Base.metadata,
    Column("code", String(8), primary_key=True),
    Column("value", Integer),
    sqlite_with_rowid=False,
    sqlite_strict=False,
)
