"""Propose new numbers for migrations that share one, so that what was applied stays as it is; reads files only."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import RefusedError
from lockgate.source.migrations.flyway import format_version, parse_version
from lockgate.source.migrations.folder import Folder, Kind, Migration
from lockgate.source.migrations.numbered import is_way_back
from lockgate.source.migrations.text import number_of

_INDEX_DIGITS = 9


@dataclass(frozen=True)
class Proposal:
    """What to rename. ``renames`` are pairs of paths below the folder; in this order every target is free.

    ``changes`` are pairs of the old and new name of each migration; ``journal`` is the journal's new text, empty when
    there is none; ``notes`` say what was left alone and why. ``keeps_order``: the same texts run in the same order.
    """

    changes: tuple[tuple[str, str], ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    journal: str = ""
    notes: tuple[str, ...] = ()
    keeps_order: bool = True


@dataclass(frozen=True)
class AppliedState:
    """What a database applied: the ids, and the ids of duplicates whose recorded text tells which file it was."""

    ids: frozenset[str]
    hashes: dict[str, str]


def propose(folder: Folder, applied: AppliedState | None, keep: Collection[str] = ()) -> Proposal:
    """Propose new numbers.

    Args:
        applied: What the database applied; None when none was looked at.
        keep: Names of files that keep their number, where nothing else tells which of two was applied.

    Raises:
        RefusedError: Nothing tells which of two files was applied, or a new name is taken.
    """
    if folder.unread:
        raise RefusedError(
            f"the folder {folder.path} holds something that cannot be read",
            cause=folder.unread[0].message,
            state="nothing was renamed",
            hint=f"lockgate validate --only migrations --migrations {folder.path}",
        )
    moves, notes = _Numbering(folder, applied, frozenset(keep)).run()
    notes = (*notes, *_strays(folder))
    if not moves:
        return Proposal(notes=notes)
    order = [m.file for m in folder.migrations]
    names = {m.file: moves.get(m.file, _name_of(m)) for m in folder.migrations}
    after = order if folder.journal else sorted(order, key=lambda file: _sort_key(folder, names[file]))
    renames = _renames(folder, moves)
    return Proposal(
        changes=tuple((_name_of(m), moves[m.file]) for m in folder.migrations if m.file in moves),
        renames=renames,
        journal=_journal(folder, moves) if folder.journal else "",
        notes=notes,
        keeps_order=after == order,
    )


def _name_of(migration: Migration) -> str:
    """Return the file's name, or that of the migration's folder."""
    path = Path(migration.file)
    return path.parent.name if path.name == "migration.sql" else path.name


def _sort_key(folder: Folder, name: str) -> tuple[object, ...]:
    if folder.tool.history == "flyway":
        match = re.match(r"[VB]([\d._]+)__", name)
        return (0, parse_version(match[1])) if match else (1, name)
    return (int(number_of(name) or 0), name)


def _strays(folder: Folder) -> tuple[str, ...]:
    numbers = {m.number.lstrip("0") for m in folder.migrations if m.number}
    names = [Path(file).name for file in folder.strays if number_of(Path(file).name).lstrip("0") in numbers]
    return tuple(f"{name} is left alone: the tool never runs it, whatever its number" for name in names)


class _Numbering:
    """Goes through the migrations in order and gives each that shares a number the next free one."""

    def __init__(self, folder: Folder, applied: AppliedState | None, keep: frozenset[str]) -> None:
        self.folder, self.applied, self.keep = folder, applied, keep
        self.notes: list[str] = []
        self.versioned = [m for m in folder.migrations if m.kind is not Kind.REPEATABLE and m.number]

    def run(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return new names by file, and notes."""
        groups: dict[object, list[Migration]] = defaultdict(list)
        for migration in self.versioned:
            groups[self._value(migration)].append(migration)
        doubled = {value: group for value, group in groups.items() if len(group) > 1}
        if not doubled:
            return {}, tuple(self.notes)
        if self.folder.journal:
            return self._shift(frozenset(), doubled), tuple(self.notes)
        fixed = self._fixed(doubled)
        if self.folder.tool.history == "flyway":
            return self._append(doubled, fixed), tuple(self.notes)
        return self._shift(frozenset(fixed), doubled), tuple(self.notes)

    def _value(self, migration: Migration) -> object:
        if self.folder.tool.history == "flyway":
            return migration.kind is Kind.BASELINE, parse_version(migration.number)
        return int(migration.number)

    def _fixed(self, doubled: dict[object, list[Migration]]) -> set[str]:
        """Return the files that must keep their names: what the database applied, and one of each other group."""
        ids = self.applied.ids if self.applied else frozenset()
        fixed = {m.file for m in self.versioned if m.id in ids}
        for group in doubled.values():
            done = [m for m in group if m.id in ids]
            if not done:
                continue
            if not self.folder.tool.is_by_number:
                if len(done) == len(group):
                    names = " and ".join(_name_of(m) for m in group)
                    self.notes.append(f"{names} are left alone: the database has applied them under these names")
                continue
            keeper = self._keeper(group)
            fixed -= {m.file for m in group if m is not keeper}
        return fixed

    def _keeper(self, group: list[Migration]) -> Migration:
        """Return the one of a group whose number the database has applied."""
        named = [m for m in group if {_name_of(m), m.file} & self.keep]
        recorded = self.applied.hashes.get(group[0].id, "") if self.applied else ""
        matching = [m for m in group if recorded and recorded in m.hashes]
        for choice in (matching, named):
            if len(choice) == 1:
                return choice[0]
        names = " and ".join(_name_of(m) for m in group)
        raise RefusedError(
            f"the database has applied the number {group[0].number}, and nothing tells which file that was",
            cause=f"{names} share it, and {self.folder.tool.title} keeps no hash that fits one of them",
            state="nothing was renamed",
            hint=f"look what is in the database, then name the file that was applied: --keep {_name_of(group[0])}",
        )

    def _shift(self, fixed: frozenset[str], doubled: dict[object, list[Migration]]) -> dict[str, str]:
        """Give each the smallest number that is larger than the one before, so that the order stays.

        What stands before the last fixed one cannot grow past it: of such a group all but one go behind all others.
        """
        last = max((i for i, m in enumerate(self.versioned) if m.file in fixed), default=-1)
        early = [m for m in self.versioned[: last + 1] if self._must_leave(m, doubled, fixed)]
        moves: dict[str, str] = {}
        before = int(self.versioned[last].number) if last >= 0 else -1
        for migration in (*self.versioned[last + 1 :], *early):
            number = int(migration.number)
            new = number if number > before else before + 1
            if new != number:
                moves[migration.file] = self._rename(migration, str(new).zfill(len(migration.number)))
            before = new
        return moves

    def _must_leave(self, migration: Migration, doubled: dict[object, list[Migration]], fixed: frozenset[str]) -> bool:
        group = doubled.get(self._value(migration), [])
        staying = [m for m in group if m.file in fixed] or group[:1]
        return migration in group and migration not in staying

    def _append(self, doubled: dict[object, list[Migration]], fixed: set[str]) -> dict[str, str]:
        """Give all but one of each group a version behind all others."""
        moves: dict[str, str] = {}
        newest = max(parse_version(m.number) for m in self.versioned)
        for group in doubled.values():
            named = [m for m in group if _name_of(m) in self.keep]
            staying = [m for m in group if m.file in fixed] or named[:1] or group[:1]
            for migration in group:
                if migration not in staying:
                    version = (*newest[:-1], newest[-1] + len(moves) + 1)
                    moves[migration.file] = self._rename(migration, format_version(version))
        return moves

    @staticmethod
    def _rename(migration: Migration, number: str) -> str:
        return _name_of(migration).replace(migration.number, number, 1)


