"""Constructs that public projects are full of, each reduced to its smallest form."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.model.server import Server
from lockgate.source.declaration import Declaration, SourceContext
from lockgate.source.drizzle import read_drizzle

ENGINES = {"pg": "postgres", "mysql": "mysql", "sqlite": "sqlite"}


def read(folder: Path, text: str, dialect: str = "pg", **files: str) -> Declaration:
    """Read a schema file of one text; ``files`` stand beside it."""
    for name, content in files.items():
        (folder / f"{name}.ts").write_text(content)
    (folder / "schema.ts").write_text(text)
    engine = load_engine(ENGINES[dialect])
    server = Server(engine=engine.name, flavor=engine.name, version=(0,), version_text="")
    return read_drizzle(str(folder / "schema.ts"), SourceContext(engine, server))


def sql_of(declaration: Declaration) -> str:
    """Return the SQL on one line; nothing may be unread."""
    assert not declaration.unread, [f"{f.place}: {f.message}" for f in declaration.unread]
    return " ".join(" ".join(file.text for file in declaration.files).split())


@pytest.mark.parametrize(
    "type_argument",
    ["string", "string[]", "Date | null", "Record<string, { a: number }>", "A.B", "{ a: string; b: 1 }", "() => void"],
)
def test_a_type_argument_of_the_sql_tag_is_no_comparison(tmp_path: Path, type_argument: str) -> None:
    text = f"""
        import {{ sql, type SQL }} from "drizzle-orm"
        import {{ pgTable, text }} from "drizzle-orm/pg-core"
        export const t = pgTable("t", {{
          a: text("a").default(sql<{type_argument}>`now()`),
          b: text("b").generatedAlwaysAs((): SQL => {{
            const lower = sql<{type_argument}>`lower(${{t.a}})`
            return lower
          }}),
          c: text("c").generatedAlwaysAs(() => sql<{type_argument}>`upper(${{t.a}})`),
        }})
    """
    assert (
        '"a" text DEFAULT now(), "b" text GENERATED ALWAYS AS (lower("t"."a")) STORED,'
        ' "c" text GENERATED ALWAYS AS (upper("t"."a")) STORED' in sql_of(read(tmp_path, text))
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("z.enum(['a', 'b']).options", "'a', 'b'"),
        ("z.enum(['a', 'b', 'c']).exclude(['b']).options", "'a', 'c'"),
        ("Object.values(z.enum(['a', 'b']).enum) as [string, ...string[]]", "'a', 'b'"),
        ("z.nativeEnum({ A: 'x', B: 'y' } as const).enum", "'x', 'y'"),
        ("[...z.enum(['a']).options, 'z']", "'a', 'z'"),
        ("v.picklist(['p', 'q']).options", "'p', 'q'"),
    ],
)
def test_an_enum_takes_its_values_from_a_validation_library(tmp_path: Path, values: str, expected: str) -> None:
    text = f"""
        import {{ pgEnum, pgTable }} from "drizzle-orm/pg-core"
        import {{ z }} from "zod"
        import * as v from "valibot"
        export const kind = pgEnum("kind", {values})
        export const t = pgTable("t", {{ kind: kind("kind").notNull() }})
    """
    assert f'CREATE TYPE "public"."kind" AS ENUM({expected});' in sql_of(read(tmp_path, text))


@pytest.mark.parametrize("values", ["z.union([z.literal('a')]).options", "z.enum(given).options"])
def test_other_values_of_a_validation_library_are_unread(tmp_path: Path, values: str) -> None:
    text = f"""
        import {{ pgEnum, pgTable }} from "drizzle-orm/pg-core"
        import {{ z }} from "zod"
        import {{ given }} from "elsewhere"
        export const kind = pgEnum("kind", {values})
        export const t = pgTable("t", {{ kind: kind("kind").notNull() }})
    """
    assert read(tmp_path, text).unread


def test_neon_policies_for_reading_and_changing(tmp_path: Path) -> None:
    text = """
        import { pgTable, text } from "drizzle-orm/pg-core"
        import { anonymousRole, authUid, authenticatedRole, crudPolicy } from "drizzle-orm/neon"
        const readers = crudPolicy({ role: [anonymousRole, "app"], read: true, modify: null })
        export const t = pgTable("t", { owner: text("owner") }, (t) => [
          readers,
          crudPolicy({ role: authenticatedRole, read: authUid(t.owner), modify: false }),
        ])
    """
    sql = sql_of(read(tmp_path, text))
    for part in (
        '"crud-anonymous-app-policy-select" ON "t" AS PERMISSIVE FOR SELECT TO "anonymous", "app" USING (true)',
        '"crud-authenticated-policy-select" ON "t" AS PERMISSIVE FOR SELECT TO "authenticated"'
        ' USING ((select auth.user_id() = "t"."owner"))',
        '"crud-authenticated-policy-update" ON "t" AS PERMISSIVE FOR UPDATE TO "authenticated"'
        " USING (false) WITH CHECK (false)",
        '"crud-authenticated-policy-delete"',
    ):
        assert part in sql
    assert sql.count("CREATE POLICY") == 5


def test_what_supabase_has_is_referred_to(tmp_path: Path) -> None:
    text = """
        import { sql } from "drizzle-orm"
        import { pgPolicy, pgTable, text, uuid } from "drizzle-orm/pg-core"
        import { authUid, authUsers, authenticatedRole } from "drizzle-orm/supabase"
        const isOwner = sql`owner = ${authUid}`
        export const t = pgTable("t", {
          owner: uuid("owner").references(() => authUsers.id, { onDelete: "cascade" }),
          mail: text("mail").references(() => authUsers.email),
        }, () => [pgPolicy("own", { for: "select", to: authenticatedRole, using: isOwner })])
    """
    sql = sql_of(read(tmp_path, text))
    assert 'FOREIGN KEY ("owner") REFERENCES "auth"."users"("id") ON DELETE cascade' in sql
    assert "USING (owner = (select auth.uid()))" in sql
    assert "CREATE TABLE" in sql and "CREATE ROLE" not in sql and '"auth"."users" (' not in sql


QUERY_TABLES = """
    import {{ and, count, eq, gt, isNotNull, desc, sql, getTableColumns }} from "drizzle-orm"
    import {{ {d}Table, {d}View, text, QueryBuilder, {integer} }} from "drizzle-orm/{d}-core"
    export const users = {d}Table("users", {{
      id: {integer}("id").primaryKey(), name: text("user_name"), on: {integer}("is_on"{mode}) }})
    export const posts = {d}Table("posts", {{ id: {integer}("id").primaryKey(), userId: {integer}("user_id") }})
