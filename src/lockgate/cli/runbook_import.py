"""``lockgate runbook import``: a plan in Markdown as a runbook in YAML; the plan itself is never changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.runbook.read import ReadRunbook


@make_command("import", "Read a plan in Markdown as a runbook in YAML.", is_target_configured=False)
@click.argument("plan_file", metavar="PLAN.MD")
@click.option("-o", "--output", metavar="FILE", help="Write the runbook here instead of to standard output.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def command(face: Face, plan_file: str, output: str | None, force: bool) -> int:
    """Prose is proposed, never run: it becomes a check or an action to confirm, or something a named person attests.
    What was mended, bound by guess, kept as words or left unread is listed with its line."""
    from lockgate.runbook.markdown import read_markdown
    from lockgate.runbook.write import dump_runbook

    read = read_markdown(Path(plan_file))
    text = dump_runbook(read.runbook)
    if output:
        _refuse_same(Path(plan_file), Path(output))
        write_new(Path(output), text, is_replaced=force)
    if face.output_format == "json":
        face.show_json(_document(read, plan_file, output or "", text))
    elif output:
        face.show("\n".join([f"wrote {output}", *told(read), f"next: lockgate runbook lint {output}"]))
    else:
        face.show(text)
        for line in told(read):
            face.talk.say(line)
    return 0


def told(read: ReadRunbook) -> list[str]:
    """Return what people should know of a reading: counts, mended lines, and each note with its line."""
    from lockgate.model.runbook import counts_of

    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts_of(read.runbook).items() if count)
    lines = [counts]
    if read.repaired:
        lines.append(f"damaged characters mended in {len(read.repaired)} lines: {_ranges(read.repaired)}")
    return [*lines, *(f"line {line}: {text}" for line, text in read.notes)]


def write_new(path: Path, text: str, *, is_replaced: bool) -> None:
    """Write a file that is not there yet, or replace one.

    Raises:
        InputError: It is there and is not to be replaced, or it cannot be written.
    """
    from lockgate.errors import InputError

    try:
        with path.open("w" if is_replaced else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(
            f"{path} is there already", where=str(path), state="nothing was written", hint="add --force to replace it"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be written",
            where=str(path),
            cause=error.strerror or str(error),
            state="nothing was written",
        ) from None


def _refuse_same(plan: Path, output: Path) -> None:
    from lockgate.errors import InputError

    if output.exists() and plan.exists() and output.samefile(plan):
        raise InputError(
            "the plan would be overwritten by the runbook",
            where=str(output),
            cause="importing never changes the plan",
            state="nothing was written",
            hint="name another file after -o",
        )


def _document(read: ReadRunbook, plan_file: str, output: str, text: str) -> dict[str, Any]:
    from lockgate.model.runbook import counts_of

    return {
        "format_version": 1,
        "source": plan_file,
        "output": output,
        "counts": counts_of(read.runbook),
        "repaired": {"count": len(read.repaired), "lines": list(read.repaired)},
        "notes": [{"line": line, "message": message} for line, message in read.notes],
        **({} if output else {"runbook": text}),
    }


def _ranges(numbers: tuple[int, ...]) -> str:
    """Write line numbers, neighbours as a range."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
