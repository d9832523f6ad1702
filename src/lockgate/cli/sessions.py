"""What the commands on work sessions share: the registry that is configured, and how sessions are shown."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lockgate.cli.face import Face
from lockgate.cli.people_settings import session_settings
from lockgate.coordinate.claims import expires_at, state_of
from lockgate.coordinate.sessions import Registry
from lockgate.errors import ConfigError
from lockgate.model.session import SessionState, WorkSession

FORMAT_VERSION = 1
_TBA = "TBA"


def open_registry(face: Face) -> Registry:
    """Return the registry that ``[session]`` names; without it the target's.

    Raises:
        ConfigError: Neither is there, so that nobody claims where others do not look.
    """
    settings = session_settings(face.settings)
    kind = settings.registry or ("target" if face.settings.target else "")
    if kind == "target":
        from lockgate.coordinate.registry_target import TargetRegistry

        return TargetRegistry(face.engine, face.target.target)
    if kind == "git":
        from lockgate.coordinate.registry_git import GitRegistry

        return GitRegistry(face.settings.folder, remote=settings.remote, ref=settings.ref)
    if kind == "folder":
        from lockgate.coordinate.registry_folder import FolderRegistry

        own = face.settings.state_dir / "sessions"
        return FolderRegistry(face.settings.folder / settings.folder if settings.folder else own)
    raise ConfigError(
        "no registry of sessions is configured",
        where="[session] registry",
        cause="neither a target nor [session] in lockgate.toml says where sessions are kept",
        state="nothing was claimed",
        hint='add --url …, or registry = "git" (or "folder", for one machine) under [session]',
    )


def docs_folder(face: Face) -> Path | None:
    """Return the folder of the Markdown export, None when there is none."""
    docs = session_settings(face.settings).docs
    return face.settings.folder / docs if docs else None


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


def new_hex() -> str:
    """Return six random hexadecimal digits."""
    return secrets.token_hex(3)


def session_plain(session: WorkSession, now: datetime) -> dict[str, Any]:
    """Return a session for JSON, with the state it is in now and when it expires."""
    plain: dict[str, Any] = msgspec.to_builtins(session)
    plain.pop("format_version")
    return {**plain, "state": state_of(session, now).value, "expires_at": expires_at(session)}


def show_session(face: Face, session: WorkSession, place: str, *, notes: Sequence[str] = ()) -> None:
    """Print one session, where it is kept, and what else should be known."""
    now = utc_now()
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": FORMAT_VERSION,
                "registry": place,
                "session": session_plain(session, now),
                "notes": list(notes),
            }
        )
        return
    face.show("\n".join([*session_lines(session, now), f"registered in  {place}", *notes]))


def session_lines(session: WorkSession, now: datetime) -> list[str]:
    """Return one session for people."""
    state = state_of(session, now)
    lines = [f"session {session.id}: {state.value}"]
    words = {
        "task": " - ".join(part for part in (session.task, session.title) if part),
        "holder": f"{session.holder} ({session.actor.kind})",
        "owner": session.owner or _TBA,
        "eta": session.eta or _TBA,
        "contact": session.contact or _TBA,
        "branch": session.branch,
        "run": session.run,
        "started": session.started_at,
        "expires": "" if state.is_over else f"{expires_at(session)}, last sign of life {session.beat_at}",
        "ended": session.ended_at,
        "reason": session.reason,
        "next": session.next,
        "claims": ", ".join(map(str, session.claims)) or "nothing",
    }
    lines += [f"{name:<13}  {value}" for name, value in words.items() if value]
    lines += [f"taken over     by {t.taken_by} from {t.taken_from} at {t.at}: {t.reason}" for t in session.takeovers]
    lines += [f"[{'x' if step.is_done else ' '}] {step.title}" for step in session.progress]
    return lines


def is_listed(session: WorkSession, now: datetime, *, is_all: bool) -> bool:
    """Tell whether a list shows a session."""
    return is_all or not state_of(session, now).is_over


def describe_expired(session: WorkSession) -> str:
    """Return the notice that claims were free because nobody gave a sign of life."""
    state = SessionState.EXPIRED.value
    return f"note: {session.id} of {session.owner or session.holder} is {state} since {expires_at(session)}"
