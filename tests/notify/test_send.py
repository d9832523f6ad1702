"""Messages: once for their key, tried again, recorded, signed, and never with a secret in sight."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lockgate.errors import ConfigError
from lockgate.notify.channels import Channel, open_channel
from lockgate.notify.ledger import SENDING, Ledger, Line
from lockgate.notify.message import Message
from lockgate.notify.schedule import plan_leads
from lockgate.notify.send import Sender
from lockgate.notify.settings import NotifySettings, WebhookSettings, parse_notify_settings
from lockgate.notify.templates import TEMPLATES, render_template
from lockgate.notify.webhook import is_genuine
from lockgate.outside.redact import redact
from tests.notify.receiver import Receiver, receiving

SECRET = "hook-secret-0123456789"
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(Ledger(tmp_path / "ledger.jsonl"), now=lambda: NOW, sleep=lambda seconds: None)


def _channel(receiver: Receiver, *, webhook: bool = True, team: bool = False) -> Channel:
    settings = NotifySettings(
        channels={"ops": (f"json://{receiver.hostport}/apprise-token-abcdef",)} if team else {},
        webhooks={"ops": WebhookSettings(f"{receiver.url}/hook", "${env:S}")} if webhook else {},
    )
    return open_channel(settings, "ops", lambda text, where: text.replace("${env:S}", SECRET))


MESSAGE = Message("run-1/phase:3", "Phase 3 ended", "All 4 tasks are done.", facts={"run": "run-1"})


def test_a_webhook_is_signed_so_that_a_receiver_can_refuse_what_is_forged_or_old(
    receiver: Receiver, sender: Sender
) -> None:
    assert sender.send(_channel(receiver), MESSAGE).is_delivered

    got = receiver.got[0]
    assert is_genuine(SECRET, got.headers, got.body, NOW)
    assert not is_genuine("other", got.headers, got.body, NOW)
    assert not is_genuine(SECRET, got.headers, got.body + b" ", NOW)
    assert not is_genuine(SECRET, got.headers, got.body, NOW + timedelta(minutes=6))
    assert not is_genuine(SECRET, {**got.headers, "Lockgate-Timestamp": "1"}, got.body, NOW)
    document = json.loads(got.body)
    assert (document["format_version"], document["key"], document["facts"]) == (1, MESSAGE.key, {"run": "run-1"})


def test_a_message_is_sent_once_for_its_key_in_every_later_process(receiver: Receiver, sender: Sender) -> None:
    channel = _channel(receiver, team=True)
    first = sender.send(channel, MESSAGE)
    again = Sender(Ledger(sender.ledger.path), now=lambda: NOW).send(channel, MESSAGE)

    assert (first.is_new, again.is_new, again.is_delivered) == (True, False, True)
    assert sorted(got.path for got in receiver.got) == ["/apprise-token-abcdef", "/hook"]


def test_after_a_crash_within_a_request_a_webhook_has_the_same_key_and_others_say_so(
    receiver: Receiver, sender: Sender
) -> None:
    channel = _channel(receiver, team=True)
    sender.send(channel, MESSAGE)
    for address in channel.addresses:
        sender.ledger.write(Line(at="", state=SENDING, key=MESSAGE.key, channel="ops", address=address.name))

    sender.send(channel, MESSAGE)

    hooks = [got for got in receiver.got if got.path == "/hook"]
    assert len({got.headers["Idempotency-Key"] for got in hooks}) == 1 and len(hooks) == 2
    assert hooks[0].body == hooks[1].body
    assert b"may have reached you before" in [got for got in receiver.got if got.path != "/hook"][1].body


def test_a_line_that_a_crash_cut_short_is_left_out(receiver: Receiver, sender: Sender) -> None:
    channel = _channel(receiver)
    sender.send(channel, MESSAGE)
    with open(sender.ledger.path, "ab") as file:
        file.write(b'{"at":"2026')

    assert not sender.send(channel, MESSAGE).is_new
    sender.send(channel, Message("other", "t", "x"))
    assert sender.ledger.last("other", "ops", channel.addresses[0].name) is not None


def test_what_is_busy_is_tried_again_and_what_is_refused_is_not(receiver: Receiver, sender: Sender) -> None:
    channel = _channel(receiver)
    receiver.answers = [503, 429]
    assert sender.send(channel, MESSAGE).attempts == 3
    receiver.answers = [401]
    refused = sender.send(channel, Message("b", "t", "x"))
    assert (refused.is_delivered, refused.attempts, refused.error) == (False, 1, "ops (webhook): it answered 401")
    assert sender.send(channel, Message("b", "t", "x")).is_delivered, "a message that failed is sent when asked again"
    receiver.answers = [409]
    assert sender.send(channel, Message("c", "t", "x")).is_delivered, "409 says that it is there already"


def test_a_channel_that_is_down_is_recorded_and_raises_nothing(sender: Sender) -> None:
    down = Receiver(url="http://127.0.0.1:9")
    done = sender.send(_channel(down, team=True), MESSAGE)

    assert not done.is_delivered and "connection refused" in done.error
    assert [line.state for line in sender.ledger.read()] == ["sending", "failed", "sending", "failed"]


def test_without_a_record_nothing_is_sent(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = Sender(Ledger(tmp_path / "file/ledger.jsonl")).send(_channel(receiver), MESSAGE)
    assert not done.is_delivered and "so nothing is sent" in done.error and not receiver.got


def test_addresses_and_secrets_are_masked_in_the_ledger_and_in_errors(receiver: Receiver, sender: Sender) -> None:
    channel = _channel(receiver, team=True)
    receiver.answers = [500] * 9
    done = sender.send(channel, Message("leak", "t", f"token {SECRET} and apprise-token-abcdef"))

    written = sender.ledger.path.read_text() + done.error + repr(channel)
    assert SECRET not in written and "apprise-token-abcdef" not in written
    assert all(SECRET.encode() not in got.body for got in receiver.got)
    assert "apprise-token-abcdef" not in redact("json://h/apprise-token-abcdef")


def test_a_comment_on_github_is_a_channel(receiver: Receiver, sender: Sender) -> None:
    url = f"github://acme/shop/12?token=ghp_0123456789&api={receiver.url}"
    channel = open_channel(NotifySettings(channels={"pr": (url,)}), "pr", lambda text, where: text)
    receiver.answers = [201]

    assert sender.send(channel, MESSAGE).is_delivered
    assert receiver.got[0].path == "/repos/acme/shop/issues/12/comments"
    assert receiver.got[0].headers["Authorization"] == "Bearer ghp_0123456789"


def test_who_has_acknowledged_is_known_by_name_once(sender: Sender) -> None:
    assert sender.ledger.acknowledge("rollback-understood", "Ada", NOW)
    assert not sender.ledger.acknowledge("rollback-understood", "Ada", NOW)
    assert sender.ledger.acknowledged("rollback-understood") == ("Ada",)
    assert sender.ledger.acknowledged("other") == ()


LEADS = (("24h", 86400), ("15m", 900))


@pytest.mark.parametrize(
    ("hours_before", "due"), [(30, []), (24, ["24h"]), (3, ["24h"]), (0.25, ["15m"]), (0.1, ["15m"]), (0, []), (-1, [])]
)
def test_of_several_notices_that_are_due_only_the_latest_is_sent(hours_before: float, due: list[str]) -> None:
    found = plan_leads(LEADS, NOW, NOW - timedelta(hours=hours_before))
    assert [item.lead for item in found] == ["24h", "15m"]
    assert [item.lead for item in found if item.is_due] == due


def test_a_template_leaves_out_lines_of_which_nothing_is_known() -> None:
    values = {"text": "Begins", "message": "", "title": "Orders", "target": "prod", "start": "", "impact": "none"}
    values |= {"link": "", "digest": "abc", "run": "", "contact": ""}
    text = render_template(TEMPLATES["before"], values)
    assert text == "Begins\nWhat: Orders\nTarget: prod\nExpected impact: none\nDigest: abc"
    assert render_template("{nobody} knows", {}) == "{nobody} knows"


def _fail(key: str, what: str, allowed: str) -> ConfigError:
    return ConfigError(f"{key} {what}", cause=allowed)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"chanels": {}}, "chanels is no key"),
        ({"channels": {"a": []}}, "channels.a has the wrong type"),
        ({"webhooks": {"a": {"url": "https://h"}}}, "webhooks.a is no webhook"),
        ({"webhooks": {"a": {"url": "https://h", "secret": "plain"}}}, "secret is written into the file"),
        ({"retries": 99}, "retries is 99"),
    ],
)
def test_mistakes_in_the_settings_are_named(table: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse_notify_settings(table, _fail, lambda text, where: 1)


def test_a_channel_that_nobody_configured_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match="there is no channel x") as raised:
        open_channel(NotifySettings(channels={"team": ("json://h",)}), "x", lambda text, where: text)
    assert raised.value.cause == "configured are: team"
