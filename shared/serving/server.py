"""The server as a process: its socket, the bundle that it serves now, and its minutes."""

import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import Receive, Scope, Send

from shared.data.prediction_log import LogUnavailable, PredictionLog
from shared.errors import Refusal
from shared.packaging.bundle import Bundle
from shared.serving import app
from shared.serving.minutes import Minutes, counted

# How often the champion is asked for, and how often minutes that are over are stored.
POLL_SECONDS = 1.0
SWITCH_SECONDS = 0.0005

Champion = Callable[[], Bundle | None]


class Switch:
    """An ASGI application that hands each request to the bundle that is served at that moment."""

    def __init__(self, bundle: Bundle, minutes: Minutes) -> None:
        self._minutes = minutes
        self.serve(bundle)

    def serve(self, bundle: Bundle) -> None:
        """Serve a bundle from the next request on."""
        log = PredictionLog(bundle.manifest.name, bundle.contract)
        self._app = counted(app.create(bundle, log, self._minutes), self._minutes)
        self.bundle, self.log = bundle, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def run(bundle: Bundle, host: str, port: int, champion: Champion | None = None) -> None:
    """Serve a bundle until a signal comes; with `champion`, whichever that returns from then on.

    Prints one line as soon as connections are taken. Raises `Refusal` when the address is taken or
    the log cannot be used.
    """
    listening = _listen(host, port)
    minutes = Minutes()
    try:
        switch = Switch(bundle, minutes)
    except LogUnavailable as error:
        raise Refusal(f"the prediction log cannot be used: {error}") from None
    stop = threading.Event()
    chores = threading.Thread(target=_chores, args=(switch, minutes, champion, stop), daemon=True)
    chores.start()
    shown = f"[{host}]" if ":" in host else host
    print(
        f"serving {bundle.manifest.name}, bundle {bundle.digest[:12]}, "
        f"at http://{shown}:{listening.getsockname()[1]} (log: {switch.log.address})",
        flush=True,
    )
    # Uvicorn drains, then raises the signal again: what is still to be done is done after it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopped)
    # The thread that writes into the log gets its turn soon, however busy the requests' one is.
    sys.setswitchinterval(SWITCH_SECONDS)
    # What is there from the start stays: to look through it again and again takes a tenth of a
    # second each time, in which nothing is answered.
    gc.collect()
    gc.freeze()
    server = uvicorn.Server(
        uvicorn.Config(
            switch, lifespan="off", log_level="warning", proxy_headers=False, server_header=False
        )
    )
    try:
        server.run(sockets=[listening])
    finally:
        stop.set()
        chores.join()
        minutes.store(switch.log, last=True)


def _chores(
    switch: Switch, minutes: Minutes, champion: Champion | None, stop: threading.Event
) -> None:
    while not stop.wait(POLL_SECONDS):
        minutes.store(switch.log)
        switch.log.tidy()
        if champion:
            _follow(switch, champion)


def _follow(switch: Switch, champion: Champion) -> None:
    # Whatever is wrong with a new champion or with the run history, the present one goes on.
    try:
        found = champion()
        if found and found.digest != switch.bundle.digest:
            switch.serve(found)
            print(f"now serving bundle {found.digest[:12]}", flush=True)
    except Exception as error:
        print(f"still serving {switch.bundle.digest[:12]}: {error}", file=sys.stderr, flush=True)


def _stopped(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that asyncio sends answers at once instead of waiting to fill a packet.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Refusal(
            f"cannot listen at {host}:{port}: {error.strerror or error}; "
            "give another --port (0 takes a free one) or --host"
        ) from None
    listening.listen()
    return listening
