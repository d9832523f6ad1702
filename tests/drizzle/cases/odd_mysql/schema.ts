import * as m from "drizzle-orm/mysql-core";
import { mysqlTable as table, type AnyMySqlColumn } from "drizzle-orm/mysql-core";
import { sql, eq, and, desc, asc, type SQL } from "drizzle-orm";
const nums = [1, 2, 3] as const;
enum Num { A, B = 5, C }
enum Str { X = 'x', Y = 'y' }
const lower = (c: AnyMySqlColumn): SQL => sql`(lower(${c}))`;
const cfg = { precision: 10, scale: 0 } as const;
export const t1 = table("t1", {
  id: m.bigint({ mode: "number", unsigned: true }).primaryKey().autoincrement(),
  a: m.decimal(cfg), b: m.decimal("b", { precision: 10 }), c: m.decimal({ precision: 12, scale: 0, unsigned: true, mode: 'number' }).default(5),
  d: m.double({ precision: 5 }), d2: m.float("d2", { precision: 7, scale: 3, unsigned: true }), r: m.real("r", { precision: 4, scale: 1 }),
  e: m.mysqlEnum(Str).default(Str.Y), f: m.mysqlEnum("f", ["it's", "b\"q", "ü"]).notNull(),
  g: m.tinyint({ unsigned: true }).default(Num.C), h: m.varbinary("h", { length: 16 }).default(sql`(uuid_to_bin(uuid()))`),
  i: m.binary("i", { length: 16 }), i2: m.binary(), j: m.char({ length: 36 }).default(sql`(uuid())`), j2: m.char("j2"),
  k: m.json().default([{ a: [1, "x'y"], b: null, c: undefined, d: true }]), k2: m.json("k2").default("str" as any), k3: m.json().default(5 as any), 
  l: m.date({ mode: "string" }).default("2020-01-01"), l2: m.date().default(new Date("2020-02-03")), n: m.datetime({ mode: "date", fsp: 3 }).default(new Date("2020-02-03T04:05:06.007Z")),
  n2: m.datetime("n2").default(sql`CURRENT_TIMESTAMP`), o: m.timestamp({ fsp: 6 }).default(sql`CURRENT_TIMESTAMP(6)`).onUpdateNow(), p: m.time({ fsp: 3 }), q: m.year().default(2024),
  s: m.text().default("x"), s2: m.longtext("s2"), s3: m.mediumtext(), s4: m.tinytext({ enum: ["a"] }), u: m.varchar({ length: 10, enum: ["p", "q"] }).default("p").unique("uq_u"),
  v: m.boolean().default(false).notNull(), w: m.int().default(-1), w2: m.int().default(1e3), w3: m.double().default(0.1), w4: m.bigint({ mode: "bigint" }),
  x: m.varchar({ length: 20 }).generatedAlwaysAs(sql`concat('a', 'b')`), x2: m.int().generatedAlwaysAs("w + 1", { mode: "stored" }).notNull(), x3: m.text().generatedAlwaysAs((): SQL => sql`${t1.u}`, { mode: "virtual" }),
  nul: m.int().default(null as any), back: m.varchar({ length: 5 }).default("a\\b"), nl: m.varchar({ length: 5 }).default(`a
b`),
}, (t) => ({
  i1: m.index("i1").on(t.u, t.w), i3: m.index("i3").on(lower(t.u)), i4: m.uniqueIndex("i4").on(t.w, t.v).using("btree"), i5: m.index("i5").on(desc(t.w) as any, sql`${t.v} desc`),
  ck: m.check("ck", sql`${t.w} in (${sql.join(nums.map((n) => sql.raw(String(n))), sql`, `)})`), un: m.unique("un").on(t.w, t.w2), un2: m.unique().on(t.w3),
}));
export const t2 = table("t2", { a: m.int().primaryKey(), b: m.int().primaryKey(), c: m.int().references(() => t1.id, { onDelete: "set null", onUpdate: "restrict" }), d: m.int().references(() => t2.a) }, (t) => [m.foreignKey({ columns: [t.a, t.b], foreignColumns: [t2.a, t2.b] }).onUpdate("cascade"), m.primaryKey({ columns: [t.c, t.d] })]);
export const v1 = m.mysqlView("v1").as((qb) => qb.select().from(t1).where(eq(t1.u, "p")));
export const v2 = m.mysqlView("v2", { id: m.int() }).withCheckOption("local").as(sql`select ${t1.id} from ${t1} order by ${asc(t1.id)}`);
