"""What each change does to others on MySQL and MariaDB, and how it is undone: the table of the page, as data."""

# ruff: noqa: E501

from __future__ import annotations

from typing import NamedTuple

INSTANT, NOCOPY = "ALGORITHM=INSTANT", "ALGORITHM=NOCOPY, LOCK=NONE"
INPLACE, SHARED, COPY = "ALGORITHM=INPLACE, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=SHARED", "ALGORITHM=COPY"
WAYS = {"mysql": (INSTANT, INPLACE, SHARED, COPY), "mariadb": (INSTANT, NOCOPY, INPLACE, SHARED, COPY)}
WORDS = {
    INSTANT: "instant",
    NOCOPY: "no copy",
    INPLACE: "in place",
    SHARED: "in place, no writes",
    COPY: "copy, no writes",
}


class Cell(NamedTuple):
    """``setup`` makes the table, ``clauses`` is the change; ``mysql`` and ``mariadb`` the cheapest way each accepts."""

    change: str
    setup: str
    clauses: str
    mysql: str
    mariadb: str
    back: str


T = "create table t (id int primary key, a int, b varchar(50) not null, c int not null default 5, d varchar(30) default 'x', key ka (a), unique key ub (b))"
P = f"{T}; create table p (id int primary key); set foreign_key_checks = 0"

CELLS = (
    Cell(
        "add a column: NULL or a constant default, anywhere",
        T,
        "add column n int not null default 5 after a",
        INSTANT,
        INSTANT,
        "parked with its values: renamed and hidden",
    ),
    Cell(
        "park or unpark a column that has a default or may be NULL",
        T,
        "change c lockgate_p1_c int not null default 5 invisible",
        INSTANT,
        INSTANT,
        "the same again",
    ),
    Cell(
        "park a NOT NULL column without a default",
        T,
        "change b lockgate_p1_b varchar(50) invisible",
        INPLACE,
        INPLACE,
        "renamed back; rows that came meanwhile hold NULL and are owed",
    ),
    Cell(
        "add a column with a default that is an expression",
        T,
        "add column n json default (json_array())",
        COPY,
        INSTANT,
        "parked with its values",
    ),
    Cell(
        "add AUTO_INCREMENT",
        "create table t (a int)",
        "add column n int auto_increment primary key",
        SHARED,
        SHARED,
        "parked with its numbers",
    ),
    Cell("add a virtual column", T, "add column g int as (a + 1) virtual", INSTANT, INSTANT, "dropped: it is derived"),
    Cell("add a stored column", T, "add column g int as (a + 1) stored", COPY, COPY, "dropped: it is derived"),
    Cell("rename a column", T, "rename column c to e", INSTANT, INSTANT, "renamed back"),
    Cell(
        "change a default",
        T,
        "modify c int not null default 6",
        INSTANT,
        INSTANT,
        "the old default; rows keep what they got",
    ),
    Cell("NULL to NOT NULL", T, "modify a int not null", INPLACE, INPLACE, "NULL is allowed again"),
    Cell(
        "NOT NULL to NULL",
        T,
        "modify b varchar(50)",
        INPLACE,
        INPLACE,
        "NOT NULL; where NULLs came triggers refuse new ones, and those are owed",
    ),
    Cell(
        "widen a varchar within its length bytes",
        T,
        "modify b varchar(60) not null",
        INPLACE,
        INSTANT,
        "longer texts are kept beside, the rows hold what fits",
    ),
    Cell("widen a varchar beyond 255 bytes", T, "modify b varchar(300) not null", COPY, COPY, "the same"),
    Cell(
        "int to bigint and other types",
        T,
        "modify a bigint",
        COPY,
        COPY,
        "values that do not fit are kept beside; rows hold NULL or the nearest",
    ),
    Cell(
        "append a label to an enum",
        "create table t (id int primary key, e enum('a', 'b'))",
        "modify e enum('a', 'b', 'c')",
        INSTANT,
        INSTANT,
        "new labels are kept beside",
    ),
    Cell(
        "reorder or remove labels of an enum",
        "create table t (id int primary key, e enum('a', 'b'))",
        "modify e enum('b', 'a')",
        COPY,
        COPY,
        "the old values are kept beside, and new ones on the way back",
    ),
    Cell(
        "utf8mb3 to utf8mb4, column by column",
        "create table t (id int primary key, a varchar(20) character set utf8mb3, key (a))",
        "modify a varchar(20) character set utf8mb4",
        COPY,
        INSTANT,
        "texts with characters of four bytes are kept beside",
    ),
    Cell("default character set of the table", T, "default character set latin1", INPLACE, INSTANT, "the old default"),
    Cell(
        "generated column to a plain one",
        "create table t (id int primary key, a int, s int as (a + 1) stored)",
        "modify s int",
        COPY,
        COPY,
        "the plain column is parked with its values",
    ),
    Cell("add an index", T, "add index kc (c)", INPLACE, NOCOPY, "dropped"),
    Cell("drop an index", T, "drop index ka", INPLACE, NOCOPY, "built again, writes go on"),
    Cell("hide an index", T, "alter index ka {hidden}", INPLACE, INSTANT, "shown again"),
    Cell("rename an index", T, "rename index ka to kb", INPLACE, INSTANT, "renamed back"),
    Cell("add a unique key", T, "add unique key uc (c)", INPLACE, NOCOPY, "dropped"),
    Cell(
        "drop a unique key",
        T,
        "drop index ub",
        INPLACE,
        NOCOPY,
        "built again; doubled values are let be by a hidden flag, and owed",
    ),
    Cell(
        "change the primary key",
        T,
        "drop primary key, add primary key (c)",
        INPLACE,
        INPLACE,
        "the old key; where its values are doubled the new key stays beside it, and they are owed",
    ),
    Cell(
        "add a foreign key, the server's check off",
        P,
        "add constraint f foreign key (a) references p (id)",
        INPLACE,
        INSTANT,
        "dropped",
    ),
    Cell(
        "add a foreign key, the server's check on",
        f"{P}; set foreign_key_checks = 1",
        "add constraint f foreign key (a) references p (id)",
        COPY,
        COPY,
        "dropped",
    ),
    Cell(
        "drop a foreign key",
        f"{P}; alter table t add constraint f foreign key (a) references p (id)",
        "drop foreign key f",
        INPLACE,
        INSTANT,
        "added, its check off; orphans are owed",
    ),
    Cell("add a CHECK", T, "add constraint k check (a > 0)", COPY, COPY, "dropped"),
    Cell(
        "drop a CHECK",
        f"{T}; alter table t add constraint k check (a > 0)",
        "drop constraint k",
        INSTANT,
        INSTANT,
        "added; where rows violate it triggers refuse new ones, and those are owed",
    ),
    Cell("comment of a column", T, "modify a int comment 'x'", INSTANT, INSTANT, "the old one"),
    Cell("comment of a table", T, "comment = 'x'", INPLACE, INSTANT, "the old one"),
)


def page_rows() -> list[str]:
    """Return the rows of the page's table."""
    return [f"| {c.change} | {WORDS[c.mysql]} | {WORDS[c.mariadb]} | {c.back} |" for c in CELLS]
