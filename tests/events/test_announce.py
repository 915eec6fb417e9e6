"""A run's events to webhooks and people: what is sent to whom, and how it is shown."""

import json

import pytest

from shared.events import alerts, announce, event, webhooks
from shared.events.event import Origin
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from tests.card_words import card_words
from tests.events.receiver import listening
from tests.test_problems import TOML

NEWS = event.packaged("shop", "b" * 64, 1, Origin("PackageFlow/3", "prod", "ada"))


def settings(events: str = "") -> Settings:
    return typed_settings(parse_settings(f"{TOML.format(name='shop')}\n[events]\n{events}"))


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (webhooks.ADDRESSES, alerts.VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(webhooks.SECRET, "secret")
    monkeypatch.setattr(webhooks, "PAUSE_SECONDS", 0.0)


def test_where_nobody_listens_nothing_is_sent_or_drawn() -> None:
    sent = announce.send(settings("notify = true"), NEWS)
    assert sent == []
    assert announce.components(sent) == []


def test_webhooks_of_settings_and_environment_get_every_event_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as one, listening() as two:
        monkeypatch.setenv(webhooks.ADDRESSES, f"{two.address}\n{one.address}/a")
        sent = announce.send(settings(f'webhooks = ["{one.address}/a"]'), NEWS)
    for receiver in (one, two):
        told = sorted(json.loads(body)["event"] for _, body in receiver.received)
        assert told == ["bundle.packaged", "bundle.waiting"]
    assert [line["error"] for line in sent] == [None] * 4
    assert announce.lines(sent)[0] == f"bundle.packaged to {one.address}/…: delivered"


def test_people_get_one_message_where_the_settings_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as chat:
        monkeypatch.setenv(alerts.VARIABLE, chat.address.replace("http", "json"))
        assert announce.send(settings(), NEWS) == []
        assert announce.send(settings("notify = true"), NEWS, people=False) == []
        (sent,) = announce.send(settings("notify = true"), NEWS)
    ((_, body),) = chat.received
    assert json.loads(body)["title"].startswith("shop: bundle bbbbbbbbbbbb was packaged")
    assert sent["error"] is None


def test_what_was_not_delivered_is_on_the_card() -> None:
    sent = announce.send(settings('webhooks = ["http://127.0.0.1:1/"]'), NEWS[:1])
    title, header, row = card_words(announce.components(sent))
    assert title == "## Events\n\n1 event not delivered: a run does not send again."
    assert header == "Event | To | Tries | State"
    assert row.startswith("bundle.packaged | http://127.0.0.1:1/… | 3 | ConnectError: ")
    assert card_words(announce.card([]))[0] == "# ○ Nobody is sent events"


@pytest.mark.parametrize(
    "address", ["https://ada:secret@ci.example.com/", "https://ci.example.com/?token=1", "ci"]
)
def test_an_address_with_a_secret_is_no_setting(address: str) -> None:
    with pytest.raises(ValueError, match="events.webhooks"):
        settings(f'webhooks = ["{address}"]')
