"""Hostile files give an answer or one clear error: never a traceback, never endless time or memory."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.errors import InputError, LockgateError, SourceError
from lockgate.model.server import Server
from lockgate.source.declaration import Declaration, SourceContext
from lockgate.source.drizzle import read_drizzle
from tests.drizzle.forms import FORMS
from tests.drizzle.test_cases import CASES, dialect_of

HEAD = "import { pgTable, integer, text } from 'drizzle-orm/pg-core';\nimport { sql } from 'drizzle-orm';\n"
SIXTY = ",".join("1" * 60)


def read(path: Path, engine_name: str = "postgres") -> Declaration:
    """Read a schema file for an engine."""
    engine = load_engine(engine_name)
    server = Server(engine=engine.name, flavor=engine.name, version=(0,), version_text="")
    return read_drizzle(str(path), SourceContext(engine, server))


def read_default(folder: Path, before: str, default: str) -> Declaration:
    """Read a table whose column has a default, after other code."""
    file = folder / "s.ts"
    file.write_text(f"{HEAD}{before}\nexport const t = pgTable('t', {{ id: integer('id').default({default}) }});\n")
    return read(file)


@pytest.mark.parametrize(
    ("before", "default"),
    [
        ("", "[" * 5000 + "]" * 5000),
        ("", "1" + "+1" * 5000),
        ("function f(n) { return f(n + 1); }", "f(0)"),
        (f"let s = 'xxxxxxxx'; for (const i of [{SIXTY}]) {{ s = s + s; }}", "s"),
        (f"let s = 'xxxxxxxx'; for (const i of [{SIXTY}]) {{ s = `${{s}}${{s}}`; }}", "s"),
        (f"let s = [1]; for (const i of [{SIXTY}]) {{ s = [...s, ...s]; }}", "s.length"),
        (f"let s = {{}}; for (const i of [{SIXTY}]) {{ s = {{ a: s, b: s }}; }}", "s"),
        (f"let s = sql`a`; for (const i of [{SIXTY}]) {{ s = sql`${{s}}${{s}}`; }}", "s"),
        ("let n = 0; while (true) { n++; }", "n"),
        ("const o = {}; o.o = o;", "o"),
        ("", "9999n ** 99999n"),
        ("", "Array(1e9).fill(0)"),
        ("", "'x'.padStart(1e12)"),
        ("import { a } from './s'; export const a = a + 1;", "a"),
        ("export { a as b, b as a } from './s';", "undefinedName"),
    ],
)
def test_code_without_end_is_unread(tmp_path: Path, before: str, default: str) -> None:
    """Nothing is said about such a column, and nothing is compared."""
    assert read_default(tmp_path, before, default).unread


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds nothing"),
        (b"  \n\n", "holds nothing"),
        (b"\0\1\2", "not text"),
        (b"\xff\xfe\xfa", "not UTF-8"),
        (b"export const a = 1;", "holds nothing"),
    ],
)
def test_files_that_are_no_schema_are_one_clear_error(tmp_path: Path, data: bytes, message: str) -> None:
    """With the file's name in it."""
    file = tmp_path / "s.ts"
    file.write_bytes(data)
    with pytest.raises(InputError, match=message) as raised:
        read(file)
    assert "s.ts" in str(raised.value)


def test_byte_order_marks_line_ends_and_other_alphabets_are_read(tmp_path: Path) -> None:
    """As they are."""
    file = tmp_path / "s.ts"
    text = HEAD + "export const t = pgTable('тест', { 'é\\u{1F600}': integer(), $a: text(`имя`) });\n"
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert '"é\U0001f600" integer' in read(file).files[0].text
    assert '"имя" text' in read(file).files[0].text


def test_broken_files_never_end_in_a_traceback(tmp_path: Path) -> None:
    """Cut, with bytes changed, with parts left out: read, unread, or an error of ours."""
    chance = random.Random(7)
    sources = [(dialect_of(case), case / "schema.ts") for case in CASES if case.name.startswith("constructs")]
    engines = {"mysql": "mysql", "postgresql": "postgres", "sqlite": "sqlite"}
    assert len(sources) == len(engines) == len(FORMS) - 1
    file = tmp_path / "s.ts"
    for number in range(90):
        dialect, source = sources[number % 3]
        data = bytearray(source.read_bytes())
        first, last = sorted(chance.randrange(len(data)) for _ in "ab")
        if number % 2:
            del data[first:last]
        else:
            data[first] = chance.randrange(256)
        file.write_bytes(data)
        try:
            read(file, engines[dialect])
        except LockgateError as error:
            assert error.exit_code == 2


def test_configs_that_are_none_are_one_clear_error(tmp_path: Path) -> None:
    """No file, no dialect, another dialect, no schema, a computed schema, a broken one."""
    (tmp_path / "schema.ts").write_text(HEAD + "export const t = pgTable('t', { id: integer('id') });\n")
    config = tmp_path / "drizzle.config.ts"
    for text, message in (
        ("export default { schema: './schema.ts' };", "no dialect"),
        ("export default { dialect: 'mssql', schema: './schema.ts' };", "dialect 'mssql'"),
        ("export default { dialect: 'mysql', schema: './schema.ts' };", "another kind of database"),
        ("export default { dialect: 'postgresql' };", "names no schema"),
        ("export default { dialect: 'postgresql', schema: './nowhere/*.ts' };", "no schema file"),
        ("export default { dialect: 'postgresql', schema: process.env.SCHEMA };", "not known without running"),
        ("export default { dialect: 'postgresql', schema: [", "no valid TypeScript"),
        ("const a = 1;", "cannot be read"),
    ):
        config.write_text(text)
        with pytest.raises((InputError, SourceError), match=message):
            read(config)
    with pytest.raises(InputError, match="no file or folder"):
        read(tmp_path / "nothing.ts")


def test_a_broken_file_beside_the_schema_is_told_and_no_more(tmp_path: Path) -> None:
    """It is not the schema's; whether it declares tables is not known."""
    (tmp_path / "schema.ts").write_text(HEAD + "export const t = pgTable('t', { id: integer('id') });\n")
    (tmp_path / "old.ts").write_bytes(b"import { pgTable } from 'drizzle-orm/pg-core';\n\xff\xfe")
    declaration = read(tmp_path / "schema.ts")
    assert not declaration.unread
    assert [finding.code for finding in declaration.findings] == ["drizzle-unreached-file"]
