"""What is served at a moment: the champion, its challenger, and how one follows another."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import Receive, Scope, Send

from shared.errors import Refusal
from shared.log.prediction_log import PredictionLog
from shared.log.spool import Spool
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema.columns import Columns
from shared.serving import app, challenge, rows
from shared.serving.access_log import Form
from shared.serving.batching import Batcher
from shared.serving.challenge import Score, Shadow
from shared.serving.log_writer import Keeper
from shared.serving.security.guard import Guard
from shared.serving.telemetry import Telemetry

# By then, whatever was asked of a bundle that is no longer served has its answer.
LINGER_SECONDS = 60.0


Challenger = Callable[[], Bundle | None]


@dataclass(frozen=True)
class Terms:
    """How bundles are served: where rows wait, who challenges for which share, who may ask.

    `challenger` returns the bundle that challenges at the moment, None for none.
    """

    spool: Path | None = None
    spool_rows: int = 1_000_000
    challenger: Challenger = lambda: None
    canary: float = 0.0
    access_log: Form = "off"
    guard: Guard = field(default_factory=Guard)


class Served:
    """One bundle with all that serves it; raises `Refusal` where it cannot be served."""

    def __init__(
        self,
        bundle: Bundle,
        rival: Predictor | None,
        terms: Terms,
        spool: Spool | None,
        telemetry: Telemetry,
    ) -> None:
        self.bundle = bundle
        self.rival = rival.bundle if rival else None
        self.roles = {"champion": bundle} | ({rival.role: rival.bundle} if rival else {})
        log = PredictionLog(bundle.manifest.name, bundle.contract)
        metrics = telemetry.metrics
        self.keeper = Keeper(log, bundle.contract, spool, metrics.writing)
        self.shadow: Shadow | None = None
        score: Score = Predictor(bundle).score
        if rival and rival.role == "canary":
            score = challenge.canary(score, rival.score, bundle.contract.key, terms.canary)
        elif rival:
            self.shadow = Shadow(rival, self.keeper.keep, metrics.shadow)
        log.prepare()
        names = rows.names(bundle.contract)
        self.batcher = Batcher(names, score, self._keep, telemetry.batch)
        self.app = app.create(bundle, self.keeper, self.batcher, metrics, terms.guard)

    def close(self) -> None:
        """Give back threads and connections, once nothing is asked of it any more."""
        self.batcher.close()
        if self.shadow:
            self.shadow.close()
        self.keeper.log.close()

    def _keep(self, logged: Columns) -> None:
        self.keeper.keep(logged)
        if self.shadow:
            self.shadow.offer(logged)


class Switch:
    """An ASGI application that hands each request to the bundle that is served at that moment."""

    def __init__(self, bundle: Bundle, terms: Terms, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self._terms = terms
        name = bundle.manifest.name
        self._spool = Spool(terms.spool, name, terms.spool_rows) if terms.spool else None
        self._past: list[tuple[float, Served]] = []
        self._unfit: set[tuple[str, str]] = set()
        self.now = self._made(bundle, self._rival(bundle))
        telemetry.metrics.serve(self.now.roles)

    def follow(self, bundle: Bundle) -> bool:
        """Serve a bundle from the next request on, and who challenges it; tell if that is new.

        Raises `Refusal` where it cannot be served: the present one goes on.
        """
        asked, now = self._challenger(bundle), self.now
        same = bundle.digest == now.bundle.digest
        if same and (asked and asked.digest) == (now.rival and now.rival.digest):
            return False
        rival = self._rival(bundle)
        if same and rival is None and now.rival is None:
            return False
        following = self._made(bundle, rival)
        self._past.append((time.monotonic(), self.now))
        self.now = following
        self.telemetry.metrics.serve(following.roles)
        return True

    def tidy(self) -> None:
        """Close what is no longer served, once nobody waits for it."""
        while self._past and time.monotonic() - self._past[0][0] > LINGER_SECONDS:
            self._past.pop(0)[1].close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.now.app(scope, receive, send)

    def _made(self, bundle: Bundle, rival: Predictor | None) -> Served:
        return Served(bundle, rival, self._terms, self._spool, self.telemetry)

    def _challenger(self, champion: Bundle) -> Bundle | None:
        """Return who challenges a champion at the moment, unless it was seen to be unfit."""
        found = self._terms.challenger()
        if found is None or found.digest == champion.digest:
            return None
        return None if (champion.digest, found.digest) in self._unfit else found

    def _rival(self, champion: Bundle) -> Predictor | None:
        """Return what scores beside a champion; a challenger that cannot is told of, once."""
        found = self._challenger(champion)
        if found is None:
            return None
        try:
            challenge.check(champion, found)
            return Predictor(found, "canary" if self._terms.canary else "challenger")
        except Refusal as refusal:
            self._unfit.add((champion.digest, found.digest))
            self.telemetry.metrics.bundles_refused.inc()
            print(f"nobody challenges: {refusal}", file=sys.stderr, flush=True)
            return None
