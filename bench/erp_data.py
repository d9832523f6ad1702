"""Rows of an ERP for measuring backups: six tables, orders with items, a log in JSON, files; the same every time.

A megabyte is one of the text that a dump is made of. Nothing repeats within reach of a compressor's window, and what
does not compress in a company's database (files, hashes) does not compress here.
"""

from __future__ import annotations

import io
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pymysql

from lockgate.model.target import parse_target

_BATCH = 2000
_TEXT = (
    "alder birch cedar delivery elm fir invoice hazel larch late maple oak paid partial pine rowan return willow urgent"
    " warehouse pallet checked customer asked confirmed shipped twice address changed price agreed with manager phone"
)
_WORDS = _TEXT.split()
_EPOCH = datetime(2023, 1, 2)
_STATES = ("new", "paid", "packed", "shipped", "returned", "closed")


@dataclass(frozen=True)
class Table:
    """One table: its columns, its part of all bytes, about how many bytes one row has in a dump, its rows."""

    name: str
    columns: tuple[str, ...]
    part: float
    row_bytes: int
    row: Callable[[random.Random, int, dict[str, int]], tuple[Any, ...]]


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_WORDS, k=count))


def _time(number: int, step_s: int) -> str:
    return str(_EPOCH + timedelta(seconds=number * step_s))


def _customer(chance: random.Random, number: int, sizes: dict[str, int]) -> tuple[Any, ...]:
    name = f"{_words(chance, 2).title()} {chance.randrange(10**4)} GmbH"
    mail = f"office{number}@{chance.choice(_WORDS)}{chance.randrange(10**5)}.example"
    street = f"{chance.choice(_WORDS).title()} Street {chance.randrange(300)}, {chance.randrange(10**5):05}"
    return number, f"C{number:08}", name, mail, street, f"{chance.randrange(10**7) / 100:.2f}", _time(number, 900)


def _price_of(product: int) -> str:
    """A product costs the same in every order."""
    return f"{(product * 7919) % 900_000 / 100 + 0.49:.2f}"


def _popular(chance: random.Random, count: int) -> int:
    """Return one of so many; a few are chosen much more often than the rest."""
    return 1 + int(count * chance.random() ** 3)


def _product(chance: random.Random, number: int, sizes: dict[str, int]) -> tuple[Any, ...]:
    details = (
        f'{{"weight": {chance.randrange(9000) / 100}, '
        f'"colours": ["{chance.choice(_WORDS)}", "{chance.choice(_WORDS)}"], '
        f'"ean": "{chance.randrange(10**13):013}"}}'
    )
    return number, f"SKU-{chance.randrange(10**9):09}-{number}", _words(chance, 4), _price_of(number), details


def _order(chance: random.Random, number: int, sizes: dict[str, int]) -> tuple[Any, ...]:
    customer = _popular(chance, sizes["customers"])
    note = _words(chance, 5) if number % 3 == 0 else None
    total = f"{chance.randrange(10**7) / 100:.2f}"
    return number, customer, chance.choice(_STATES), total, _time(number, 47), note


