"""How the generated Drizzle projects are written in each dialect: types, helpers, extras; data."""
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lockgate.demo.erp import Entity

CONSTANTS = """
export type Money = string;
export const STATUSES = ['draft', 'open', /* a comment between */ 'done', 'void'] as const;
export enum Level { Low = 'low', High = "it's high" }
const LENGTHS = { code: 20 * 2, name: 120 } satisfies Record<string, number>;
const { code: codeLength, ...otherLengths } = LENGTHS;
const choose = <T,>(first: T | undefined, second: T): T => first ?? second;
"""


@dataclass(frozen=True)
class Form:
    """One dialect. ``kinds`` are the forms of a column of a kind (NAME is its name), ``defaults`` those of its default;
    ``extras_of`` gives more extras of a table (TABLE is its name)."""

    dialect: str
    table: str
    imports: str
    any_column: str
    key: str
    reference: str
    kinds: Mapping[str, tuple[str, ...]]
    defaults: Mapping[str, tuple[str, ...]]
    shared: str
    extra: str
    extras_of: Callable[[Entity], list[str]]


def _kinds(function: str, /, **others: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Kinds that are alike everywhere; ``function`` is that for texts with a length."""
    sized = {"name": 120, "short": 60, "value": 255, "email": 160}
    made = {
        kind: (f"{function}('NAME', {{ length: {n} }})", f'{function}("NAME", {{\n    length: {n},\n  }})')
        for kind, n in sized.items()
    }
    return (
        made
        | {
            "code": ("code('NAME')", "code(`${'NAME'}`)"),
            "money": ("money('NAME')", "(money('NAME'))"),
            "status": ("statusColumn()", "statusColumn('status')"),
            "flag": ("flag('NAME')", "(flag('NAME') as ReturnType<typeof flag>)"),
        }
        | others
    )


def _mysql_extras(entity: Entity) -> list[str]:
    if entity.name == "orders":
        return [
            "index('orders_no_low').on(sql`(lower(${t.no}))`)",
            "uniqueIndex('orders_u').on(t.no, t.createdAt).using('btree')",
        ]
    if entity.name == "order_lines":
        return [
            "foreignKey({ columns: [t.orderId], foreignColumns: [orders.id], name: 'order_lines_own_fk' }).onDelete('cascade')"
        ]
    return []


MYSQL = Form(
    dialect="mysql",
    table="mysqlTable",
    imports=(
        "import {\n  mysqlTable, int, bigint, varchar, decimal, date, datetime, timestamp, text, mediumtext, json, float,\n"
        "  index, uniqueIndex, unique, check, foreignKey, type AnyMySqlColumn,\n} from 'drizzle-orm/mysql-core';"
    ),
    any_column="AnyMySqlColumn",
    key="id: int('id').autoincrement().primaryKey(),",
    reference="int('NAME')",
    kinds=_kinds(
        "varchar",
        text=("text('NAME')", "mediumtext('NAME')"),
        int=("int('NAME')", "int('NAME', { unsigned: true })", "bigint('NAME', { mode: 'number', unsigned: true })"),
        qty=("decimal('NAME', { precision: 14, scale: 3 })", "float('NAME')"),
        rate=("decimal('NAME', { precision: 7, scale: 4 })",),
        date=("date('NAME')", "date('NAME', { mode: 'string' })"),
        time=("datetime('NAME')", "datetime('NAME', { mode: 'string', fsp: 3 })", "timestamp('NAME', { fsp: 0 })"),
        value=("json('NAME')",),
        status=("statusColumn()", "statusColumn('status')"),
        flag=("flag('NAME')",),
    ),
    defaults={
        "int": ("", ".default(0)", ".default(sql`7`)"),
        "money": (".default('0')", "", ".default('12.50')"),
        "flag": (".default(true)", ".default(false)"),
        "name": ("", '.default("it\'s")', ""),
        "status": (".default('draft')",),
        "value": ("", ".default({ a: [1, 2.5, null], b: 'x' })"),
        "text": ("", ".default('')"),
    },
    shared="import { boolean, customType, decimal, mysqlEnum, timestamp, varchar } from 'drizzle-orm/mysql-core';\n"
    + "import { sql } from 'drizzle-orm';\n"
    + CONSTANTS
    + """
export const audit = {
  createdAt: timestamp('created_at').notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { mode: 'string' }).default(sql`CURRENT_TIMESTAMP`).onUpdateNow(),
  deletedAt: timestamp('deleted_at').$onUpdate(() => new Date()).$defaultFn(() => new Date()),
};
export function money(name: string, options?: { scale?: number }) {
  const scale = choose(options?.scale, 2);
  return decimal(name, { precision: 15, scale });
}
export const code = (name: string) => varchar(name, { length: codeLength });
export const flag = customType<{ data: boolean; driverData: number }>({ dataType() { return 'boolean'; } });
export const statusColumn = (name = 'status') => mysqlEnum(name, [...STATUSES]);
export const level = customType<{ data: string; config: { length: number } }>({
  dataType(config) { return `char(${config?.length ?? otherLengths.name})`; },
});
export const plain = boolean;
""",
    extra="""import { mysqlTable, mysqlTableCreator, mysqlEnum, mysqlView, int, varchar, tinyint, smallint, mediumint,
  double, real, binary, varbinary, char, time, year, tinytext, longtext, json, boolean, timestamp, primaryKey, index } from 'drizzle-orm/mysql-core';
