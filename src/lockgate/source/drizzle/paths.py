"""Find the file that an import means: relative paths, ``.js`` for ``.ts``, index files, ``paths`` of tsconfig.json."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx")
_WRITTEN = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
_MOST_UP = 12
_CONVENTIONS = {"$lib": ("src/lib",), "~": ("", "src", "app"), "@": ("", "src", "app"), "~~": ("",), "@@": ("",)}
"""SvelteKit's and Nuxt's own aliases → folders below the package."""


@dataclass(frozen=True)
class Aliases:
    """``compilerOptions.paths``: pattern → templates, absolute; ``base`` is ``baseUrl``."""

    paths: tuple[tuple[str, tuple[Path, ...]], ...] = ()
    base: Path | None = None


@dataclass(eq=False)
class Resolver:
    """Resolves import sources; remembers what it looked up."""

    _aliases: dict[Path, Aliases] = field(default_factory=dict)
    _packages: dict[Path, dict[str, Path]] = field(default_factory=dict)
    _found: dict[tuple[str, Path], Path | None] = field(default_factory=dict)

    def find(self, source: str, importer: Path) -> Path | None:
        """Return the file a source means in an importing file, or None for a package that is not in the project."""
        key = (source, importer)
        if key not in self._found:
            self._found[key] = self._find(source, importer)
        return self._found[key]

    def _find(self, source: str, importer: Path) -> Path | None:
        if source.startswith("."):
            return find_file(importer.parent / source)
        if source.startswith("/"):
            return find_file(Path(source))
        aliases = self._aliases_for(importer.parent)
        for pattern, targets in aliases.paths:
            rest = _match(pattern, source)
            if rest is None:
                continue
            for target in targets:
                found = find_file(Path(str(target).replace("*", rest, 1)))
                if found is not None:
                    return found
        if aliases.base is not None:
            found = find_file(aliases.base / source)
            if found is not None:
                return found
        if source.startswith("#"):
            return _find_private(source, importer)
        found = _find_by_convention(source, importer)
        if found is not None:
            return found
        return self._find_in_workspace(source, importer)

    def _aliases_for(self, folder: Path) -> Aliases:
        if folder not in self._aliases:
            config = next((folder / n for n in ("tsconfig.json", "jsconfig.json") if (folder / n).is_file()), None)
            if config is not None:
                self._aliases[folder] = read_aliases(config)
            else:
                self._aliases[folder] = Aliases() if folder.parent == folder else self._aliases_for(folder.parent)
        return self._aliases[folder]

    def _find_in_workspace(self, source: str, importer: Path) -> Path | None:
        """Look for a package of the same monorepo: by its name in a package.json beside the importer's ancestors."""
        parts = source.split("/")
        count = 2 if source.startswith("@") else 1
        name, rest = "/".join(parts[:count]), "/".join(parts[count:])
        for folder in list(importer.parents)[:_MOST_UP]:
            if not (folder / "package.json").is_file():
                continue
            package = self._packages_below(folder).get(name)
            if package is not None:
                return find_in_package(package, rest)
        return None

    def _packages_below(self, root: Path) -> dict[str, Path]:
        if root not in self._packages:
            found: dict[str, Path] = {}
            manifest = read_json(root / "package.json")
            if manifest.get("name"):
                found[str(manifest["name"])] = root
            is_workspace = "workspaces" in manifest or (root / "pnpm-workspace.yaml").is_file()
            if is_workspace:
                for pattern in ("*/package.json", "*/*/package.json"):
                    for file in sorted(root.glob(pattern)):
                        if "node_modules" not in file.parts:
                            found.setdefault(str(read_json(file).get("name", "")), file.parent)
            self._packages[root] = found
        return self._packages[root]


def find_file(path: Path) -> Path | None:
    """Return the file for a path as an import writes it: with or without suffix, or a folder's index."""
    for written, sources in _WRITTEN.items():
        if path.suffix == written:
            for suffix in sources:
                if path.with_suffix(suffix).is_file():
                    return path.with_suffix(suffix).resolve()
    if path.suffix in SUFFIXES and path.is_file():
        return path.resolve()
    for suffix in SUFFIXES:
        candidate = path.with_name(path.name + suffix)
        if candidate.is_file():
            return candidate.resolve()
    if path.is_dir():
        return next((f.resolve() for s in SUFFIXES if (f := path / f"index{s}").is_file()), None)
    return None


