"""The server as a process: its socket, its chores beside the requests, and its end."""

import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from shared.errors import Refusal
from shared.log.database import LogUnavailable
from shared.model.bundle import Bundle
from shared.serving import memory
from shared.serving.connection import Connection
from shared.serving.deployment import Deployment, FindBundle, ServingOptions
from shared.serving.direct import DirectAnswers
from shared.serving.observability.spans import Spans
from shared.serving.observability.telemetry import Telemetry
from shared.serving.request_rows import rows
from shared.serving.security import headers
from shared.serving.security.connections import Lobby
from shared.serving.security.guard import guarded

# How often what waits is brought into the log, and how often the champion is asked for.
CHORES_SECONDS = 1.0
FOLLOW_SECONDS = 5.0
# How often what SQLite wrote ahead is taken into its file: little at a time, as the disk is then
# kept from commits for a moment only.
AHEAD_SECONDS = 0.2
# How old what is told of the rows that wait may be.
LOOK_SECONDS = 1.0
# Who writes lets Python's lock go for each call of the database, and has to have it back each time.
SWITCH_SECONDS = 0.00005
# What a batch allocates is gone after it: who looks for what refers to itself every few hundred
# objects, as Python does, looks through live requests again and again.
YOUNG_OBJECTS = 20_000
BACKLOG = 2_048


def run(
    bundle: Bundle,
    listening: socket.socket,
    options: ServingOptions,
    champion: FindBundle | None = None,
    started: Callable[[Deployment], None] = lambda _: None,
) -> None:
    """Serve a bundle until a signal comes; with `champion`, whichever that returns from then on.

    Calls `started` when requests are about to be taken. Raises `Refusal` when the bundle cannot be
    served, or the log not be used.
    """
    memory.keep_large_blocks_apart()
    telemetry = Telemetry(options.access_log, spans_of(bundle, options))
    try:
        deployment = Deployment(bundle, options, telemetry)
    except LogUnavailable as error:
        raise Refusal(f"the prediction log cannot be used: {error}") from None
    stop = threading.Event()
    chores = (_tidy, _take_in, _measure)
    threads = [threading.Thread(target=chore, args=(deployment, stop)) for chore in chores]
    if champion:
        threads.append(threading.Thread(target=_follow, args=(deployment, champion, stop)))
    for thread in threads:
        thread.daemon = True
        thread.start()
    _make_way()
    started(deployment)
    try:
        app = telemetry.measured(guarded(deployment, options.guard))
        direct = DirectAnswers(deployment, options.guard)
        _answer(app, listening, Lobby(options.guard.connections), direct)
    finally:
        stop.set()
        for thread in threads:
            thread.join(FOLLOW_SECONDS)
        deployment.now.log_writer.drain_spool()
        telemetry.minutes.store(deployment.now.log_writer.log, last=True)
        deployment.now.close()
        telemetry.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections; raises `Refusal` when the address is taken."""
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
    listening.listen(BACKLOG)
    return listening


def url(listening: socket.socket) -> str:
    """Return the address at which a socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def spans_of(bundle: Bundle, options: ServingOptions) -> Spans | None:
    """Return what records requests and batches; None where no address is named for spans."""
    address = rows.row_limits(bundle).otlp if options.otlp is None else options.otlp
    if address and not address.startswith(("http://", "https://")):
        raise Refusal(f"--otlp {address}: give an address such as http://localhost:4318")
    return Spans(address, bundle.manifest.name) if address else None


def _answer(app: ASGIApp, listening: socket.socket, lobby: Lobby, direct: DirectAnswers) -> None:
    # Uvicorn drains, then raises the signal again: what is still to be done is done after it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopped)
    config = uvicorn.Config(
        app,
        http=partial(Connection, lobby=lobby, direct=direct),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        # A line for each request that is none would be any caller's to write.
        log_level="error",
        timeout_keep_alive=int(lobby.limits.wait_seconds),
        access_log=False,
        backlog=BACKLOG,
        proxy_headers=False,
        server_header=False,
        headers=headers.SECURITY_HEADERS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _make_way() -> None:
    # The thread that writes into the log gets its turn soon, however busy the requests' one is.
    sys.setswitchinterval(SWITCH_SECONDS)
    # What is there from the start stays: to look through it again and again takes a tenth of a
    # second each time, in which nothing is answered.
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    gc.enable()


def _tidy(deployment: Deployment, stop: threading.Event) -> None:
    while not stop.wait(CHORES_SECONDS):
        log_writer = deployment.now.log_writer
        log_writer.drain_spool()
        deployment.telemetry.minutes.store(log_writer.log)
        deployment.tidy()


def _take_in(deployment: Deployment, stop: threading.Event) -> None:
    # Apart from what waits for writers.
    while not stop.wait(AHEAD_SECONDS):
        with suppress(LogUnavailable):
            deployment.now.log_writer.log.tidy()


def _measure(deployment: Deployment, stop: threading.Event) -> None:
    # Apart from the house-keeping, which takes long just when much waits.
    while True:
        log_writer, queued = deployment.now.log_writer, deployment.now.waiting
        most = log_writer.spool.most if log_writer.spool else 0
        with suppress(LogUnavailable):
            depth = log_writer.depth()
            deployment.telemetry.metrics.wait(queued, depth, most, log_up=log_writer.away is None)
            deployment.telemetry.minutes.add_depth("spool_rows", depth.rows)
        if stop.wait(LOOK_SECONDS):
            return


def _follow(deployment: Deployment, champion: FindBundle, stop: threading.Event) -> None:
    while not stop.wait(FOLLOW_SECONDS):
        follow(deployment, champion)


def follow(deployment: Deployment, champion: FindBundle) -> None:
    """Serve the champion if it is another one, and beside it who challenges it now.

    Whatever is wrong with them, the present ones go on: it may be no champion at all, a run history
    that is away, a bundle that does not verify.
    """
    try:
        found = champion()
        deployment.telemetry.metrics.read_history(up=True)
        if deployment.follow(found or deployment.now.bundle):
            now = deployment.now
            beside = f", challenged by {now.challenger.digest[:12]}" if now.challenger else ""
            print(f"now serving bundle {now.bundle.digest[:12]}{beside}", flush=True)
    except Exception as error:
        metrics = deployment.telemetry.metrics
        if isinstance(error, Refusal):
            metrics.bundles_refused.inc()
        else:
            metrics.read_history(up=False)
        present = deployment.now.bundle.digest
        print(f"still serving {present[:12]}: {error}", file=sys.stderr, flush=True)


def _stopped(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
