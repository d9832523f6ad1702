import { customType, pgTable, pgEnum, uuid, varchar, text, jsonb, timestamp, integer, index, uniqueIndex, foreignKey, check, unique, primaryKey, type PgColumn, type AnyPgColumn, ForeignKeyBuilder, PgTableExtraConfigValue, smallint, boolean } from "drizzle-orm/pg-core";
import { sql, type SQL, getTableColumns, getTableName, eq, or, and, isNull, inArray, not } from "drizzle-orm";
const vector = (dimensions: number) => customType<{ data: number[] | null; driverData: string | null }>({
    dataType() { return `vector(${dimensions})`; },
    toDriver(value) { if (!Array.isArray(value) || value.length === 0) { return null; } return value.map((i) => Number(i)).join(","); } });
const tsvector = customType<{ data: string }>({ dataType() { return "tsvector"; } });
export function sqlEnumList(options: readonly string[]) { return sql.raw(options.map((value) => `'${value}'`).join(", ")); }
const KINDS = ["a", "b"] as const;
const LABELS = { open: "Open", closed: "Closed" } as const;
export const stateEnum = pgEnum("state", Object.keys(LABELS) as [keyof typeof LABELS, ...(keyof typeof LABELS)[]]);
export const codeEnum = pgEnum("code", Object.values(LABELS).map((x) => x.toLowerCase()) as [string, ...string[]]);
interface FkGroup { cols: AnyPgColumn[]; foreignColumns: AnyPgColumn[]; afterBuild?: (fk: ForeignKeyBuilder) => ForeignKeyBuilder }
export function multiForeignKeys({ tName, fkGroups }: { tName: string; fkGroups: FkGroup[] }) {
  return fkGroups.map(({ cols, foreignColumns, afterBuild = (fk) => fk }) =>
    afterBuild(foreignKey({ name: `${tName}_${cols.map((c) => c.name).join("_")}_fk`, columns: cols as any, foreignColumns: foreignColumns as any })));
}
export const multiIndexes = <T extends string>(opts: { tName: T; colsGrps: { cols: AnyPgColumn[]; unq?: boolean }[] }) =>
  opts.colsGrps.map(({ cols: [first, ...rest], unq }) => (unq ? uniqueIndex : index)(`${opts.tName}_${[first, ...rest].map((c) => c.name).join("_")}_${unq ? "unq" : "idx"}`).on(first, ...rest));
type Opts = { extraConfig?: (cols: any, tName: string) => any[]; prefix?: string };
const table = (name: string, cols: Record<string, any>, { extraConfig = () => [], prefix = "x_" }: Opts = {}) =>
  pgTable(`${prefix}${name}`, { id: uuid("id").primaryKey().defaultRandom(), ...cols, ...stamps() }, (t) => [...extraConfig(t, name), index(`${name}_created`).on((t as any).createdAt)]);
function stamps() { const at = (n: string) => timestamp(n, { withTimezone: true }); return { createdAt: at("created_at").defaultNow().notNull(), ...(KINDS.length > 1 ? { updatedAt: at("updated_at") } : {}) }; }
const maxLength = (col: PgColumn, n: number): SQL => sql`char_length(${col}) <= ${sql.raw(String(n))}`;
export const category = table("category", { slug: text("slug").notNull().unique(), name: varchar("name", { length: 10 * 2 }) }, { extraConfig: ({ slug }) => [check("len", maxLength(slug, 10))] });
export const item = table("item", {
  kind: text("kind", { enum: KINDS }).notNull().default(KINDS[0]),
  slugRef: text("slug_ref").notNull(), emb: vector(3)("emb"), data: jsonb().$type<Record<string, unknown>[]>().default([]),
  st: stateEnum("st").default(Object.keys(LABELS)[0] as any),
  search: tsvector("search").generatedAlwaysAs(sql`setweight(to_tsvector('english', coalesce(title, '')), 'A') || ''`),
  title: text("title"), flag: boolean("flag").default(!!KINDS.length), n: smallint().default(KINDS.length + 1),
  parent: uuid("parent_id").references((): AnyPgColumn => item.id, { onDelete: "cascade" }),
}, { extraConfig: (col, tName) => [
  ...multiForeignKeys({ tName, fkGroups: [{ cols: [col.slugRef], foreignColumns: [category.slug], afterBuild: (fk) => fk.onDelete("cascade").onUpdate("cascade") }] }),
  ...multiIndexes({ tName, colsGrps: [{ cols: [col.slugRef, col.kind] }, { cols: [col.kind, col.title], unq: true }] }),
  check("kind_ok", sql`${col.kind} in (${sqlEnumList(KINDS)})`),
  index("item_live").on(col.title.desc(), col.kind).where(and(isNull(col.parent), not(sql`${col.flag}`))!),
  index("item_gin").using("gin", col.search), index("trgm").using("gin", sql`${col.title} gin_trgm_ops`), index("emb_i").using("hnsw", col.emb.op("vector_cosine_ops")).with({ m: 16, ef_construction: 64 }),
] });
const allColumns = getTableColumns(category);
export const archive = pgTable(`${getTableName(category)}_archive`, { id: integer("id").primaryKey(), ref: uuid("ref").references(() => allColumns.id), ...Object.fromEntries(["a", "b"].map((n) => [n, text(`col_${n}`)])) }, ({ id, ...others }) => ({ u: unique().on(...(Object.values(others) as [any, any])) }));
