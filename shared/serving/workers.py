"""One server as one process, or as several that share its socket, its log and its spool."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from contextlib import nullcontext
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Event
from types import FrameType

from shared.errors import Refusal
from shared.log import spool
from shared.model.bundle import Bundle
from shared.serving import server
from shared.serving.deployment import Deployment, FindBundle, ServingOptions
from shared.serving.observability import exposition
from shared.serving.security import guard

START_SECONDS = 120.0
# A worker that ends is begun anew, but not faster than this.
AGAIN_SECONDS = 1.0
WATCH_SECONDS = 0.2
FORK = multiprocessing.get_context("fork")


def serve(
    bundle: Bundle,
    host: str,
    port: int,
    options: ServingOptions,
    workers: int = 1,
    champion: FindBundle | None = None,
) -> None:
    """Serve a bundle with as many processes until a signal comes.

    Prints one line as soon as requests are taken. Raises `Refusal` when the address is taken, or
    open to others without a key, the spool is another server's, the log cannot be used, or the
    bundle cannot be served.
    """
    listening = server.listen(host, port)
    guard.refuse_exposed(listening, options.guard)
    name = bundle.manifest.name
    with spool.held(options.spool, name) if options.spool else nullcontext():
        if workers == 1:
            server.run(bundle, listening, options, champion, lambda s: _announce(s, listening))
        else:
            with exposition.shared_folder():
                _Workers(bundle, listening, options, champion).run(workers)


def _announce(deployment: Deployment, listening: socket.socket) -> None:
    now = deployment.now
    print(
        f"serving {now.bundle.manifest.name}, bundle {now.bundle.digest[:12]}, "
        f"at {server.url(listening)} (log: {now.log_writer.log.address}; "
        f"scores: {now.evaluator}; to try it: {server.url(listening)}/docs)",
        flush=True,
    )


class _Workers:
    """The processes of one server; the model is loaded in them alone."""

    def __init__(
        self,
        bundle: Bundle,
        listening: socket.socket,
        options: ServingOptions,
        champion: FindBundle | None,
    ) -> None:
        self._served = (bundle, listening, options, champion)
        # Nothing is sent: it ends with this process, however that ends.
        self._lifeline = os.pipe()
        self._processes: list[ForkProcess] = []
        self._stopping = False

    def run(self, workers: int) -> None:
        """Run the processes, and begin anew each that ends, until a signal comes."""
        first = FORK.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            self._begin(first)
            self._wait_for(first)
            for _ in range(workers - 1):
                self._begin()
            while not self._stopping:
                time.sleep(WATCH_SECONDS)
                self._begin_anew()
        finally:
            for process in self._processes:
                process.terminate()
            for process in self._processes:
                process.join()

    def _begin(self, started: Event | None = None) -> None:
        process = FORK.Process(target=_work, args=(*self._served, self._lifeline, started))
        process.start()
        self._processes.append(process)

    def _wait_for(self, first: Event) -> None:
        until = time.monotonic() + START_SECONDS
        while not first.wait(WATCH_SECONDS) and not self._stopping:
            if not self._processes[0].is_alive() or time.monotonic() > until:
                # It has said why.
                raise SystemExit(self._processes[0].exitcode or 1)

    def _begin_anew(self) -> None:
        for process in [p for p in self._processes if not p.is_alive()]:
            self._processes.remove(process)
            exposition.forget_process(process.pid or 0)
            if not self._stopping:
                print(f"a worker ended ({process.exitcode}); beginning it anew", file=sys.stderr)
                time.sleep(AGAIN_SECONDS)
                self._begin()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def _work(
    bundle: Bundle,
    listening: socket.socket,
    options: ServingOptions,
    champion: FindBundle | None,
    lifeline: tuple[int, int],
    started: Event | None,
) -> None:
    reading, held_open = lifeline
    os.close(held_open)
    threading.Thread(target=_end_with_master, args=(reading,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)

    def announce(deployment: Deployment) -> None:
        if started:
            _announce(deployment, listening)
            started.set()

    try:
        server.run(bundle, listening, options, champion, announce)
    except Refusal as refusal:
        print(f"Error: {refusal}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None


def _end_with_master(lifeline: int) -> None:
    """Stop as by a signal once the master is gone: its socket, log and spool are the next one's."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
