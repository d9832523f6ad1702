"""``lockgate demo``: the whole loop on a throw-away ERP, with a report."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from lockgate.cli.face import Face, make_command
from lockgate.errors import ConfigError
from lockgate.model.target import Target, parse_target

_OWN_FILES = ("report.md", "report.html", "plan.json", "plan.md", "broken-plan.json", "broken-plan.md", "erp.db")
_OWN_FOLDERS = ("schema", "schema-next", "runs")


@make_command(
    "demo",
    "Run the whole loop on a throw-away ERP of 145 tables and leave a report.",
    is_target_configured=False,
    has_scratch=True,
)
@click.option("--out", metavar="FOLDER", default="demo-report", help="Where the report goes (default demo-report).")
@click.option("--keep", is_flag=True, help="Keep the SQLite database too, to look around in it.")
def command(face: Face, out: str, keep: bool) -> int:
    """Drift, plan, dry run, apply by stages, verify, a failure that rolls itself back, rollback, and the proof that no
    row was lost. Runs on an SQLite file of its own; with --url on an empty database of any engine, which then holds
    the older copy. Every claim is looked up in the database; exit code 3 when one does not hold."""
    face.talk.say("building the demonstration", level=1)
    from lockgate.cli.progress import Progress
    from lockgate.cli.read_options import scratch_options
    from lockgate.demo.loop import run_loop
    from lockgate.demo.story import Story
    from lockgate.engine import load_engine
    from lockgate.outside.redact import redact
    from lockgate.report.html import render_html
    from lockgate.report.markdown import render_markdown

    folder = _prepare(Path(out))
    given = face.settings.target
    target = given.target if given else _new_database(folder)
    tell = click.echo if face.output_format == "text" else face.talk.say
    story = Story(lambda text: tell(redact(text)))
    story.tell(f"Lockgate's demonstration. Report: {folder}")
    run_loop(
        load_engine(target.engine),
        target,
        folder,
        scratch_options(face),
        lambda: Progress(face.talk.quieter(), folder),
        story,
    )
    document = story.document("Lockgate's demonstration")
    (folder / "report.md").write_text(redact(render_markdown(document)), encoding="utf-8")
    (folder / "report.html").write_text(redact(render_html(document)), encoding="utf-8")
    if given is None and not keep:
        _remove_database(folder)
    if face.output_format == "json":
        claims = [{"claim": claim.text, "holds": claim.is_true} for claim in story.claims]
        face.show_json(
            {
                "format_version": 1,
                "status": "ok" if story.is_as_told else "failed",
                "duration_s": round(story.elapsed_s, 2),
                "report": str(folder / "report.html"),
                "claims": claims,
            }
        )
    else:
        held = sum(claim.is_true for claim in story.claims)
        face.show(
            f"\n{held} of {len(story.claims)} claims hold, in {story.elapsed_s:.1f} s.\n"
            f"Report: {folder / 'report.md'} and {folder / 'report.html'}"
        )
    return 0 if story.is_as_told else 3


def _prepare(folder: Path) -> Path:
    """Return an empty folder; one of an earlier demonstration is emptied, any other is left alone."""
    if folder.exists() and any(folder.iterdir()):
        names = {path.name for path in folder.iterdir()}
        if names - {*_OWN_FILES, *_OWN_FOLDERS, "erp.db-wal", "erp.db-shm", "erp.db-journal"}:
            raise ConfigError(
                f"the folder {folder} holds something else",
                where="--out",
                cause="it is not empty and not from an earlier demonstration",
                state="nothing was touched",
                hint="name an empty or new folder with --out",
            )
        for name in _OWN_FILES:
            (folder / name).unlink(missing_ok=True)
        _remove_database(folder)
        for name in _OWN_FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _new_database(folder: Path) -> Target:
    path = folder / "erp.db"
    path.touch()
    return parse_target(f"sqlite:///{path}")


def _remove_database(folder: Path) -> None:
    for path in folder.glob("erp.db*"):
        path.unlink()
