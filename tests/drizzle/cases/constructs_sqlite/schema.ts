import { sqliteTable, sqliteTableCreator, integer, int, text, real, blob, numeric, index, uniqueIndex, unique, primaryKey, foreignKey, check, customType, sqliteView, AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import { sql, isNotNull, desc } from "drizzle-orm";
export const createTable = sqliteTableCreator((name) => `t3_${name}`);
export const users = createTable("user", {
  id: integer({ mode: "number" }).primaryKey({ autoIncrement: true }),
  email: text("email", { length: 255 }).notNull().unique(),
  role: text({ enum: ["a", "b"] }).default("a").notNull(),
  created: integer("created", { mode: "timestamp" }).default(sql`(unixepoch())`).notNull(),
  upd: int("upd", { mode: "timestamp_ms" }).$onUpdate(() => new Date()).defaultNow(),
  ok: integer({ mode: "boolean" }).default(false),
  meta: text({ mode: "json" }).$type<string[]>().default([]),
  meta2: text({ mode: "json" }).default({ a: "x" }),
  r: real().default(1.5), b: blob({ mode: "buffer" }), n: numeric().default('3'),
  parent: integer().references((): AnySQLiteColumn => users.id, { onDelete: "cascade" }),
  gen: text().generatedAlwaysAs((): any => sql`${users.email} || 'x'`, { mode: 'stored' }),
  gen2: text().generatedAlwaysAs(sql`(1)`),
}, (t) => [index("e").on(t.email, desc(t.created)), uniqueIndex("f").on(sql`lower(${t.email})`).where(isNotNull(t.parent)), check("c", sql`${t.r} > 1`), unique().on(t.ok, t.r), unique("nn").on(t.b), index("g").on(sql`substr(${t.email}, 1)`)]);
export const ab = sqliteTable("ab", (t) => ({ a: t.integer().notNull(), b: t.text().notNull() }), (t) => ({ pk: primaryKey({ columns: [t.a, t.b] }), fk: foreignKey(() => ({ columns: [t.a], foreignColumns: [users.id] })) }));
export const one = sqliteTable("one", { a: integer() }, (t) => [primaryKey({ columns: [t.a] })]);
export const vw = sqliteView("vw", { id: integer() }).as(sql`select ${users.id} from ${users}`);
