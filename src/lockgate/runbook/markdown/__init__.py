"""Execution plans written in Markdown: read, with damaged characters mended and every line accounted for."""

from __future__ import annotations

from lockgate.runbook.markdown.plan import MarkdownPlan
from lockgate.runbook.markdown.read import parse_markdown, read_markdown
from lockgate.runbook.markdown.repair import Repaired, decode_text, repair_text
from lockgate.runbook.markdown.tick import tick

__all__ = ["MarkdownPlan", "Repaired", "decode_text", "parse_markdown", "read_markdown", "repair_text", "tick"]
