"""Lint SQL files, folders, globs, standard input and plans, without a database."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lockgate.engine import load_engine
from lockgate.engine.base import Engine
from lockgate.errors import ConfigError, InputError, SourceError
from lockgate.lint.rules import BY_CODE
from lockgate.lint.rules_script import NOT_READ
from lockgate.lint.run import Choice, lint_scripts
from lockgate.lint.script import Script, read_script
from lockgate.model.finding import Checked, Finding, FindingReport, build_finding_report
from lockgate.model.server import Server
from lockgate.model.target import SCHEMES
from lockgate.source.migrations.text import read_text
from lockgate.workflow.lint_plan import lint_plan
from lockgate.workflow.lint_sections import read_sections

STDIN = "-"
_WAY_BACK = re.compile(r"(\.down\.sql|^U\d[^/]*__[^/]*\.sql)$", re.I)


@dataclass(frozen=True)
class LintOptions:
    """What decides how files are judged.

    ``engine``: postgres, mysql, mariadb or sqlite; ``version``: as written, empty for the oldest that is supported;
    ``is_wrapped``: the tool runs each file in one transaction; None lets the file's format say.
    """

    engine: str
    version: str = ""
    is_wrapped: bool | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


def lint_files(paths: Sequence[str], options: LintOptions, stdin: str = "") -> FindingReport:
    """Return what is wrong with the statements of some files.

    ``paths``: files, folders (every ``*.sql`` below, ways back left out), globs, plans (``*.json``), or ``-`` for the
    text given as ``stdin``.

    Raises:
        InputError: A path leads nowhere.
        ConfigError: The engine, the version or a rule is unknown.
    """
    choice = Choice(_codes(options.only), _codes(options.skip))
    plans = [path for path in paths if path.endswith(".json")]
    done = [lint_plan(path, choice) for path in plans]
    rest = [path for path in paths if path not in plans]
    if rest or not plans:
        done.append(_lint_sql(rest, options, choice, stdin))
    checked: dict[str, int] = {}
    for part in done:
        for kind, count in part.checked.items():
            checked[kind] = checked.get(kind, 0) + count
    subject = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    return build_finding_report(
        "lint",
        subject,
        (f for part in done for f in part.findings),
        checked,
        (u for part in done for u in part.unknown),
    )


def _codes(names: Iterable[str]) -> frozenset[str]:
    codes = frozenset(part.strip() for name in names for part in name.split(",") if part.strip())
    unknown = sorted(codes - BY_CODE.keys())
    if unknown:
        raise ConfigError(
            f"there is no lint rule {unknown[0]!r}",
            cause="--only, --skip and [lint] skip take codes of rules",
            state="nothing was checked",
            hint="`lockgate explain` lists them",
        )
    return codes


def _lint_sql(paths: Sequence[str], options: LintOptions, choice: Choice, stdin: str) -> Checked:
    engine, server = find_server(options)
    scripts: list[Script] = []
    problems: list[Finding] = []
    for name in _names(paths):
        try:
            text = stdin if name == STDIN else read_text(Path(name))
            scripts.append(_read_script("stdin" if name == STDIN else name, text, engine, server, options))
        except SourceError as error:
            message = f"{error.what}{': ' + error.cause if error.cause else ''}"
            problems.append(NOT_READ.found(f"the file could not be read: {message}", file=name, line=error.line))
    checked = lint_scripts(scripts, engine.ddl(), server, choice)
    unknown = tuple(f"{problem.place}: {problem.message}" for problem in problems)
    return Checked((*problems, *checked.findings), checked.checked, unknown)


def find_server(options: LintOptions) -> tuple[Engine, Server]:
    """Return the engine and the server that the files are judged for; no driver is needed.

    Raises:
        ConfigError: The engine or the version is not known.
    """
    name = SCHEMES.get(options.engine.lower())
    if name is None:
        raise ConfigError(
            f"unknown engine {options.engine!r}" if options.engine else "for which database the files are is not known",
            where="--engine",
            cause="known engines are postgres, mysql, mariadb and sqlite",
            state="nothing was checked",
            hint="add --engine postgres, or set engine under [lint] in lockgate.toml",
        )
    engine = load_engine(name, needs_driver=False)
    oldest = engine.ddl().oldest_versions
    flavor = options.engine.lower() if options.engine.lower() in oldest else name
    version = _version(options.version) if options.version else oldest[flavor]
    return engine, Server(engine=name, flavor=flavor, version=version, version_text=".".join(map(str, version)))


def _version(text: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", text.strip())
    if match is None:
        raise ConfigError(
            f"{text!r} is no server version",
            where="--server-version",
            cause="allowed are numbers such as 15, 8.0.36 or 10.11",
            state="nothing was checked",
        )
    return tuple(int(part) for part in match[0].split("."))


def _names(paths: Sequence[str]) -> list[str]:
    names = [name for path in paths for name in ([path] if path == STDIN else map(str, _expand(path)))]
    return list(dict.fromkeys(names))


def _expand(path: str) -> list[Path]:
    place = Path(path)
    if place.is_dir():
        found = sorted(p for p in place.rglob("*.sql") if p.is_file() and not _WAY_BACK.search(p.name))
        if not found:
            raise InputError(f"the folder {path!r} holds no .sql file", where=path, state="nothing was checked")
        return found
    if place.exists():
        return [place]
    matched = sorted(Path(p) for p in glob.glob(path, recursive=True) if Path(p).is_file())
    if not matched:
        raise InputError(
            f"there is no file {path!r}", where=path, cause="no such file or folder, and no glob that matches",
            state="nothing was checked",
        )  # fmt: skip
    return matched


def _read_script(name: str, text: str, engine: Engine, server: Server, options: LintOptions) -> Script:
    dialect = engine.ddl()
    sections = read_sections(name, text, engine)
    is_wrapped = sections.is_wrapped if options.is_wrapped is None else options.is_wrapped
    return read_script(
        name,
        sections.sql,
        engine.split_sql,
        dialect,
        server,
        comments_in=text.removeprefix("\ufeff") if sections.is_cut else None,
        is_wrapped=is_wrapped and dialect.is_transactional,
        has_way_back=sections.has_way_back,
    )
