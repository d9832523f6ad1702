"""The words of messages: ``{name}`` is replaced where it is known; a line all of whose names are empty is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"\{(\w+)\}")

TEMPLATES = {
    "before": (
        "{text}\n{message}\nWhat: {title}\nTarget: {target}\nWhen: {start}\nExpected impact: {impact}\n"
        "Plan: {link}\nDigest: {digest}\nRun: {run}\nContact: {contact}"
    ),
    "during": "{text}\n{message}\nDuration: {duration}\nRun: {run}\nTarget: {target}",
    "after": (
        "{text}\n{message}\nDuration: {duration}\nDeviations: {deviations}\nReport: {report}\nRun: {run}\n"
        "Target: {target}\nContact: {contact}"
    ),
    "breach": "{text}\n{message}\nRun: {run}\nTarget: {target}\nContact: {contact}",
    "takeover": "{text}",
    "test": "{text}",
}


def render_template(template: str, values: Mapping[str, str]) -> str:
    """Fill a template; a name nobody knows stays as it is written, so that it is seen."""
    lines = []
    for line in template.split("\n"):
        names = _NAME.findall(line)
        known = [name for name in names if name in values]
        if known and len(known) == len(names) and not any(values[name] for name in known):
            continue
        lines.append(_NAME.sub(lambda match: values.get(match[1], match[0]), line))
    return "\n".join(lines).strip()


def template_for(name: str, own: Mapping[str, str]) -> str:
    """Return a template by name, the team's own before ours; what is no name is a template itself."""
    return own.get(name) or TEMPLATES.get(name) or name