import { sql } from 'drizzle-orm';
import * as m from 'drizzle-orm/mysql-core';
import { Level, level, plain } from './shared';
import { users, orders } from '.';

const prefixed = mysqlTableCreator((name) => `app_${name}`);
export const everything = mysqlTable('everything', (t) => ({
  id: t.int().autoincrement().primaryKey(),
  a: tinyint('a'), b: smallint('b'), c: mediumint('c', { unsigned: true }), d: double('d', { precision: 10, scale: 2 }),
  e: real(), f: binary('f', { length: 8 }), g: varbinary('g', { length: 16 }), h: char('h', { length: 3 }),
  i: time('i', { fsp: 2 }), j: year('j').default(2020), k: tinytext('k'), l: longtext('l'), n: json('n').default([]),
  o: plain('o'), p: level('p', { length: 12 }).default(Level.High), q: m.mysqlEnum('q', Level), r: m.mysqlEnum(['x', "y'z"]).default('x'),
  total: m.int('total').generatedAlwaysAs(sql`a + b`, { mode: 'stored' }),
  upper: varchar('upper', { length: 20 }).generatedAlwaysAs((): any => sql`upper(${everything.h})`),
  at: timestamp('at').default(sql.raw('CURRENT_TIMESTAMP')),
})) ;
export const links = prefixed('links', { from: int('from_id').references(() => users.id), to: int('to_id').references(() => orders.id) },
  (t) => [primaryKey({ columns: [t.from, t.to] }), index('links_to').on(t.to)]);
export const named = prefixed('named', { a: int('a'), b: int('b') }, (t) => ({ pk: primaryKey({ name: 'named_pk', columns: [t.a, t.b] }) }));
export const openOrders = mysqlView('v_open_orders', { id: int('id'), no: varchar('no', { length: 40 }) })
  .algorithm('merge').sqlSecurity('invoker').as(sql`select ${orders.id}, ${orders.no} from ${orders} where ${orders.status} = ${'open'}`);
