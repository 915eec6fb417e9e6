"""What is served at a moment: the champion, its challenger, and how one follows another."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from shared.data.prediction_log import PredictionLog
from shared.data.spool import Spool
from shared.packaging.bundle import Bundle
from shared.serving import app, challenge
from shared.serving.access_log import Form
from shared.serving.batching import Batcher
from shared.serving.challenge import Score, Shadow
from shared.serving.keeper import Keeper
from shared.serving.predictor import Predictor
from shared.serving.security.guard import Guard
from shared.serving.telemetry import Telemetry

# By then, whatever was asked of a bundle that is no longer served has its answer.
LINGER_SECONDS = 60.0
Row = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """How bundles are served: where rows wait, who challenges for which share, who may ask."""

    spool: Path | None = None
    spool_rows: int = 1_000_000
    challenger: Bundle | None = None
    canary: float = 0.0
    access_log: Form = "off"
    guard: Guard = field(default_factory=Guard)


class Served:
    """One bundle with all that serves it; raises `Refusal` where it cannot be served."""

    def __init__(
        self, bundle: Bundle, terms: Terms, spool: Spool | None, telemetry: Telemetry
    ) -> None:
        self.bundle = bundle
        self.roles = {"champion": bundle}
        log = PredictionLog(bundle.manifest.name, bundle.contract)
        metrics = telemetry.metrics
        self.keeper = Keeper(log, bundle.contract, spool, metrics.writing)
        self.shadow: Shadow | None = None
        score: Score = Predictor(bundle).score
        rival = terms.challenger
        if rival and rival.digest != bundle.digest:
            challenge.check(bundle, rival)
            self.roles["canary" if terms.canary else "challenger"] = rival
            if terms.canary:
                theirs = Predictor(rival, "canary")
                score = challenge.canary(score, theirs.score, bundle.contract.key, terms.canary)
            else:
                theirs = Predictor(rival, "challenger")
                self.shadow = Shadow(theirs, self.keeper.keep, metrics.shadow)
        log.prepare()
        self.batcher = Batcher(score, self._keep, telemetry.batch)
        self.app = app.create(bundle, self.keeper, self.batcher, metrics, terms.guard)

    def close(self) -> None:
        """Give back threads and connections, once nothing is asked of it any more."""
        self.batcher.close()
        if self.shadow:
            self.shadow.close()
        self.keeper.log.close()

    def _keep(self, rows: Sequence[Row]) -> None:
        self.keeper.keep(rows)
        if self.shadow:
            self.shadow.offer(rows)


class Switch:
    """An ASGI application that hands each request to the bundle that is served at that moment."""

    def __init__(self, bundle: Bundle, terms: Terms, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self._terms = terms
        name = bundle.manifest.name
        self._spool = Spool(terms.spool, name, terms.spool_rows) if terms.spool else None
        self._past: list[tuple[float, Served]] = []
        self.now = self._made(bundle)
        telemetry.metrics.serve(self.now.roles)

    def serve(self, bundle: Bundle) -> None:
        """Serve a bundle from the next request on; until it can be, the present one goes on."""
        following = self._made(bundle)
        self._past.append((time.monotonic(), self.now))
        self.now = following
        self.telemetry.metrics.serve(following.roles)

    def tidy(self) -> None:
        """Close what is no longer served, once nobody waits for it."""
        while self._past and time.monotonic() - self._past[0][0] > LINGER_SECONDS:
            self._past.pop(0)[1].close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.now.app(scope, receive, send)

    def _made(self, bundle: Bundle) -> Served:
        return Served(bundle, self._terms, self._spool, self.telemetry)
