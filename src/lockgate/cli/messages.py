"""Messages that commands other than ``notify`` send."""

from __future__ import annotations

from lockgate.cli.face import Face
from lockgate.cli.people_settings import session_settings
from lockgate.model.session import WorkSession


def tell_of_takeover(face: Face, session: WorkSession) -> str:
    """Tell the channel of ``[session]``; return in words whether it was told."""
    channel = session_settings(face.settings).notify
    if not channel:
        return "nobody was told: [session] notify names no channel"
    return f"nobody was told: {channel} is not sent to yet"