"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "(qb) => qb.select({ id: users.id, name: users.name }).from(users).where(gt(users.id, 3))",
            'select "id", "user_name" from "users" where "users"."id" > 3',
        ),
        (
            "(qb) => { return qb.selectDistinct().from(posts).orderBy(desc(posts.id)).limit(5).offset(2) }",
            'select distinct "id", "user_id" from "posts" order by "posts"."id" desc limit 5 offset 2',
        ),
        (
            "new QueryBuilder().select({ ...getTableColumns(users), n: count(posts.id).as('n') }).from(users)"
            ".leftJoin(posts, eq(posts.userId, users.id)).groupBy(users.id, users.name)"
            ".having(({ n }) => n)",
            "",
        ),
        (
            "(qb) => qb.select({ u: users, n: sql<number>`count(${posts.id})`.as('n') }).from(users)"
            ".innerJoin(posts, and(eq(posts.userId, users.id), isNotNull(users.name))).groupBy(users.id)",
            'select "users"."id", "users"."user_name", "users"."is_on", count("posts"."id") as "n" from "users"'
            ' inner join "posts" on ("posts"."user_id" = "users"."id" and "users"."user_name" is not null)'
            ' group by "users"."id"',
        ),
        ("(qb) => qb.select({ n: count() }).from(users)", 'select count(*) from "users"'),
        ("(qb) => qb.with(x).select().from(users)", ""),
        ("(qb) => qb.select({ id: other.id }).from(other)", ""),
    ],
)
def test_a_view_on_the_query_builder_is_read_or_refused(tmp_path: Path, query: str, expected: str) -> None:
    head = QUERY_TABLES.format(d="pg", integer="integer", mode="")
    declaration = read(tmp_path, f'{head}\nexport const v = pgView("v").as({query})')
    if not expected:
        assert declaration.unread
        return
    assert f'CREATE VIEW "public"."v" AS ({expected});' in sql_of(declaration)


def test_a_view_on_a_view_names_its_columns(tmp_path: Path) -> None:
    head = QUERY_TABLES.format(d="sqlite", integer="integer", mode=', { mode: "boolean" }')
    text = f"""{head}
        export const active = sqliteView("active").as((qb) =>
          qb.select({{ id: users.id, loud: sql`upper(${{users.name}})`.as("loud") }})
            .from(users).where(eq(users.on, true)))
        export const names = sqliteView("names").as((qb) =>
          qb.select({{ l: active.loud, p: posts.id }}).from(active).innerJoin(posts, eq(posts.userId, active.id)))
    """
    sql = sql_of(read(tmp_path, text, "sqlite"))
    assert (
        'CREATE VIEW `active` AS select "id", upper("user_name") as "loud" from "users" where "users"."is_on" = 1;'
        in sql
    )
    assert (
        'CREATE VIEW `names` AS select "loud", "posts"."id" from "active"'
        ' inner join "posts" on "posts"."user_id" = "active"."id";' in sql
    )


