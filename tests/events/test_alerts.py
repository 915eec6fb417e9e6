"""Alerts to a real SMTP and a real HTTP receiver; what is not delivered waits, and is shown."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler

from shared.events import alerts
from shared.events.alerts import VARIABLE, Message

NEWS = Message("[act] flights: temp looks like Celsius (opened)", "- act, opened: temp\nNext: ask")


class Mails(MailHandler):
    def __init__(self) -> None:
        super().__init__()
        self.received: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.received.append(message)


class Hook(BaseHTTPRequestHandler):
    status = 200
    received: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.status == 200:
            self.received.append(json.loads(body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the Apprise address of an HTTP receiver that stands."""
    monkeypatch.setattr(alerts, "PAUSE_SECONDS", 0.0)
    Hook.status, Hook.received = 200, []
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://me:secret@127.0.0.1:{server.server_port}/alerts"
    server.shutdown()
    server.server_close()


def test_a_mail_and_a_web_hook_arrive(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mails = Mails()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    post = Controller(mails, hostname="127.0.0.1", port=port)
    post.start()
    mail = f"mailto://127.0.0.1:{port}/?from=millrace@example.com&to=ada@example.com&mode=insecure"
    monkeypatch.setenv(VARIABLE, f"{mail}\n{hook}")
    sent = alerts.deliver(alerts.pending(NEWS, "MonitorFlow/7", []))
    post.stop()
    assert [alert.error for alert in sent] == [None, None]
    assert [message["subject"] for message in mails.received] == [NEWS.title]
    assert [(got["title"], got["message"]) for got in Hook.received] == [(NEWS.title, NEWS.body)]


def test_what_fails_is_tried_again_shown_without_its_secret_and_arrives_once(
    hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, hook)
    Hook.status = 503
    (failed,) = alerts.deliver(alerts.pending(NEWS, "MonitorFlow/7", []))
    assert failed.tries == alerts.TRIES
    assert "503" in str(failed.error)
    assert "secret" not in repr(failed)

    Hook.status = 200
    later = alerts.deliver(alerts.pending(None, "MonitorFlow/8", [failed]))
    assert [(alert.run, alert.error) for alert in later] == [("MonitorFlow/7", None)]
    assert len(Hook.received) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense://token-of-mine", "Apprise does not support such an address"),
        ("json://127.0.0.1:1/", "A Connection error occurred"),
    ],
)
def test_an_address_that_is_wrong_is_told_and_raises_nothing(
    monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setattr(alerts, "PAUSE_SECONDS", 0.0)
    monkeypatch.setenv(VARIABLE, address)
    (failed,) = alerts.deliver(alerts.pending(NEWS, "MonitorFlow/7", []))
    assert said in str(failed.error)
    assert "token-of-mine" not in repr(failed)


def test_an_address_that_is_gone_keeps_its_alerts(
    hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, hook)
    waiting = alerts.pending(NEWS, "MonitorFlow/7", [])
    monkeypatch.delenv(VARIABLE)
    (kept,) = alerts.deliver(waiting)
    assert kept.error == f"{VARIABLE} no longer has its address"
