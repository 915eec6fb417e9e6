"""What is served at a moment: the champion, its challenger, and how one follows another."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from shared.data.prediction_log import PredictionLog
from shared.data.spool import Spool
from shared.packaging.bundle import Bundle
from shared.serving import app, challenge
from shared.serving.batching import Batcher
from shared.serving.challenge import Score, Shadow
from shared.serving.keeper import Keeper
from shared.serving.minutes import Minutes, counted
from shared.serving.predictor import Predictor

# By then, whatever was asked of a bundle that is no longer served has its answer.
LINGER_SECONDS = 60.0
Row = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """How bundles are served: where rows wait, and who challenges for which share of the keys."""

    spool: Path | None = None
    spool_rows: int = 1_000_000
    challenger: Bundle | None = None
    canary: float = 0.0


class Served:
    """One bundle with all that serves it; raises `Refusal` where it cannot be served."""

    def __init__(self, bundle: Bundle, terms: Terms, spool: Spool | None, minutes: Minutes) -> None:
        self.bundle = bundle
        log = PredictionLog(bundle.manifest.name, bundle.contract)
        self.keeper = Keeper(log, bundle.contract, spool)
        self.shadow: Shadow | None = None
        score: Score = Predictor(bundle).score
        rival = terms.challenger
        if rival and rival.digest != bundle.digest:
            challenge.check(bundle, rival)
            if terms.canary:
                theirs = Predictor(rival, "canary").score
                score = challenge.canary(score, theirs, bundle.contract.key, terms.canary)
            else:
                self.shadow = Shadow(Predictor(rival, "challenger"), self.keeper.keep)
        log.prepare()
        self.batcher = Batcher(score, self._keep)
        self.app = counted(app.create(bundle, self.keeper, self.batcher, minutes), minutes)

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

    def __init__(self, bundle: Bundle, terms: Terms, minutes: Minutes) -> None:
        self._terms = terms
        self._minutes = minutes
        name = bundle.manifest.name
        self._spool = Spool(terms.spool, name, terms.spool_rows) if terms.spool else None
        self._past: list[tuple[float, Served]] = []
        self.now = self._made(bundle)

    def serve(self, bundle: Bundle) -> None:
        """Serve a bundle from the next request on; until it can be, the present one goes on."""
        following = self._made(bundle)
        self._past.append((time.monotonic(), self.now))
        self.now = following

    def tidy(self) -> None:
        """Close what is no longer served, once nobody waits for it."""
        while self._past and time.monotonic() - self._past[0][0] > LINGER_SECONDS:
            self._past.pop(0)[1].close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.now.app(scope, receive, send)

    def _made(self, bundle: Bundle) -> Served:
        return Served(bundle, self._terms, self._spool, self._minutes)