def _renames(folder: Folder, moves: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return all files to rename, the highest target first; numbers only grow, so each target is free by then."""
    root = Path(folder.path)
    pairs: list[tuple[str, str]] = []
    for migration in reversed(folder.migrations):
        new = moves.get(migration.file)
        if new is None:
            continue
        pairs += _pairs_of(root, migration, new, folder)
    taken = {before for before, _ in pairs}
    for _, after in pairs:
        if (root / after).exists() and after not in taken:
            raise RefusedError(f"the name {after} is taken", where=folder.path, state="nothing was renamed")
    return tuple(pairs)


def _pairs_of(root: Path, migration: Migration, new: str, folder: Folder) -> list[tuple[str, str]]:
    path = Path(migration.file)
    if path.name == "migration.sql":
        return [(path.parent.name, new)]
    before = str(path.relative_to(root))
    pairs = [(before, str(Path(before).with_name(new)))]
    stem, new_stem = re.sub(r"(\.up)?\.sql$", "", path.name), re.sub(r"(\.up)?\.sql$", "", new)
    for file in sorted(root.rglob("*.sql")):
        if is_way_back(file) and file != path and re.fullmatch(re.escape(stem) + r"([._-]\w+)?\.sql", file.name):
            back = str(file.relative_to(root))
            pairs.append((back, str(Path(back).with_name(new_stem + file.name[len(stem) :]))))
    last = [m.id for m in folder.migrations if m.snapshot == migration.snapshot][-1:]
    if folder.journal and last == [migration.id] and Path(migration.snapshot).is_file():
        pairs.append((f"meta/{Path(migration.snapshot).name}", f"meta/{number_of(new)}_snapshot.json"))
    return pairs


def _journal(folder: Folder, moves: dict[str, str]) -> str:
    """Return the journal with the new tags, and with ``idx`` in step with the numbers; nothing else is touched."""
    text = Path(folder.journal).read_text(encoding="utf-8-sig")
    document = json.loads(text)
    tags = {m.id: moves[m.file][: -len(".sql")] for m in folder.migrations if m.file in moves}
    is_behind = False
    for entry in document["entries"]:
        is_behind = is_behind or entry["tag"] in tags
        entry["tag"] = tags.get(entry["tag"], entry["tag"])
        number = number_of(entry["tag"])
        if is_behind and "idx" in entry and 0 < len(number) <= _INDEX_DIGITS:
            entry["idx"] = int(number)
    indent = re.search(r"\n([ \t]+)", text)
    ending = "\n" if text.endswith("\n") else ""
    return json.dumps(document, indent=indent[1] if indent else None, ensure_ascii=False) + ending
