"""``lockgate notify plan``: tell people of a procedure before it starts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.cli.notice import Notice
    from lockgate.runbook.people_tools import PeopleTools


@make_command("plan", "Tell people of a procedure before it starts: T-24h, T-15min.")
@click.argument("runbook_file", metavar="RUNBOOK")
@click.option("--at", "at", required=True, metavar="TIME", help="When it starts (ISO 8601; without a zone UTC).")
@click.option("--link", default="", help="Where the plan can be read (else the file's path).")
@click.option("--impact", default="", help="What people will notice (else the risks of the runbook).")
@click.option("--channel", "channels", multiple=True, help="To whom (else the messages and contacts of the runbook).")
@click.option("--var", "chosen", multiple=True, metavar="NAME=VALUE", help="A value of the runbook, as for its run.")
@click.option("--brief", is_flag=True, help="Leave the plan itself out.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent and when, and send nothing.")
def command(
    face: Face,
    runbook_file: str,
    at: str,
    link: str,
    impact: str,
    channels: tuple[str, ...],
    chosen: tuple[str, ...],
    brief: bool,
    dry_run: bool,
) -> int:
    """What is due now is sent now; the rest is kept, and `lockgate notify send --due` sends it when its time comes: run
    that every few minutes by cron or a timer. Each notice says what, when, the expected impact, where the plan is, its
    digest and whom to ask, and then the plan itself; the digest is the one that is approved and locked."""
    from lockgate.cli.desk import read_lock_of
    from lockgate.cli.notice import keep_notices, moments_of, send_notices
    from lockgate.cli.people import delivery_line, delivery_plain, people_tools
    from lockgate.cli.sessions import utc_now
    from lockgate.runbook.render import render_runbook

    lock = read_lock_of(face, runbook_file, chosen)
    runbook, start = lock.runbook, _moment(at)
    tools = people_tools(face, runbook, digest=lock.digest, link=link or runbook_file)
    notices = _notices(tools, start, impact, channels, "" if brief else render_runbook(runbook))
    now = utc_now()
    deliveries = []
    if not dry_run:
        keep_notices(face.settings.state_dir, notices)
        deliveries = send_notices(tools, notices, now)
    plan = [(notice, due) for notice in notices for due in moments_of(notice, now)]
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "runbook": runbook.runbook,
                "digest": tools.digest,
                "start": start.isoformat(timespec="seconds"),
                "notices": [
                    {"channel": n.channel, "lead": d.lead, "at": d.at.isoformat(timespec="seconds"), "is_due": d.is_due}
                    for n, d in plan
                ],
                "deliveries": [delivery_plain(item) for item in deliveries],
            }
        )
    else:
        lines = [
            f"{d.at.isoformat(timespec='minutes')}  T-{d.lead:<5}  {n.channel}  {_word(d.is_due, d.at, now)}"
            for n, d in plan
        ]
        text = notices[0].text if notices else ""
        face.show("\n".join([*lines, "", text, "", *map(delivery_line, deliveries)]))
    return 0 if all(item.is_delivered for item in deliveries) else 3


def _word(is_due: bool, at: datetime, now: datetime) -> str:
    return "now" if is_due else "later" if at > now else "past"


def _notices(
    tools: PeopleTools, start: datetime, impact: str, channels: tuple[str, ...], rendered: str
) -> list[Notice]:
    from lockgate.cli.notice import Notice
    from lockgate.errors import ConfigError
    from lockgate.notify.templates import render_template, template_for

    runbook = tools.runbook
    assert runbook is not None
    planned = [m for m in runbook.messages if m.when == "before" and m.channel]
    items: list[tuple[str, str, tuple[str, ...], str]] = [(name, "", (), "") for name in channels]
    items = items or [(m.channel, m.text, m.lead, m.template) for m in planned]
    items = items or [(contact.notify, "", (), "") for contact in runbook.contacts if contact.notify]
    if not items:
        raise ConfigError(
            "nobody is named to be told",
            where=runbook.runbook,
            cause="the runbook has no message before, no contact with a channel, and --channel is not given",
            state="nothing was sent",
            hint="add --channel team",
        )
    key = f"plan/{runbook.runbook}/{tools.digest[:12]}/{start.strftime('%Y%m%dT%H%M')}"
    found = []
    for number, (channel, words, lead, template) in enumerate(items):
        values = {
            "text": runbook.summary.split("\n\n")[0],
            "message": words,
            "start": start.isoformat(timespec="minutes"),
        }
        if impact:
            values["impact"] = impact
        text = render_template(template_for(template or "before", tools.notify.templates), tools.values(values))
        text = f"{text}\n\n{rendered}".strip()
        title = f"Planned: {runbook.title or runbook.runbook}"
        own = f"{key}#{number}" if any(channel == other for other, *_ in items[:number]) else key
        found.append(
            Notice(own, channel, title, text, start.isoformat(timespec="seconds"), tuple(lead) or tools.notify.lead)
        )
    return found


def _moment(text: str) -> datetime:
    from lockgate.errors import ConfigError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{text!r} is no time",
            where="--at",
            cause="allowed is ISO 8601, for example 2026-03-04T09:00+01:00",
            state="nothing was sent",
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
