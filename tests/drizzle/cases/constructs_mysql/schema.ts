import { mysqlTable, int, varchar, mysqlEnum, timestamp, decimal, index, uniqueIndex, json, text, boolean, primaryKey, foreignKey, check, unique, AnyMySqlColumn, customType, mysqlView } from 'drizzle-orm/mysql-core';
import { sql, relations, desc } from 'drizzle-orm';

const base = { id: int().autoincrement().primaryKey(), createdAt: timestamp('created_at').defaultNow().notNull(), updatedAt: timestamp('updated_at', { fsp: 3 }).onUpdateNow() };
export const statusEnum = mysqlEnum('batchStatus', ['a', 'b']);
const money = (name: string) => decimal(name, { precision: 15, scale: 2 });
const ci = customType<{ data: string; config: { length: number } }>({ dataType(config) { return `varchar(${config?.length ?? 10})`; } });
export const users = mysqlTable('users', {
  ...base,
  email: varchar({ length: 255 }).notNull().unique(),
  name: ci('nm', { length: 33 }).default("it's"),
  status: statusEnum.notNull().default('a'),
  balance: money('balance').default('0').notNull(),
  meta: json('meta').$type<{ a: Record<string, number[]> }>().default({ a: 1, b: "x" }),
  body: text().default('z'),
  ok: boolean('ok').default(true),
  managerId: int('manager_id').references((): AnyMySqlColumn => users.id, { onDelete: 'set null' }),
  full: varchar('full', { length: 20 }).generatedAlwaysAs(sql`concat(${sql.raw('a')}, 'b')`, { mode: 'stored' }),
}, (t) => [
  index('em').on(t.email, t.name),
  uniqueIndex('un').on(sql`(lower(${t.email}))`),
  check('ck', sql`${t.balance} > 0`),
  unique().on(t.name, t.ok),
]);
export const m2m = mysqlTable('m2m', { a: int('a').notNull(), b: int('b').notNull().references(() => users.id) }, (t) => ({ pk: primaryKey({ columns: [t.a, t.b] }), fk: foreignKey({ columns: [t.a], foreignColumns: [users.id], name: 'xx' }).onDelete('cascade') }));
export const v = mysqlView('v', { id: int('id') }).as(sql`select id from users where name = ${'x'}`);
export const rel = relations(users, ({ many }) => ({ x: many(m2m) }));