def test_bare_sql_among_the_constraints_is_ignored_as_drizzle_does_and_told(tmp_path: Path) -> None:
    text = """
        import { sql } from "drizzle-orm"
        import { check, pgTable, integer } from "drizzle-orm/pg-core"
        export const t = pgTable("t", { a: integer("a") }, (t) => [
          sql`CONSTRAINT positive CHECK (${t.a} > 0)`,
          check("small", sql`${t.a} < 9`),
        ])
    """
    declaration = read(tmp_path, text)
    assert "positive" not in sql_of(declaration) and '"small" CHECK' in sql_of(declaration)
    assert [finding.code for finding in declaration.findings] == ["drizzle-ignored-extra"]


def test_names_in_an_array_pattern_keep_their_places(tmp_path: Path) -> None:
    text = """
        import { pgEnum, pgTable } from "drizzle-orm/pg-core"
        enum Kind { A = "a", B = "b" }
        const [, second, , fourth] = ["x1", "x2", "x3", "x4"]
        export const kind = pgEnum("kind", Object.entries(Kind).map(([, value]) => value) as [string, ...string[]])
        export const rest = pgEnum("rest", [second, fourth])
        export const t = pgTable("t", { kind: kind("kind").default(Kind.B) })
    """
    sql = sql_of(read(tmp_path, text))
    assert "AS ENUM('a', 'b')" in sql and "AS ENUM('x2', 'x4')" in sql


@pytest.mark.parametrize(
    "make",
    [
        "export const t = tableFor('t')",
        "import * as lib from './lib'; export const t = lib.tableFor('t')",
        "import lib from './lib'; export const t = lib.tableFor('t')",
        "class Maker { make(n) { return pgTable(n, {}) } }; export const t = new Maker().make('t')",
        "export const { t } = makers.all()",
        "const made = tableFor('t'); export { made as t }",
        "export default tableFor('t'); const again = tableFor('u'); export { again }",
    ],
)
def test_a_table_of_a_function_that_cannot_be_run_is_unread_and_never_missing(tmp_path: Path, make: str) -> None:
    lib = """
        import { pgTable, text } from "drizzle-orm/pg-core"
        import { columns } from "elsewhere"
        const real = (name: string) => pgTable(name + columns(), { a: text() })
        export function tableFor(name: string) { return real(name) }
        export default { tableFor }
    """
    text = f"""
        import {{ pgTable, integer }} from "drizzle-orm/pg-core"
        import {{ tableFor }} from "./lib"
        const makers = {{ all() {{ return {{ t: tableFor("t") }} }} }}
        export const fine = pgTable("fine", {{ id: integer() }})
        {make}
    """
    assert read(tmp_path, text, lib=lib).unread


def test_what_other_packages_make_of_a_table_is_no_schema(tmp_path: Path) -> None:
    text = """
        import { pgTable, integer } from "drizzle-orm/pg-core"
        import { createInsertSchema } from "drizzle-zod"
        import { drizzle } from "drizzle-orm/node-postgres"
        import { z } from "zod"
        export const t = pgTable("t", { id: integer() })
        const shape = (table) => createInsertSchema(table, { id: z.number().min(1) })
        export const insertT = shape(t).omit({ id: true })
        export const db = drizzle(process.env.DATABASE_URL!, { schema: { t } })
        export class Repository { constructor(readonly db = db) {} all() { return this.db.select().from(t) } }
    """
    assert "CREATE TABLE" in sql_of(read(tmp_path, text))


def test_functions_with_loops_and_switches_are_run(tmp_path: Path) -> None:
    text = """
        import { pgTable, integer, text, type PgColumnBuilderBase } from "drizzle-orm/pg-core"
        function tableFor(kind: string) {
          const columns: Record<string, PgColumnBuilderBase> = { id: integer(), gone: integer() }
          for (let i = 1; i <= 4; i++) {
            if (i === 2) continue
            if (i === 4) break
            columns[`n${i}`] = integer().default(i)
          }
          let count = 0
          while (count < 2) { columns["w" + count] = text(); count += 1 }
          do { count-- } while (count > 0)
          switch (kind) {
            case "a":
              columns.a = text()
              break
            case "b":
            case "c": { columns.bc = text() }
            default:
              columns.other = text()
          }
          try { columns.tried = text() } catch { columns.caught = text() } finally { columns.last = text() }
          delete columns.gone
          return pgTable(kind, columns)
        }
        export const a = tableFor("a"), b = tableFor("b"), d = tableFor("d")
    """
    sql = sql_of(read(tmp_path, text))
    head = '"id" integer, "n1" integer DEFAULT 1, "n3" integer DEFAULT 3, "w0" text, "w1" text, '
    tail = '"tried" text, "last" text );'
    for name, middle in (("a", '"a" text, '), ("b", '"bc" text, "other" text, '), ("d", '"other" text, ')):
        assert f'CREATE TABLE "{name}" ( {head}{middle}{tail}' in sql


