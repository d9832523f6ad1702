"""Write Drizzle projects of 145 tables with every construct a schema uses; pure text, the same every time.

The tables are those of the demonstration's ERP, one file per module behind a barrel, for MySQL, PostgreSQL and SQLite.
Which of several forms a column or table takes (named or not, chain or helper, array or object of extras …) goes round.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.demo.erp import Entity, Erp, Field, build_erp
from tests.drizzle.forms import FORMS, Form


@dataclass
class Writer:
    """Writes one project; ``turn`` goes round the forms."""

    form: Form
    erp: Erp
    turn: int = 0
    files: dict[str, str] = field(default_factory=dict)

    def pick(self, *choices: str) -> str:
        """Return the next of several forms."""
        self.turn += 1
        return choices[self.turn % len(choices)]

    def write(self) -> dict[str, str]:
        """Return the project's files by path."""
        modules = dict.fromkeys(entity.module for entity in self.erp.entities)
        for module in modules:
            self.files[f"src/schema/{module}.ts"] = self.module(module)
        barrel = [f"export * from './{module}{self.pick('', '.js', '.ts')}';" for module in modules]
        barrel += ["export * from './extra';", "export type { Money } from './shared';"]
        self.files["src/schema/index.ts"] = "\n".join(barrel) + "\n"
        self.files["src/schema/shared.ts"] = self.form.shared
        self.files["src/schema/extra.ts"] = self.form.extra
        paths = {"compilerOptions": {"baseUrl": ".", "paths": {"@schema/*": ["src/schema/*"]}}}
        self.files["tsconfig.json"] = "// paths for the imports\n" + json.dumps(paths, indent=2) + "\n"
        self.files["drizzle.config.ts"] = (
            "import { defineConfig } from 'drizzle-kit';\n\n"
            "export default defineConfig({\n"
            f"  dialect: '{self.form.dialect}',\n  schema: './src/schema/index.ts',\n  out: './drizzle',\n"
            "  dbCredentials: { url: process.env.DATABASE_URL! },\n  verbose: true,\n});\n"
        )
        return self.files

    def module(self, module: str) -> str:
        """Return one file of tables."""
        entities = [entity for entity in self.erp.entities if entity.module == module]
        own = {entity.name for entity in entities}
        others: dict[str, set[str]] = {}
        for entity in entities:
            for target in {f.references for f in entity.fields if f.references and f.references not in own}:
                others.setdefault(self.erp.entity(target).module, set()).add(target)
        lines = [self.form.imports, "import { relations, sql } from 'drizzle-orm';"]
        for other, tables in sorted(others.items()):
            origin = self.pick(f"./{other}", f"./{other}.js", f"@schema/{other}")
            lines.append(f"import {{ {', '.join(camel(t) for t in sorted(tables))} }} from '{origin}';")
        lines += ["import { audit, code, flag, money, statusColumn, type Money } from './shared';", ""]
        lines += [f"// {module}: `old: int('old').notNull()` is in a comment and no column", ""]
        lines += [self.table(entity) for entity in entities]
        return "\n".join(lines)

    def table(self, entity: Entity) -> str:
        """Return one table, its relations and types."""
        columns = [f"  {self.column(entity, f)}," for f in entity.fields if f.name not in ("id", "created_at")]
        body = "\n".join([f"  {self.form.key}", *columns, "  ...audit,", "  /* removed: int('removed') */"])
        name = camel(entity.name)
        text = f"export const {name} = {self.form.table}('{entity.name}', {{\n{body}\n}}{self.extras(entity)});\n"
        targets = sorted({f.references for f in entity.fields if f.references})
        if targets:
            pairs = ", ".join(f"{camel(t)}: one({camel(t)})" for t in targets)
            text += f"export const {name}Relations = relations({name}, ({{ one }}) => ({{ {pairs} }}));\n"
        return text + f"export type {name[0].upper()}{name[1:]} = typeof {name}.$inferSelect;\n"

    def column(self, entity: Entity, field: Field) -> str:
        """Return one column."""
        key = camel(field.name)
        if field.references:
            return f"{key}: {self.reference(entity, field)}"
        chain = [] if field.is_nullable else [".notNull()"]
        if field.is_unique:
            chain.append(self.pick(".unique()", f".unique('{entity.name}_{field.name}_uq')"))
        chain += [d for d in [self.pick(*self.form.defaults.get(field.kind, ("",)))] if d]
        if self.turn % 3:
            chain.reverse()
        typed = ".$type<Record<string, Array<{ a: Map<string, number[]> }>>>()" if field.kind == "value" else ""
        kinds = self.form.kinds[{"signed": "money", "big": "int", "ref": "int"}.get(field.kind, field.kind)]
        made = self.pick(*kinds).replace("NAME", field.name) + typed
        return f"{key}: {self.pick('', chr(10) + '    ').join([made, *chain])}"

    def reference(self, entity: Entity, field: Field) -> str:
        """Return a column with a foreign key; to itself or in a cycle with a type for its function."""
        action = self.pick("cascade", "restrict", "no action") if not field.is_nullable else self.pick("set null", "")
        options = f", {{ onDelete: '{action}' }}" if action else ""
        target = camel(field.references)
        if is_long(entity, field):
            return f"{self.form.reference.replace('NAME', field.name)}{'' if field.is_nullable else '.notNull()'}"
        any_column = f"(): {self.form.any_column} => {target}.id"
        arrow = (
            any_column
            if field.is_nullable
            else self.pick(any_column, f"() => {target}.id", f"() => {{ return {target}.id; }}")
        )
        chain = [f".references({arrow}{options})", *([] if field.is_nullable else [".notNull()"])]
        if self.turn % 2:
            chain.reverse()
        return f"{self.form.reference.replace('NAME', field.name)}{''.join(chain)}"

    def extras(self, entity: Entity) -> str:
        """Return the third argument: indexes and checks, as an array or an object."""
        made = []
        for number, index in enumerate(entity.indexes):
            columns = ", ".join(f"t.{camel(c)}" for c in index.columns)
            made.append((f"i{number}", f"index('{index.name}').on({columns})"))
        for long in (f for f in entity.fields if f.references and is_long(entity, f)):
            columns = f"columns: [t.{camel(long.name)}], foreignColumns: [{camel(long.references)}.id]"
            made.append((f"f{long.name}", f"foreignKey({{ {columns}, name: '{entity.name}_{long.name}_fk' }})"))
        amount = next((f for f in entity.fields if f.kind == "money"), None)
        if amount is not None:
            made.append(("positive", f"check('ck_{entity.name}', sql`${{t.{camel(amount.name)}}} >= 0`)"))
        pair = [f for f in entity.fields if f.references and not f.is_nullable][:2]
        if len(pair) == 2 and self.turn % 2:
            made.append(
                ("pair", f"unique('{entity.name}_pair').on(t.{camel(pair[0].name)}, t.{camel(pair[1].name)}, t.id)")
            )
        made += [(f"x{n}", text.replace("TABLE", entity.name)) for n, text in enumerate(self.form.extras_of(entity))]
        if not made:
            return ""
        if self.turn % 2:
            return ", (t) => [\n" + "".join(f"  {text},\n" for _, text in made) + "]"
        inner = "".join(f"  {key}: {text},\n" for key, text in made)
        return self.pick(f", (t) => ({{\n{inner}}})", f", (t) => {{\n  return {{\n{inner}  }};\n}}")


def is_long(entity: Entity, field: Field) -> bool:
    """Tell whether the name drizzle-kit would make for a foreign key is too long for the databases."""
    return len(f"{entity.name}_{field.name}_{field.references}_id_fk") > 63


def camel(name: str) -> str:
    """``order_lines`` → ``orderLines``."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def generate(dialect: str, tables: int = 145) -> dict[str, str]:
    """Return the files of the project of a dialect by path."""
    return Writer(FORMS[dialect], build_erp(tables)).write()


def write_project(folder: Path, dialect: str, tables: int = 145) -> Path:
    """Write the project into a folder; return the folder."""
    for name, text in generate(dialect, tables).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
