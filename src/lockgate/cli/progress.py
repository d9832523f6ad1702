"""Show what a run does while it does it, and keep its events as JSON lines; never stops a run."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TextIO

from lockgate.cli.talk import Talk
from lockgate.model import codec
from lockgate.model.run import Event, EventType
from lockgate.outside.redact import redact

_LEVELS = {
    EventType.STATEMENT_STARTED: 2,
    EventType.STATEMENT_FINISHED: 2,
    EventType.STATEMENT_INTENT: 3,
    EventType.STATEMENT_DONE: 3,
    EventType.COMMITTING: 3,
    EventType.STEP_DONE: 1,
    EventType.STEP_UNDONE: 1,
    EventType.RUN_DONE: 3,
}
_WORDS = {
    EventType.WAITING: "waiting",
    EventType.FAILED: "failed",
    EventType.STEP_FAILED: "failed",
    EventType.INTERRUPTED: "stopping",
    EventType.RUN_STARTED: "run",
    EventType.CHECKPOINT_TAKEN: "checkpoint",
    EventType.BACKUP_TAKEN: "backup",
}


# Before this, speed so far says nothing about the time left.
_SHORT_S = 2.0


class Progress:
    """An observer: tells events on stderr and appends them to ``<state>/runs/<run>/events.jsonl``.

    Args:
        steps: How many steps there are and the estimate of each in seconds, in order; for the time left.
    """

    def __init__(self, talk: Talk, state_dir: Path | None, estimates_s: tuple[float, ...] = ()) -> None:
        self._talk = talk
        self._state_dir = state_dir
        self._estimates_s = estimates_s
        self._file: TextIO | None = None
        self._done = 0
        self._began = 0.0
        self.folder: Path | None = None
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        """Take one event. A disk that is full costs the evidence file, not the run."""
        self.events.append(event)
        try:
            self._write(event)
        except OSError as error:
            if self._state_dir is not None:
                self._talk.say(f"note: events are not kept on disk any more: {error.strerror}")
            self._state_dir = None
        self._tell(event)

    def _write(self, event: Event) -> None:
        if self._state_dir is None or not event.run:
            return
        if self._file is None:
            self.folder = self._state_dir / "runs" / event.run
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = (self.folder / "events.jsonl").open("a", encoding="utf-8", buffering=1)
        self._file.write(redact(codec.encode(event).decode()) + "\n")

    def _tell(self, event: Event) -> None:
        text = event.message or event.sql
        if event.type is EventType.STEP_STARTED:
            self._done += 1
            self._began = self._began or time.monotonic()
            self._talk.say(f"{self._position()}{event.step_id} {text}".rstrip())
            return
        word = _WORDS.get(event.type)
        wait = f" {event.wait_s:.1f} s" if event.type is EventType.WAITING and event.wait_s else ""
        line = f"{word}{wait}: {text}" if word and not text.startswith(word) else text
        if line:
            self._talk.say(line, level=_LEVELS.get(event.type, 0))

    def _position(self) -> str:
        """Return ``[ 3/42, about 5 s left] ``; the time left is scaled by how long the steps so far really took."""
        total = len(self._estimates_s)
        if not total or self._done > total:
            return ""
        planned = sum(self._estimates_s) or 1.0
        before = sum(self._estimates_s[: self._done - 1])
        width = len(str(total))
        if before / planned < 0.01:
            return f"[{self._done:{width}}/{total}] "
        elapsed = time.monotonic() - self._began
        if elapsed < _SHORT_S:
            return f"[{self._done:{width}}/{total}] "
        left = (planned - before) * elapsed / before
        return f"[{self._done:{width}}/{total}, about {left:.0f} s left] "

    def close(self) -> None:
        """Close the file of events."""
        if self._file is not None:
            self._file.close()
            self._file = None