def test_the_alias_with_the_longest_beginning_is_taken(tmp_path: Path) -> None:
    (tmp_path / "tsconfig.json").write_text(
        '{"compilerOptions": {"paths": {"@/*": ["./src/*"], "@/db/*": ["./other/*"], "@/db/names": ["./exact.ts"]}}}'
    )
    for folder, value in (("src/db", "wrong"), ("other", "right")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "words.ts").write_text(f"export const word = '{value}'")
        (tmp_path / folder / "names.ts").write_text("export const name = 'wrong'")
    text = """
        import { pgTable, text } from "drizzle-orm/pg-core"
        import { word } from "@/db/words"
        import { name } from "@/db/names"
        export const t = pgTable(name, { a: text("a").default(word) })
    """
    sql = sql_of(read(tmp_path, text, exact="export const name = 'exact'"))
    assert """CREATE TABLE "exact" ( "a" text DEFAULT 'right' );""" in sql


def test_the_aliases_of_frameworks_need_no_written_config(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "src" / "lib").mkdir(parents=True)
    (tmp_path / "src" / "lib" / "roles.ts").write_text("export const ROLES = ['a', 'b'] as const")
    text = """
        import { pgTable, text } from "drizzle-orm/pg-core"
        import { ROLES } from "$lib/roles"
        export const t = pgTable("t", { role: text("role", { enum: ROLES }).default(ROLES[1]) })
    """
    assert "\"role\" text DEFAULT 'b'" in sql_of(read(tmp_path, text))


def test_paths_and_names_of_a_config_are_computed(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "schema.ts").write_text(
        'import { sqliteTable, integer } from "drizzle-orm/sqlite-core"\n'
        'export const t = sqliteTable("t", { id: integer("id") })\n'
    )
    config = tmp_path / "drizzle.config.ts"
    engine = load_engine("sqlite")
    server = Server(engine=engine.name, flavor=engine.name, version=(0,), version_text="")
    for schema in (
        'path.join(__dirname, "db", "schema.ts")',
        'resolve(dirname(fileURLToPath(import.meta.url)), "./db/schema.ts")',
        'fileURLToPath(new URL("./db/schema.ts", import.meta.url))',
        "`${process.cwd()}/db/schema.ts`",
        '[path.relative(process.cwd(), path.resolve("db/schema.ts"))]',
    ):
        config.write_text(
            'import path, { dirname, resolve } from "node:path"\nimport { fileURLToPath } from "url"\n'
            "if (!process.env.DATABASE_URL) throw new Error('no url')\n"
            f"export default {{ dialect: 'sqlite', schema: {schema}, out: process.env.OUT,"
            " dbCredentials: { url: process.env.DATABASE_URL! } }\n"
        )
        assert "CREATE TABLE `t`" in sql_of(read_drizzle(str(config), SourceContext(engine, server)))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Object.values({ 10: 'ten', b: 'bee', 2: 'two' }).join()", "'two,ten,bee'"),
        ("String(-7 % 3)", "'-1'"),
        ("String(E.After)", "'9'"),
        ("String(1 << 31)", "'-2147483648'"),
        ("Array.from({ length: 3 }, (_, i) => `n${i}`).join('-')", "'n0-n1-n2'"),
        ("Array.from(['a', 'b']).join('')", "'ab'"),
        ("[1, 0].includes(true as any) ? 'x' : 'y'", "'y'"),
        ("(1 as any) == '1' ? 'x' : 'y'", ""),
        ("String(F.After)", ""),
    ],
)
def test_expressions_give_what_javascript_gives_or_are_unread(tmp_path: Path, expression: str, expected: str) -> None:
    text = f"""
        import {{ pgTable, text }} from "drizzle-orm/pg-core"
        import {{ start }} from "elsewhere"
        enum E {{ First = 1 << 3, After }}
        enum F {{ First = start, After }}
        export const t = pgTable("t", {{ a: text("a").default({expression}) }})
    """
    declaration = read(tmp_path, text)
    if not expected:
        assert declaration.unread
        return
    assert f'"a" text DEFAULT {expected} );' in sql_of(declaration)
