import { sqliteTable, sqliteView, text, integer, real, blob, numeric, index, uniqueIndex, unique, primaryKey, foreignKey, check, customType } from "drizzle-orm/sqlite-core";
import { sql, eq, lt, gte, isNull, or, inArray } from "drizzle-orm";
const bool = (n?: string) => n ? integer(n, { mode: "boolean" }) : integer({ mode: "boolean" });
const json = customType<{ data: unknown; driverData: string }>({ dataType: () => "text" });
export const a = sqliteTable("a", {
  id: text().primaryKey().$defaultFn(() => crypto.randomUUID()), k: integer().notNull(), f: bool().default(true), g: bool("gg"),
  n: numeric({ mode: "number" }).default(3 as any), big: blob({ mode: "bigint" }), bj: blob("bj", { mode: "json" }).default({ x: [1] } as any), d: integer({ mode: "timestamp" }).default(new Date(86400000)),
  j: json().default({ a: 1 } as any), e: text({ enum: ["x", "y"] }).default("x"), tx: text({ length: 0 }), q: text().default("it's"), r: real().default(-0.5), z: integer().default(0), nul: text().default(null as any),
  c: text().default(sql`(current_timestamp)`), gs: integer().generatedAlwaysAs(sql`k * 2`, { mode: "virtual" }), un: text("un").unique(), un2: text("un2").unique("custom_name"),
}, (t) => [index("ia").on(t.k).where(isNull(t.q)), uniqueIndex("ib").on(sql`lower(${t.q})`, t.k), check("cc", sql`${t.k} > 0 and ${t.r} is not null`), unique("u_pair").on(t.k, t.q)]);
export const b = sqliteTable("b", { a: text().references(() => a.id, { onDelete: "cascade" }).notNull(), x: integer(), y: integer() }, (t) => [primaryKey({ columns: [t.a, t.x] }), foreignKey({ columns: [t.x, t.y], foreignColumns: [b.x, b.y], name: "self" }).onDelete("set null")]);
export const v = sqliteView("v").as((qb) => qb.select({ id: a.id, n: sql<number>`count(*)`.as("n") }).from(a).where(or(eq(a.k, 5), lt(a.r, 1.5), inArray(a.e, ["x", "y"]))).groupBy(a.id));