def _find_by_convention(source: str, importer: Path) -> Path | None:
    """Resolve the aliases of frameworks that write their tsconfig.json at each build, so that it may be missing."""
    head, _, rest = source.partition("/")
    places = _CONVENTIONS.get(head, ())
    root = next((folder for folder in importer.parents if (folder / "package.json").is_file()), None)
    if root is None or not places:
        return None
    found = {file for place in places if (file := find_file(root / place / rest)) is not None}
    return found.pop() if len(found) == 1 else None


def _find_private(source: str, importer: Path) -> Path | None:
    """Resolve ``#name`` through ``imports`` of the nearest package.json."""
    for folder in importer.parents:
        if (folder / "package.json").is_file():
            imports = read_json(folder / "package.json").get("imports")
            for pattern, value in imports.items() if isinstance(imports, dict) else ():
                rest = _match(str(pattern), source)
                targets = [leaf.replace("*", rest) for leaf in _leaves(value)] if rest is not None else []
                found = next((f for target in targets if (f := find_file(folder / target)) is not None), None)
                if found is not None:
                    return found
            return None
    return None


def find_in_package(package: Path, rest: str) -> Path | None:
    """Return the source file that a workspace package gives for a path below its name."""
    manifest = read_json(package / "package.json")
    exports = manifest.get("exports")
    key = f"./{rest}" if rest else "."
    for target in _targets(exports, key):
        found = find_file(package / target)
        if found is not None:
            return found
    entry = manifest.get("source") or manifest.get("types") or manifest.get("module") or manifest.get("main")
    candidates = [rest, f"src/{rest}"] if rest else [str(entry or "index"), "src/index", "src"]
    return next((found for c in candidates if (found := find_file(package / c)) is not None), None)


def _targets(exports: Any, key: str) -> list[str]:
    if isinstance(exports, str):
        return [exports] if key == "." else []
    if not isinstance(exports, dict):
        return []
    if not any(name.startswith(".") for name in exports):
        return _leaves(exports) if key == "." else []
    found = _leaves(exports.get(key))
    for pattern, value in exports.items():
        rest = _match(pattern, key) if "*" in pattern else None
        if rest is not None:
            found += [leaf.replace("*", rest) for leaf in _leaves(value)]
    return found


def _leaves(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [leaf for item in value.values() for leaf in _leaves(item)] if isinstance(value, dict) else []


def read_aliases(config: Path, depth: int = 0) -> Aliases:
    """Read ``paths`` and ``baseUrl`` of a tsconfig.json, through ``extends``; a broken file has none."""
    data = read_json(config)
    inherited = Aliases()
    extends = data.get("extends")
    for parent in [extends] if isinstance(extends, str) else extends if isinstance(extends, list) else []:
        if isinstance(parent, str) and parent.startswith(".") and depth < 8:
            file = config.parent / parent
            file = file if file.suffix == ".json" else file.with_name(file.name + ".json")
            inherited = read_aliases(file, depth + 1) if file.is_file() else inherited
    options = data.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    base_url, paths = options.get("baseUrl"), options.get("paths")
    base = (config.parent / base_url) if isinstance(base_url, str) else inherited.base
    if not isinstance(paths, dict):
        return Aliases(inherited.paths, base)
    root = base or config.parent
    items = (
        (str(k), tuple(root / t for t in v if isinstance(t, str))) for k, v in paths.items() if isinstance(v, list)
    )
    ordered = sorted(items, key=lambda item: -len(item[0].partition("*")[0]))
    return Aliases(tuple(ordered), base)


def _match(pattern: str, source: str) -> str | None:
    before, star, after = pattern.partition("*")
    if not star:
        return "" if source == pattern else None
    is_match = source.startswith(before) and source.endswith(after) and len(source) >= len(before) + len(after)
    return source[len(before) : len(source) - len(after)] if is_match else None


def read_json(path: Path) -> dict[str, Any]:
    """Read JSON with comments and trailing commas; anything else is an empty object."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        text = _COMMENT.sub(lambda m: m[1] or " ", text)
        data = json.loads(_LAST_COMMA.sub(lambda m: m[1] or "", text))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
