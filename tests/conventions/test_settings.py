"""`[conventions]` and `[validate]` in lockgate.toml: every mistake is one clear error that names the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.config import load_settings
from lockgate.errors import ConfigError
from lockgate.model.finding import Severity

HEAD = 'url = "sqlite:///a.db"\n'


def load(folder: Path, text: str):  # type: ignore[no-untyped-def]
    """Read a configuration file."""
    (folder / "lockgate.toml").write_text(HEAD + text, encoding="utf-8")
    return load_settings({}, folder)


def test_everything_can_be_said(tmp_path: Path) -> None:
    conventions = load(
        tmp_path,
        """
        [conventions.optimistic_locking]
        version_column = "rev"
        tables = ["orders", "sales.*"]
        code = ["src/**/*.py", "app/*.ts"]
        code_pattern = 'LOCKED = \\[(.*?)\\]'
        helper = "src/locking.py"
        helper_symbols = ["update_with_version"]
        update = "UPDATE {table} SET {version} = {version} + 1 WHERE {key} AND {version} = {expected}"
        default = 0
        probe = false
        [conventions.soft_delete]
        columns = ["deletedAt"]
        tables = ["*"]
        without = ["log_*"]
        [[conventions.rules]]
        name = "snake-case"
        kind = "column"
        matches = "^[a-z_]+$"
        [[conventions.rules]]
        name = "created-at"
        severity = "critical"
        message = "every table says when a row came"
        requires = { name = "created_at", type = "timestamp", nullable = false }
        """,
    ).conventions
    assert conventions.base == tmp_path and conventions.file == "lockgate.toml"
    assert (conventions.locking.version_column, conventions.locking.default) == ("rev", 0)
    assert conventions.locking.code == ("src/**/*.py", "app/*.ts") and not conventions.locking.is_probed
    assert conventions.soft_delete.without == ("log_*",)
    assert [rule.code for rule in conventions.rules] == ["convention-snake-case", "convention-created-at"]
    assert conventions.rules[1].severity is Severity.CRITICAL and conventions.rules[1].requires.is_nullable is False


def test_nothing_said_is_nothing_checked(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert settings.conventions is None and settings.defects is None


def test_the_limits_of_validate_can_be_set(tmp_path: Path) -> None:
    text = '[validate]\nmax_rows = 10\nstatement_seconds = 5\noverflow_percent = 60\nnot_money = ["Paid"]\n'
    defects = load(tmp_path, text).defects
    assert (defects.max_rows, defects.statement_ms, defects.overflow_percent) == (10, 5000, 60)
    assert "paid" in defects.not_money_words


LOCKING = "[conventions.optimistic_locking]\n"
RULE = '[[conventions.rules]]\nname = "x"\n'


@pytest.mark.parametrize(
    ("text", "key", "cause"),
    [
        ('[conventions]\noptimistic_lock = "x"', "conventions.optimistic_lock", "did you mean optimistic_locking?"),
        ('conventions = "x"', "conventions", "a table"),
        (LOCKING + 'table = ["a"]', "optimistic_locking.table", "did you mean tables?"),
        (LOCKING + 'tables = "a"', "optimistic_locking.tables", "a list of texts"),
        (LOCKING + "tables = [1]", "optimistic_locking.tables", "a list of texts"),
        (LOCKING + "default = true", "optimistic_locking.default", "a number"),
        (LOCKING + "code_pattern = '['", "code_pattern", "unterminated"),
        (LOCKING + "code_pattern = 'abc'", "code_pattern", "first group"),
        (LOCKING + "update = 'UPDATE t'", "optimistic_locking.update", "{table} and {key}"),
        (LOCKING + "update = '{table} {key} {what}'", "optimistic_locking.update", "{table} and {key}"),
        (LOCKING + 'helper_symbols = ["f"]', "helper_symbols", "helper"),
        ("[conventions.soft_delete]\ncolumns = []", "soft_delete.columns", "at least one"),
        ("[conventions.soft_delete]\ncolumn = []", "soft_delete.column", "did you mean columns?"),
        ("[conventions]\nrules = [1]", "rules[1]", "a table"),
        ("[[conventions.rules]]\nmatches = 'x'", "rules[1].name", "lower case"),
        (RULE, "rules[1]", "give one of"),
        ("[[conventions.rules]]\nname = 'own'\nmatches = 'x'", "rules[1].name", "own rules"),
        (RULE + "matches = 'a'\nforbids_type = 'b'", "rules[1]", "give one of"),
        (RULE + "matches = '('", "rules[1].matches", "missing )"),
        (RULE + "matches = 'a'\nkind = 'row'", "rules[1].kind", "allowed: table"),
        (RULE + "matches = 'a'\nseverity = 'bad'", "rules[1].severity", "critical, warning, info"),
        (RULE + "matches = 'a'\n" + RULE + "matches = 'b'", "conventions.rules", "name of its own"),
        (RULE + "requires = { type = 'x' }", "requires.name", "must be there"),
        (RULE + "requires = { name = 'x', nulls = true }", "requires.nulls", "did you mean"),
        ("[validate]\nmax_row = 1", "validate.max_row", "did you mean max_rows?"),
        ("[validate]\noverflow_percent = 0", "validate.overflow_percent", "from 1 to 100"),
        ("[validate]\nmax_rows = true", "validate.max_rows", "a number"),
        ("[validate]\nmoney = 'x'", "validate.money", "a list of texts"),
    ],
)
def test_a_mistake_names_its_key_and_what_is_allowed(tmp_path: Path, text: str, key: str, cause: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    assert key in str(raised.value.what) and cause in str(raised.value.cause)
    assert "lockgate.toml" in raised.value.where and raised.value.state == "nothing was touched"