export const elsewhere = mysqlView('v_elsewhere', { id: int('id') }).existing();
""",
    extras_of=_mysql_extras,
)


def _postgres_extras(entity: Entity) -> list[str]:
    if entity.name == "orders":
        return [
            "index('orders_no_low').using('btree', sql`lower(${t.no})`, t.createdAt.desc().nullsLast())",
            "index().on(t.no, t.total.desc())",
            "uniqueIndex('orders_live').on(t.no).where(isNull(t.deletedAt)).with({ fillfactor: 80 }).concurrently()",
            "unique('orders_nd').on(t.no, t.quoteId).nullsNotDistinct()",
        ]
    if entity.name == "order_lines":
        return [
            "foreignKey({ columns: [t.orderId], foreignColumns: [orders.id], name: 'order_lines_own_fk' }).onDelete('cascade').onUpdate('cascade')"
        ]
    if entity.name == "customers":
        return [
            "pgPolicy('customers_all', { as: 'permissive', for: 'select', to: 'public', using: sql`${t.no} <> ''` })"
        ]
    return []


POSTGRES = Form(
    dialect="postgresql",
    table="pgTable",
    imports=(
        "import {\n  pgTable, integer, bigint, smallint, varchar, numeric, real, date, timestamp, text, jsonb,\n"
        "  index, uniqueIndex, unique, check, foreignKey, pgPolicy, type AnyPgColumn,\n} from 'drizzle-orm/pg-core';\n"
        "import { isNull } from 'drizzle-orm';"
    ),
    any_column="AnyPgColumn",
    key="id: integer('id').primaryKey().generatedByDefaultAsIdentity(),",
    reference="integer('NAME')",
    kinds=_kinds(
        "varchar",
        text=("text('NAME')", "text()"),
        int=("integer('NAME')", "smallint('NAME')", "bigint('NAME', { mode: 'number' })"),
        qty=("numeric('NAME', { precision: 14, scale: 3 })", "real('NAME')"),
        rate=("numeric('NAME', { precision: 7, scale: 4 })",),
        date=("date('NAME')", "date('NAME', { mode: 'date' })"),
        time=(
            "timestamp('NAME')",
            "timestamp('NAME', { withTimezone: true, precision: 3 })",
            "timestamp('NAME', { mode: 'string' })",
        ),
        value=("jsonb('NAME')",),
    ),
    defaults={
        "int": ("", ".default(0)", ".default(sql`7`)"),
        "money": (".default('0')", "", ".default('12.50')"),
        "flag": (".default(true)", ".default(false)"),
        "name": ("", '.default("it\'s")', ""),
        "status": (".default('draft')",),
        "value": ("", ".default({ a: [1, 2.5, null], b: 'x' })"),
        "date": ("", ".defaultNow()", ".default(sql`CURRENT_DATE`)"),
        "time": ("", ".defaultNow()"),
    },
    shared="import { boolean, customType, numeric, pgEnum, timestamp, varchar } from 'drizzle-orm/pg-core';\n"
    + "import { sql } from 'drizzle-orm';\n"
    + CONSTANTS
    + """
export const audit = {
  createdAt: timestamp('created_at').notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).default(sql`CURRENT_TIMESTAMP`).$onUpdate(() => new Date()),
  deletedAt: timestamp('deleted_at', { mode: 'string', precision: 6 }),
};
export function money(name: string, options?: { scale?: number }) {
  const scale = choose(options?.scale, 2);
  return numeric(name, { precision: 15, scale });
}
export const code = (name: string) => varchar(name, { length: codeLength });
export const flag = (name: string) => boolean(name);
export const status = pgEnum('status', STATUSES);
export const statusColumn = (name = 'status') => status(name);
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
export const fixed = customType<{ data: string; config: { length: number } }>({
  dataType(config) { return `char(${config?.length ?? otherLengths.name})`; },
});
""",
    extra="""import { pgTable, pgTableCreator, pgEnum, pgSchema, pgSequence, pgView, pgMaterializedView, serial, bigserial, smallserial,
  integer, doublePrecision, char, time, interval, inet, cidr, macaddr, point, line, uuid, json, jsonb, text, boolean, date, timestamp, primaryKey, index, varchar } from 'drizzle-orm/pg-core';
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import * as p from 'drizzle-orm/pg-core';
import { Level, bytea, fixed, status } from './shared';
import { users, orders } from '.';
export { status } from './shared';

