"""Parse TypeScript and JavaScript files with tree-sitter, and read literals from the tree."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from lockgate.errors import ConfigError, SourceError
from lockgate.source.drizzle.scope import Module

MOST_BYTES = 20_000_000
_MOST_TYPE = 2000
_TAG = re.compile(rb"\bsql\s*<")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_ESCAPE = re.compile(r"\\(u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r\n|.)", re.DOTALL)


@functools.cache
def _parser(is_tsx: bool) -> Any:
    try:
        import tree_sitter
        import tree_sitter_typescript
    except ImportError:
        raise ConfigError(
            "Drizzle schemas cannot be read",
            cause="the libraries that parse TypeScript are not installed",
            state="nothing was touched",
            hint="run pip install 'lockgate[drizzle]'",
        ) from None
    grammar = tree_sitter_typescript.language_tsx() if is_tsx else tree_sitter_typescript.language_typescript()
    return tree_sitter.Parser(tree_sitter.Language(grammar))


def parse_file(path: Path, shown: str) -> Module:
    """Parse one file; ``first_error`` is the line of the first thing the grammar does not know, else 0.

    Raises:
        SourceError: It cannot be read, is not UTF-8 text, or is larger than any schema.
        ConfigError: The parser is not installed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError("the file cannot be read", file=shown, cause=error.strerror or str(error)) from None
    if len(data) > MOST_BYTES:
        raise SourceError("the file is too large for a schema", file=shown, cause=f"{len(data):,} bytes")
    if data.startswith(b"\xef\xbb\xbf"):
        data = b"   " + data[3:]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError("the file is not UTF-8 text", file=shown, cause=error.reason) from None
    if b"\0" in data:
        raise SourceError("the file is not text", file=shown, cause="it holds bytes of value 0")
    data = blank_tag_types(data)
    root = _parser(path.suffix in (".tsx", ".jsx")).parse(data).root_node
    module = Module(path, shown, data, root)
    if root.has_error:
        module.first_error = _first_error(root)
    return module


def blank_tag_types(data: bytes) -> bytes:
    """Put spaces where a ``sql<type>`…` `` has its type: the grammar takes it for two comparisons. Places stay."""
    blanked = bytearray(data)
    for match in _TAG.finditer(data):
        start, end = match.end() - 1, _end_of_types(data, match.end())
        if end and data[end : end + _MOST_TYPE].lstrip()[:1] == b"`":
            blanked[start:end] = bytes(c if c in b"\r\n" else 32 for c in data[start:end])
    return bytes(blanked)


def _end_of_types(data: bytes, start: int) -> int:
    """Return where a list of type arguments ends, from behind its first bracket; 0 when it is none."""
    depth = 1
    for at in range(start, min(len(data), start + _MOST_TYPE)):
        letter = data[at]
        if letter == 0x60:
            return 0
        if letter == 0x3C:
            depth += 1
        elif letter == 0x3E and data[at - 1] != 0x3D:
            depth -= 1
            if depth == 0:
                return at + 1
    return 0


def cook(text: str) -> str:
    """Replace the escapes of a string or template literal."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_unescape, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(match: re.Match[str]) -> str:
    code = match[2] or match[3] or match[4]
    if code:
        point = int(code, 16)
        return chr(point) if point < 0x110000 else "\ufffd"
    return _ESCAPES.get(match[1], match[1])


def _first_error(node: Any) -> int:
    """Return the line of the deepest first error node; iterative, for a broken file nests without end."""
    line = node.start_point[0] + 1
    while True:
        broken = next((c for c in node.children if c.has_error or c.is_missing or c.type == "ERROR"), None)
        if broken is None:
            return int(line)
        line = broken.start_point[0] + 1
        if broken.type == "ERROR" or broken.is_missing:
            return int(line)
        node = broken
