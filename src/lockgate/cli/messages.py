"""Messages that commands other than ``notify`` send."""

from __future__ import annotations

from lockgate.cli.face import Face
from lockgate.cli.people import delivery_line, people_tools
from lockgate.model.session import WorkSession
from lockgate.notify.message import Message, Severity
from lockgate.notify.templates import render_template, template_for
from lockgate.runbook.people import deliver


def tell_of_takeover(face: Face, session: WorkSession) -> str:
    """Tell the channel of ``[session]``; return in words whether it was told."""
    tools = people_tools(face)
    if not tools.session.notify:
        return "nobody was told: [session] notify names no channel"
    last = session.takeovers[-1]
    text = f"{last.taken_by} took the work session {session.id} over from {last.taken_from}: {last.reason}"
    values = tools.values({"text": text})
    message = Message(
        key=f"takeover/{session.id}/{len(session.takeovers)}",
        title=f"Work session {session.id} was taken over",
        text=render_template(template_for("takeover", tools.notify.templates), values),
        severity=Severity.WARNING,
    )
    return delivery_line(deliver(tools, tools.session.notify, message))
