"""The rules of the house that no linter knows; docs/architecture.md gives their reasons."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.engine.late import Late

PACKAGE = Path(__file__).parents[2] / "src/lockgate"
ENGINE_NAMES = {"sqlite", "postgres", "postgresql", "mysql", "mariadb"}
FILES = sorted(PACKAGE.rglob("*.py"))
OUTSIDE_ENGINES = [file for file in FILES if "engine" not in file.relative_to(PACKAGE).parts]
MOST_LINES = 500


def _name(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def _strings(node: ast.AST) -> set[object]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}


def _comparisons(tree: ast.AST) -> Iterator[tuple[int, set[object]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield node.lineno, _strings(node)
        elif isinstance(node, ast.MatchValue):
            yield node.lineno, _strings(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
            yield node.lineno, {text.rstrip(":/") for text in _strings(node) if isinstance(text, str)}


def engine_comparisons(source: str) -> list[int]:
    """Return the lines that compare something with an engine's name."""
    return sorted({line for line, strings in _comparisons(ast.parse(source)) if strings & ENGINE_NAMES})


@pytest.mark.parametrize("file", OUTSIDE_ENGINES, ids=_name)
def test_nothing_outside_the_engines_asks_which_engine_it_is(file: Path) -> None:
    assert not engine_comparisons(file.read_text()), f"{_name(file)} compares with an engine's name"


@pytest.mark.parametrize(
    "source",
    [
        "if server.engine == 'mysql': pass",
        "x = 1 if flavor in ('mariadb', 'mysql') else 2",
        "match engine:\n    case 'sqlite': pass",
        "if url.startswith('postgresql://'): pass",
    ],
)
def test_a_comparison_with_an_engines_name_is_seen(source: str) -> None:
    assert engine_comparisons(source)


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_modules_and_what_they_offer_are_documented(file: Path) -> None:
    tree = ast.parse(file.read_text())

    missing = [f"{node.name} (line {node.lineno})" for node in _public(tree) if not ast.get_docstring(node)]

    assert ast.get_docstring(tree), f"{_name(file)} has no docstring"
    assert not missing, f"{_name(file)}: without a docstring: {', '.join(missing)}"


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_no_file_swallows_the_project(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_every_exception_is_caught_only_at_the_top_and_around_observers(file: Path) -> None:
    allowed = file.relative_to(PACKAGE).parts[0] in ("cli", "web", "notify.py") or "observer" in file.read_text()

    broad = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and not _raises_again(node)
    ]

    assert allowed or not broad, f"{_name(file)} catches everything in lines {broad}"


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise)


def test_importing_the_package_loads_no_driver_and_no_web_framework() -> None:
    code = (
        "import sys, lockgate, lockgate.cli;"
        "print([name for name in ('psycopg', 'pymysql', 'sqlalchemy', 'starlette') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent)

    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("name", ["sqlite", "postgres", "mysql"])
def test_every_function_that_an_engine_imports_late_exists(name: str) -> None:
    engine = load_engine(name)
    late = [value for value in vars(engine).values() if isinstance(value, Late)]
    assert len(late) > 5
    assert all(callable(function.load()) for function in late)


def test_a_comparison_of_schemas_imports_neither_the_planner_nor_what_knows_installed_packages() -> None:
    heavy = ("lockgate.plan.builder", "lockgate.engine.sqlite.ops", "importlib.metadata", "email", "http", "xml.sax")
    code = (
        "import sys, lockgate.cli.app, lockgate.cli.cmd_drift, lockgate.workflow.measure_drift\n"
        "from lockgate.engine import load_engine; load_engine('sqlite')\n"
        f"sys.exit(' '.join(name for name in {heavy!r} if name in sys.modules) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