def _item(chance: random.Random, number: int, sizes: dict[str, int]) -> tuple[Any, ...]:
    order = min(1 + number * sizes["orders"] // sizes["order_items"], sizes["orders"])
    product = _popular(chance, sizes["products"])
    discount = chance.choice(("0.00", "0.00", "0.00", "2.00", "3.50", "10.00"))
    return number, order, product, 1 + _popular(chance, 40), _price_of(product), discount


def _event(chance: random.Random, number: int, sizes: dict[str, int]) -> tuple[Any, ...]:
    user = _popular(chance, 400)
    payload = (
        f'{{"request": "{chance.getrandbits(128):032x}", "user": {user}, "ip": "10.2.{user % 7}.{user * 37 % 256}", '
        f'"before": {{"status": "{chance.choice(_STATES)}", '
        f'"total": {chance.randrange(10**7) / 100}}}, "after": {{"status": "{chance.choice(_STATES)}"}}, '
        f'"took_ms": {chance.randrange(4000)}, "note": "{_words(chance, 6)}"}}'
    )
    return number, _time(number, 11), f"order.{chance.choice(_STATES)}", payload


def _file(chance: random.Random, number: int, sizes: dict[str, int]) -> tuple[Any, ...]:
    order = 1 + chance.randrange(sizes["orders"])
    return number, order, f"{chance.choice(_WORDS)}-{number}.pdf", chance.randbytes(2000 + chance.randrange(8000))


TABLES = (
    Table("customers", ("id", "code", "name", "mail", "address", "credit", "created_at"), 0.03, 150, _customer),
    Table("products", ("id", "sku", "title", "price", "details"), 0.02, 150, _product),
    Table("orders", ("id", "customer_id", "status", "total", "placed_at", "note"), 0.12, 75, _order),
    Table("order_items", ("id", "order_id", "product_id", "quantity", "price", "discount"), 0.30, 38, _item),
    Table("audit_log", ("id", "at", "action", "payload"), 0.38, 300, _event),
    Table("attachments", ("id", "order_id", "name", "content"), 0.15, 12000, _file),
)

_TYPES = {
    "sqlite": {"id": "integer", "blob": "blob", "json": "text", "end": ""},
    "postgres": {"id": "bigint", "blob": "bytea", "json": "jsonb", "end": ""},
    "mysql": {"id": "bigint", "blob": "longblob", "json": "json", "end": " ENGINE = InnoDB DEFAULT CHARSET = utf8mb4"},
    "mariadb": {
        "id": "bigint",
        "blob": "longblob",
        "json": "json",
        "end": " ENGINE = InnoDB DEFAULT CHARSET = utf8mb4",
    },
}
_CREATE = """
CREATE TABLE customers (id {id} PRIMARY KEY, code varchar(20) NOT NULL, name varchar(120) NOT NULL,
  mail varchar(120) NOT NULL, address varchar(200), credit decimal(12, 2), created_at timestamp NOT NULL){end};
CREATE TABLE products (id {id} PRIMARY KEY, sku varchar(40) NOT NULL, title varchar(120), price decimal(12, 2),
  details {json}){end};
CREATE TABLE orders (id {id} PRIMARY KEY, customer_id bigint NOT NULL, status varchar(12) NOT NULL,
  total decimal(12, 2), placed_at timestamp NOT NULL, note varchar(200),
  FOREIGN KEY (customer_id) REFERENCES customers (id)){end};
CREATE TABLE order_items (id {id} PRIMARY KEY, order_id bigint NOT NULL, product_id bigint NOT NULL,
  quantity integer NOT NULL, price decimal(12, 2) NOT NULL, discount decimal(5, 2),
  FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (product_id) REFERENCES products (id)){end};
CREATE TABLE audit_log (id {id} PRIMARY KEY, at timestamp NOT NULL, action varchar(40) NOT NULL, payload {json}){end};
CREATE TABLE attachments (id {id} PRIMARY KEY, order_id bigint NOT NULL, name varchar(120), content {blob},
  FOREIGN KEY (order_id) REFERENCES orders (id)){end}
"""
_INDEXES = (
    "CREATE UNIQUE INDEX customers_code ON customers (code)",
    "CREATE INDEX orders_customer ON orders (customer_id, placed_at)",
    "CREATE INDEX items_order ON order_items (order_id)",
    "CREATE INDEX items_product ON order_items (product_id)",
    "CREATE INDEX log_at ON audit_log (at)",
    "CREATE INDEX attachments_order ON attachments (order_id)",
)


def sizes_for(megabytes: float) -> dict[str, int]:
    """Return how many rows each table gets."""
    return {table.name: max(10, int(megabytes * 1e6 * table.part / table.row_bytes)) for table in TABLES}


def rows_of(table: Table, sizes: dict[str, int]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a table in batches, the same every time."""
    chance = random.Random(table.name)
    for first in range(1, sizes[table.name] + 1, _BATCH):
        last = min(first + _BATCH, sizes[table.name] + 1)
        yield [table.row(chance, number, sizes) for number in range(first, last)]


def fill(url: str, flavor: str, megabytes: float) -> dict[str, int]:
    """Make the tables in an empty database and fill them; return the rows of each."""
    sizes = sizes_for(megabytes)
    create = [part.strip() for part in _CREATE.format(**_TYPES[flavor]).split(";")]
    {"sqlite": _fill_sqlite, "postgres": _fill_postgres}.get(flavor, _fill_mysql)(url, create, sizes)
    return sizes


def change_scattered(url: str, part: float = 0.01) -> int:
    """Change a part of the rows of the three big tables, all over them; return how many."""
    from tests.fault.kit.clients import Client

    client, step, changed = Client(url), round(1 / part), 0
    for sql in (
        f"UPDATE orders SET status = 'changed', total = total + 1 WHERE id % {step} = 7",
        f"UPDATE order_items SET quantity = quantity + 1 WHERE id % {step} = 7",
        f"UPDATE audit_log SET action = 'order.changed' WHERE id % {step} = 7",
    ):
        changed += client.execute(sql)
    client.close()
    return changed


def _fill_sqlite(url: str, create: Sequence[str], sizes: dict[str, int]) -> None:
    connection = sqlite3.connect(parse_target(url).path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    for sql in create:
        connection.execute(sql)
    for table in TABLES:
        connection.execute("BEGIN")
        marks = ", ".join("?" * len(table.columns))
        for batch in rows_of(table, sizes):
            connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", batch)
        connection.execute("COMMIT")
    for sql in _INDEXES:
        connection.execute(sql)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _fill_postgres(url: str, create: Sequence[str], sizes: dict[str, int]) -> None:
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for sql in create:
            cursor.execute(sql.encode())
        for table in TABLES:
            with cursor.copy(f"COPY {table.name} FROM STDIN".encode()) as copy:
                for batch in rows_of(table, sizes):
                    copy.write("".join(map(_copy_line, batch)))
        for sql in (*_INDEXES, "ANALYZE"):
            cursor.execute(sql.encode())


def _copy_line(row: tuple[Any, ...]) -> str:
    cells = ("\\N" if v is None else f"\\\\x{v.hex()}" if isinstance(v, bytes) else str(v) for v in row)
    return "\t".join(cells) + "\n"


def _fill_mysql(url: str, create: Sequence[str], sizes: dict[str, int]) -> None:
    target = parse_target(url)
    connection = pymysql.connect(
        host=target.host,
        port=target.port,
        user=target.user,
        password=target.password or "",
        database=target.database,
        charset="utf8mb4",
        autocommit=False,
    )
    with connection, connection.cursor() as cursor:
        for sql in create:
            cursor.execute(sql)
        cursor.execute("SET foreign_key_checks = 0, unique_checks = 0")
        for table in TABLES:
            for batch in rows_of(table, sizes):
                for text in _inserts(table.name, batch):
                    cursor.execute(text)
                connection.commit()
        for sql in _INDEXES:
            cursor.execute(sql)
        for table in TABLES:
            cursor.execute(f"ANALYZE TABLE {table.name}")


def _inserts(table: str, batch: Sequence[tuple[Any, ...]], limit: int = 1 << 20) -> Iterator[str]:
    text = io.StringIO()
    for row in batch:
        text.write(
            f",({', '.join(map(_literal, row))})"
            if text.tell()
            else f"INSERT INTO {table} VALUES ({', '.join(map(_literal, row))})"
        )
        if text.tell() > limit:
            yield text.getvalue()
            text = io.StringIO()
    if text.tell():
        yield text.getvalue()


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return str(value) if isinstance(value, int) else f"'{value}'"
