"""What MySQL and MariaDB add: their types, table options, index kinds and columns that follow an update."""

from typing import Any

import warehouse.general  # noqa: F401
from sqlalchemy import Column, Computed, FetchedValue, Index, Integer, String, Table, text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column
from warehouse.base import Base


class Machine(Base):
    """Every type of the dialect."""

    __tablename__ = "machine"
    __table_args__ = (
        Index("machine_words", "notes", mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT"),
        Index("machine_start", "notes", mysql_length=20, mariadb_length=20),
        Index("machine_both", "name", "code", mysql_length={"name": 10}, mariadb_length={"name": 10}),
        Index("machine_btree", "small", mysql_using="btree", mariadb_using="btree"),
        {
            "comment": "machines",
            "mysql_engine": "InnoDB",
            "mysql_charset": "latin1",
            "mysql_row_format": "DYNAMIC",
            "mariadb_engine": "InnoDB",
            "mariadb_charset": "latin1",
            "mariadb_row_format": "DYNAMIC",
        },
    )

    id: Mapped[int] = mapped_column(mysql.BIGINT(unsigned=True), primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(mysql.VARCHAR(60, charset="utf8mb4", collation="utf8mb4_bin"))
    code: Mapped[str] = mapped_column(mysql.CHAR(4), server_default="none")
    tiny: Mapped[int | None] = mapped_column(mysql.TINYINT(unsigned=True))
    flag: Mapped[int | None] = mapped_column(mysql.TINYINT(display_width=1))
    small: Mapped[int | None] = mapped_column(mysql.SMALLINT(unsigned=True))
    medium: Mapped[int | None] = mapped_column(mysql.MEDIUMINT)
    whole: Mapped[int] = mapped_column(mysql.INTEGER(unsigned=True), server_default="7")
    ratio: Mapped[float | None] = mapped_column(mysql.FLOAT)
    precise: Mapped[float | None] = mapped_column(mysql.DOUBLE(asdecimal=False))
    amount: Mapped[Any] = mapped_column(mysql.DECIMAL(14, 4), server_default=text("0.5"))
    bits: Mapped[int | None] = mapped_column(mysql.BIT(5))
    year: Mapped[int | None] = mapped_column(mysql.YEAR)
    at: Mapped[Any | None] = mapped_column(mysql.DATETIME(fsp=3))
    noon: Mapped[Any | None] = mapped_column(mysql.TIME(fsp=6))
    changed: Mapped[Any] = mapped_column(
        mysql.TIMESTAMP,
        server_default=text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
        server_onupdate=FetchedValue(),
    )
    mood: Mapped[str] = mapped_column(mysql.ENUM("sad", "ok", "it's happy"), server_default="ok")
    powers: Mapped[Any | None] = mapped_column(mysql.SET("read", "write"))
    notes: Mapped[str | None] = mapped_column(mysql.TEXT)
    tiny_text: Mapped[str | None] = mapped_column(mysql.TINYTEXT)
    medium_text: Mapped[str | None] = mapped_column(mysql.MEDIUMTEXT(charset="utf8mb4"))
    long_text: Mapped[str | None] = mapped_column(mysql.LONGTEXT)
    national: Mapped[str | None] = mapped_column(mysql.NVARCHAR(10))
    raw: Mapped[bytes | None] = mapped_column(mysql.BINARY(16))
    more_raw: Mapped[bytes | None] = mapped_column(mysql.VARBINARY(40))
    tiny_blob: Mapped[bytes | None] = mapped_column(mysql.TINYBLOB)
    medium_blob: Mapped[bytes | None] = mapped_column(mysql.MEDIUMBLOB)
    long_blob: Mapped[bytes | None] = mapped_column(mysql.LONGBLOB)
    facts: Mapped[Any | None] = mapped_column(mysql.JSON)
    shown: Mapped[str | None] = mapped_column(String(80), Computed("concat(code, '-', small)", persisted=False))


Table(
    "machine_log",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("machine", mysql.BIGINT(unsigned=True), nullable=False, index=True),
    mysql_partition_by="HASH (id)",
    mysql_partitions="3",
    mariadb_partition_by="HASH (id)",
    mariadb_partitions="3",
)