export const level = pgEnum('level', Level);
export const billing = pgSchema('billing');
export const color = billing.enum('color', ['red', 'green']);
export const numbers = pgSequence('numbers', { startWith: 100, increment: 5, cache: 10, cycle: true });
export const own = billing.sequence('own');
const prefixed = pgTableCreator((name) => `app_${name}`);
export const everything = pgTable('everything', (t) => ({
  id: t.uuid().defaultRandom().primaryKey(),
  a: serial('a'), b: bigserial('b', { mode: 'number' }), c: smallserial(), d: doublePrecision().default(1.5),
  e: char('e', { length: 3 }), f: time('f', { precision: 2, withTimezone: true }), g: interval({ fields: 'day to second', precision: 3 }),
  h: inet(), i: cidr('i'), j: macaddr('j'), k: point('k'), l: line('l'), m: json('m').default([]),
  n: text('n').array().notNull().default(['x', 'y']), o: integer('o').array(3).array(), q: status('q').array().default(['open']),
  r: level('r').default(Level.Low), s: bytea('s'), u: fixed('u', { length: 12 }), v: text('v').array().default(sql`'{}'::text[]`),
  w: date('w', { mode: 'date' }).default(new Date('2024-02-03')), x: timestamp('x').default(new Date('2024-02-03T04:05:06.789Z')),
  y: jsonb('y').$type<{ a: Record<string, number[]> }>().default({ q: 1 }), z: boolean('z').default(false),
  email: varchar('email', { length: 50 }).unique('everything_email', { nulls: 'not distinct' }),
  generated: text('generated').generatedAlwaysAs((): any => sql`${everything.email} || 'x'`),
  counted: integer('counted').generatedAlwaysAsIdentity({ name: 'counted_numbers', startWith: 10, increment: 2 }),
}), (t) => [index('everything_gin').using('gin', t.y.op('jsonb_path_ops')), index('everything_d').on(t.d.asc().nullsFirst())]);
export const invoicesOfBilling = billing.table('invoices', { id: p.integer().primaryKey(), color: color('color').notNull().default('red'), user: integer('user_id').references(() => users.id) }).enableRLS();
export const linesOfBilling = billing.table('lines', { id: p.integer().primaryKey(), invoice: integer('invoice_id').references(() => invoicesOfBilling.id, { onDelete: 'cascade' }) });
export const links = prefixed('links', { from: integer('from_id').references(() => users.id), to: integer('to_id').references(() => orders.id) },
  (t) => [primaryKey({ columns: [t.from, t.to] }), index('links_to').on(t.to)]);
export const named = prefixed('named', { a: integer('a'), b: integer('b') }, (t) => ({ pk: primaryKey({ name: 'named_pk', columns: [t.a, t.b] }) }));
export const openOrders = pgView('v_open_orders', { id: integer('id'), no: varchar('no', { length: 40 }) }).with({ securityBarrier: true })
  .as(sql`select ${orders.id}, ${orders.no} from ${orders} where ${and(eq(orders.no, "it's"), isNotNull(orders.total))}`);
export const totals = pgMaterializedView('m_totals', { total: integer('total') }).withNoData().as(sql`select sum(${orders.total}) as total from ${orders}`);
export const elsewhere = pgView('v_elsewhere', { id: integer('id') }).existing();
""",
    extras_of=_postgres_extras,
)


def _sqlite_extras(entity: Entity) -> list[str]:
    if entity.name == "orders":
        return [
            "index('orders_no_low').on(sql`lower(${t.no})`, desc(t.createdAt))",
            "uniqueIndex('orders_u').on(t.no, t.createdAt).where(sql`${t.deletedAt} is null`)",
        ]
    if entity.name == "order_lines":
        return [
            "foreignKey({ columns: [t.orderId], foreignColumns: [orders.id], name: 'order_lines_own_fk' }).onDelete('cascade')"
        ]
    return []


SQLITE = Form(
    dialect="sqlite",
    table="sqliteTable",
    imports=(
        "import {\n  sqliteTable, integer, text, real, numeric, index, uniqueIndex, unique, check, foreignKey, type AnySQLiteColumn,\n"
        "} from 'drizzle-orm/sqlite-core';\nimport { desc } from 'drizzle-orm';"
    ),
    any_column="AnySQLiteColumn",
    key="id: integer('id').primaryKey({ autoIncrement: true }),",
    reference="integer('NAME')",
    kinds=_kinds(
        "text",
        text=("text('NAME')", "text()"),
        int=("integer('NAME')", "integer('NAME', { mode: 'number' })"),
        qty=("real('NAME')", "numeric('NAME')"),
        rate=("real('NAME')",),
        date=("text('NAME')", "integer('NAME', { mode: 'timestamp' })"),
        time=("integer('NAME', { mode: 'timestamp_ms' })", "text('NAME')"),
        value=("text('NAME', { mode: 'json' })",),
    ),
    defaults={
        "int": ("", ".default(0)", ".default(sql`7`)"),
        "money": (".default('0')", ""),
        "flag": (".default(true)", ".default(false)"),
        "name": ("", '.default("it\'s")', ""),
        "status": (".default('draft')",),
        "value": ("", ".default({ a: [1, 2.5, null], b: 'x' })"),
    },
    shared="import { customType, integer, numeric, text } from 'drizzle-orm/sqlite-core';\nimport { sql } from 'drizzle-orm';\n"
    + CONSTANTS
    + """
