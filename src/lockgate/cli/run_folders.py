"""Find the folder of a run of a runbook by what people call it."""

from __future__ import annotations

from pathlib import Path

from lockgate.cli.face import Face
from lockgate.errors import ConfigError

_JOURNAL = "journal.jsonl"


def run_folders(face: Face) -> tuple[Path, ...]:
    """Return the folders of all runs, the newest last."""
    found = [path.parent for path in (face.settings.state_dir / "procedures").glob(f"*/{_JOURNAL}")]
    return tuple(sorted(found, key=lambda folder: (folder.name[:8], (folder / _JOURNAL).stat().st_mtime_ns)))


def find_run(face: Face, wanted: str) -> Path:
    """Return a run's folder by its id, an end or beginning of it that only one has, ``latest``, or the folder itself.

    Raises:
        ConfigError: None or several are meant.
    """
    if (Path(wanted) / _JOURNAL).is_file():
        return Path(wanted)
    folders = run_folders(face)
    exact = [folder for folder in folders if folder.name == wanted]
    found = exact or [f for f in folders if f.name.startswith(wanted) or f.name.endswith(wanted)]
    if wanted == "latest":
        found = list(folders[-1:])
    if len(found) == 1:
        return found[0]
    newest = f"the newest is {folders[-1].name}" if folders else "no run is kept here"
    raise ConfigError(
        f"{wanted} is {'no run' if not found else 'more than one run'} of a runbook",
        where=str(face.settings.state_dir / "procedures"),
        cause=", ".join(folder.name for folder in found[:5]) or newest,
        state="nothing was touched",
        hint="name it by its id, or latest",
    )
