"""Webhooks to a real receiver, whose signature the specification's own library checks."""

import base64
import json
import socket
import time
from collections.abc import Iterator

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from shared.events import webhooks
from shared.events.event import Event
from tests.events.receiver import Receiver, listening

KEY = f"whsec_{base64.b64encode(b'of twenty-four bytes or so').decode()}"
EVENT = Event(
    "msg_1",
    "bundle.approved",
    "flights",
    "prod",
    "ReviewFlow/7",
    "b" * 64,
    "2026-11-28T03:00:00+00:00",
    "Ada",
    "it is better — é",
)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(webhooks, "PAUSE_SECONDS", 0.0)
    monkeypatch.setenv(webhooks.SECRET, KEY)
    with listening() as stands:
        yield stands


def test_an_event_arrives_signed_as_the_specification_has_it(receiver: Receiver) -> None:
    sent = webhooks.send(EVENT, f"{receiver.address}/secret-path?token=secret")
    assert (sent.tries, sent.error) == (1, None)
    assert sent.shown == f"{receiver.address}/…"
    ((headers, body),) = receiver.received
    assert Webhook(KEY).verify(body, headers) == EVENT.plain()
    assert headers["webhook-id"] == "msg_1"
    assert headers["content-type"] == "application/json"
    changed = body.replace(b"approved", b"rejected")
    with pytest.raises(WebhookVerificationError):
        Webhook(KEY).verify(changed, headers)


def test_while_a_secret_is_replaced_either_verifies(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"whsec_{base64.b64encode(b'another, which is the newer one').decode()}"
    monkeypatch.setenv(webhooks.SECRET, f"{other} {KEY}")
    webhooks.send(EVENT, receiver.address)
    ((headers, body),) = receiver.received
    for key in (KEY, other):
        assert Webhook(key).verify(body, headers)


def test_a_secret_may_be_any_text(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(webhooks.SECRET, "plain-text")
    webhooks.send(EVENT, receiver.address)
    ((headers, body),) = receiver.received
    assert Webhook(base64.b64encode(b"plain-text").decode()).verify(body, headers)


def test_what_fails_for_a_while_is_tried_again_under_the_same_id(receiver: Receiver) -> None:
    receiver.statuses = [503, 429]
    sent = webhooks.send(EVENT, receiver.address)
    assert (sent.tries, sent.error) == (3, None)
    assert {headers["webhook-id"] for headers, _ in receiver.received} == {"msg_1"}


@pytest.mark.parametrize(("status", "tries"), [(500, 3), (404, 1), (410, 1), (302, 1)])
def test_what_is_refused_is_given_up_and_said(receiver: Receiver, status: int, tries: int) -> None:
    receiver.statuses = [status] * 3
    sent = webhooks.send(EVENT, receiver.address)
    assert (sent.tries, sent.error) == (tries, f"it answered {status}")
    assert len(receiver.received) == tries


@pytest.mark.parametrize(
    ("address", "tries", "said"),
    [
        ("http://127.0.0.1:1/secret", 3, "ConnectError"),
        ("ftp://example.com/secret", 3, "UnsupportedProtocol"),
        ("http://host:port/secret", 1, "InvalidURL"),
        ("nonsense", 3, "UnsupportedProtocol"),
    ],
)
def test_an_address_that_is_wrong_raises_nothing_and_stays_secret(
    receiver: Receiver, address: str, tries: int, said: str
) -> None:
    sent = webhooks.send(EVENT, address)
    assert said in str(sent.error)
    assert sent.tries == tries
    assert "secret" not in json.dumps(sent.plain())


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "MILLRACE_EVENTS_SECRET is not set, and nothing is sent unsigned"),
        ("whsec_no base64!", "MILLRACE_EVENTS_SECRET is not base64 after whsec_"),
    ],
)
def test_nothing_is_sent_unsigned(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, secret: str, said: str
) -> None:
    monkeypatch.setenv(webhooks.SECRET, secret)
    sent = webhooks.send(EVENT, receiver.address)
    assert (sent.tries, sent.error) == (0, said)
    assert receiver.received == []


def test_receivers_do_not_wait_for_each_other_and_nobody_waits_long(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_SECONDS", 0.5)
    with socket.socket() as silent:
        # It takes connections, and answers none.
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        dumb = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        sent = webhooks.send_all([EVENT], [dumb, receiver.address, receiver.address])
        assert time.monotonic() - began < 3
    assert [one.error for one in sent] == ["no answer in 0.5 s", None]
    assert len(receiver.received) == 1