export const audit = {
  createdAt: integer('created_at', { mode: 'timestamp' }).notNull().default(sql`(unixepoch())`),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).defaultNow().$onUpdate(() => new Date()),
  deletedAt: text('deleted_at').default(sql`NULL`),
};
export function money(name: string, options?: { scale?: number }) {
  const scale = choose(options?.scale, 2);
  return scale ? numeric(name) : integer(name);
}
export const code = (name: string) => text(name, { length: codeLength });
export const flag = (name: string) => integer(name, { mode: 'boolean' });
export const statusColumn = (name = 'status') => text(name, { enum: STATUSES });
export const fixed = customType<{ data: string; config: { length: number } }>({
  dataType(config) { return `char(${config?.length ?? otherLengths.name})`; },
});
""",
    extra="""import { sqliteTable, sqliteTableCreator, sqliteView, blob, integer, int, text, real, numeric, primaryKey, index, unique } from 'drizzle-orm/sqlite-core';
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import * as s from 'drizzle-orm/sqlite-core';
import { Level, fixed } from './shared';
import { users, orders } from '.';

const prefixed = sqliteTableCreator((name) => `app_${name}`);
export const everything = sqliteTable('everything', (t) => ({
  id: t.integer().primaryKey(), a: blob('a', { mode: 'json' }), b: int('b', { mode: 'boolean' }).default(false), c: real().default(1.5),
  d: numeric('d').default('3'), e: fixed('e', { length: 12 }).default(Level.High), f: text('f', { enum: ['x', 'y'] }).default('x'),
  g: s.text('g', { mode: 'json' }).$type<string[]>().default([]),
  upper: text('upper').generatedAlwaysAs((): any => sql`upper(${everything.f})`), sum: integer('sum').generatedAlwaysAs(sql`b + 1`, { mode: 'stored' }),
}), (t) => [unique().on(t.b, t.c), unique('everything_d').on(t.d)]);
export const links = prefixed('links', { from: integer('from_id').references(() => users.id), to: integer('to_id').references(() => orders.id) },
  (t) => [primaryKey({ columns: [t.from, t.to] }), index('links_to').on(t.to)]);
export const single = prefixed('single', { a: text('a'), b: integer('b') }, (t) => ({ pk: primaryKey({ columns: [t.a] }) }));
export const openOrders = sqliteView('v_open_orders', { id: integer('id'), no: text('no') })
  .as(sql`select ${orders.id}, ${orders.no} from ${orders} where ${and(eq(orders.no, "it's"), isNotNull(orders.total))}`);
export const elsewhere = sqliteView('v_elsewhere', { id: integer('id') }).existing();
""",
    extras_of=_sqlite_extras,
)


def _mariadb_extras(entity: Entity) -> list[str]:
    """MariaDB has no indexes on expressions."""
    return [text for text in _mysql_extras(entity) if "lower" not in text]


FORMS = {
    "mysql": MYSQL,
    "mariadb": replace(MYSQL, extras_of=_mariadb_extras),
    "postgresql": POSTGRES,
    "sqlite": SQLITE,
}
"""By name; a MariaDB project is one of the dialect mysql."""
