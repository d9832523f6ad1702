import { pgTable, pgEnum, pgSchema, pgSequence, pgPolicy, pgRole, pgView, pgMaterializedView, serial, integer, bigint, text, varchar, uuid, timestamp, date, time, jsonb, json, boolean, numeric, doublePrecision, interval, inet, char, index, uniqueIndex, unique, check, primaryKey, foreignKey, customType, AnyPgColumn, smallint, bigserial, pgTableCreator, real, point, vector } from 'drizzle-orm/pg-core';
import { sql, isNull, eq, and, desc } from 'drizzle-orm';
export const status = pgEnum('status', ['open', "it's", 'done']);
export enum Kind { A = 'a', B = 'b' }
export const kind = pgEnum('kind', Kind);
export const billing = pgSchema('billing');
export const color = billing.enum('color', ['red', 'blue']);
export const seq = pgSequence('my_seq', { startWith: 100, increment: -2, cache: 10, cycle: true });
export const bseq = billing.sequence('bseq');
const citext = customType<{ data: string }>({ dataType: () => 'citext' });
export const users = pgTable('users', {
  id: serial().primaryKey(),
  ext: uuid('ext').defaultRandom().notNull().unique('ext_u', { nulls: 'not distinct' }),
  email: varchar({ length: 255 }).notNull(),
  st: status().default('open').notNull(),
  k: kind('k').array().default(['a']),
  tags: text('tags').array().notNull().default(['x', "y"]),
  mat: integer('mat').array(3).array(),
  em: sql`` && text('em').default(sql`'{}'::text`),
  createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).defaultNow(),
  str: timestamp('str', { mode: 'string', precision: 6 }).default('2020-01-01'),
  d: date().default(sql`CURRENT_DATE`),
  dd: date('dd', {mode:'date'}).default(new Date('2024-02-03')),
  ts: timestamp('ts').default(new Date('2024-02-03T04:05:06.789Z')),
  tt: time('tt', { precision: 2, withTimezone: true }),
  j: jsonb('j').$type<{ a: 1 }>().default({ a: 1, l: [1, 2.5, null], q: "it's" }),
  j2: json('j2').default([]),
  b: boolean('b').default(false),
  n: numeric('n', { precision: 10, scale: 2 }).default('1.50'),
  n2: numeric({ precision: 10 }),
  dp: doublePrecision().default(1.0),
  iv: interval({ fields: 'day to second', precision: 3 }),
  ip: inet(), pt: point('pt'),
  c: char({ length: 3 }), r: real().default(0.5),
 
  idt: integer('idt').generatedAlwaysAsIdentity({ name: 'sq', startWith: 5 }),
  idd: bigint('idd', { mode: 'number' }).generatedByDefaultAsIdentity(),
  gen: text('gen').generatedAlwaysAs((): any => sql`${users.email} || 'x'`),
  boss: integer('boss').references((): AnyPgColumn => users.id, { onDelete: 'cascade', onUpdate: 'set null' }),
  deletedAt: timestamp(),
}, (t) => [
  index().on(t.email, t.createdAt),
  index('i2').using('btree', t.email.desc(), t.c.asc().nullsFirst(), t.r.op('float4_ops')),
  index('i3').on(sql`lower(${t.email})`, t.email.desc().nullsLast()).where(isNull(t.deletedAt)),
  uniqueIndex('i4').on(t.email).where(sql`${t.deletedAt} is null`).with({ fillfactor: 70 }).concurrently(),
  unique('u2').on(t.email, t.c).nullsNotDistinct(),
  unique().on(t.email, t.r),
  check('ck', sql`${t.r} > 0 and ${t.c} <> ';'`),
  pgPolicy('pol', { as: 'permissive', to: 'public', for: 'select', using: sql`${t.boss} = 1`, withCheck: sql`true` }),
]);
export const inv = billing.table('invoices', { id: bigserial({ mode: 'number' }).primaryKey(), c: color('c').notNull().default('red'), uid: integer().notNull().references(() => users.id), a: integer(), b: smallint() }, (t) => ({ pk: unique('zz').on(t.a), f: foreignKey({ columns: [t.a], foreignColumns: [inv.id] }).onDelete('restrict'), i: index('i2').on(t.b) })).enableRLS();
export const comp = pgTable('comp', { x: integer(), y: integer() }, (t) => [primaryKey({ columns: [t.x, t.y] })]);
const mk = pgTableCreator((n) => `app_${n}`);
export const post = mk('post', (d) => ({ id: d.integer().primaryKey(), title: d.varchar({ length: 10 }), at: d.timestamp({ withTimezone: true }).default(sql`CURRENT_TIMESTAMP`).$onUpdate(() => new Date()) }), (t) => [index('title_idx').on(t.title)]);
export const v1 = pgView('v1', { id: integer('id') }).with({ securityInvoker: true, checkOption: 'cascaded' }).as(sql`select ${users.id} from ${users} where ${eq(users.email, "a'b")}`);
export const v2 = pgMaterializedView('v2', { id: integer() }).using('heap').withNoData().as(sql`select id from ${inv}`);
export const v3 = pgView('v3', {}).existing();
