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
from shared.model.predictor import FindScoring, Predictor, Role, load_scoring
from shared.schema.columns import Columns
from shared.sections.answers import Explore
from shared.serving import app, challenge
from shared.serving.batching import Batcher, OnBatch
from shared.serving.challenge import ScoreRows, Shadow
from shared.serving.log_writer import LogWriter
from shared.serving.observability.access_log import LogFormat
from shared.serving.observability.spans import Spans
from shared.serving.observability.telemetry import Telemetry
from shared.serving.request_rows import rows
from shared.serving.routes.recommend import Recommend
from shared.serving.routes.slate_request import SlateReader
from shared.serving.security.guard import Guard

# By then, whatever was asked of a bundle that is no longer served has its answer.
LINGER_SECONDS = 60.0


FindBundle = Callable[[], Bundle | None]


@dataclass(frozen=True)
class ServingOptions:
    """How bundles are served: where rows wait, who challenges for which share, who may ask.

    `challenger` returns the bundle that challenges at the moment, None for none. `otlp` is where
    spans are sent; None for what the first bundle's settings say, empty for nowhere. `scoring`
    finds what gives a bundle's rows their scores.
    """

    spool: Path | None = None
    spool_rows: int = 1_000_000
    challenger: FindBundle = lambda: None
    canary: float = 0.0
    access_log: LogFormat = "off"
    otlp: str | None = None
    guard: Guard = field(default_factory=Guard)
    scoring: FindScoring = load_scoring


# A log that another writer has locked for longer is away: what is answered goes to the spool.
LOG_LOCK_SECONDS = 0.5


class ServedBundle:
    """One bundle with all that serves it; raises `Refusal` where it cannot be served."""

    def __init__(
        self,
        bundle: Bundle,
        challenger: Predictor | None,
        options: ServingOptions,
        spool: Spool | None,
        telemetry: Telemetry,
    ) -> None:
        self.bundle = bundle
        self.challenger = challenger.bundle if challenger else None
        self.roles = {"champion": bundle}
        if challenger:
            self.roles[challenger.role] = challenger.bundle
        log = PredictionLog(bundle.manifest.name, bundle.contract, lock_seconds=LOG_LOCK_SECONDS)
        metrics = telemetry.metrics
        self.log_writer = LogWriter(log, bundle.contract, spool, metrics.writing)
        self.shadow: Shadow | None = None
        predictor = Predictor(bundle, scoring=options.scoring)
        self.evaluator = predictor.evaluator
        score: ScoreRows = predictor.score
        if challenger and challenger.role == "canary":
            score = challenge.canary(score, challenger.score, bundle.contract.key, options.canary)
        elif challenger:
            self.shadow = Shadow(challenger, self.log_writer.write, metrics.shadow)
        log.prepare()
        names, form = rows.names(bundle.contract), rows.AnswerForm(bundle.contract)
        watching = telemetry.batch, telemetry.spans
        self.batcher = Batcher(names, score, self._write, form.answers, *watching, near=log.is_file)
        self.slates = self._slates(predictor, challenger, options, watching)
        served = predictor, self.log_writer, self.batcher, form
        self.app = app.create_app(*served, metrics, options.guard, self.slates)

    @property
    def waiting(self) -> int:
        """How many rows, and requests for slates, wait for their turn."""
        return self.batcher.waiting + (self.slates.batcher.waiting if self.slates else 0)

    def _slates(
        self,
        predictor: Predictor,
        challenger: Predictor | None,
        options: ServingOptions,
        watching: tuple[OnBatch, Spans | None],
    ) -> Recommend | None:
        """Return what answers requests for slates, where the bundle's rows are impressions."""
        if not self.bundle.contract.ranking:
            return None
        # What chooses a slate is no other server's to import.
        from shared.serving.routes.slates import SlateScorer

        explore = rows.packaged_section(self.bundle, "explore", Explore)
        reader = SlateReader(self.bundle, rows.row_limits(self.bundle).candidates)
        score: ScoreRows = SlateScorer(predictor, explore, reader.items).score
        if challenger and challenger.role == "canary":
            theirs = SlateScorer(challenger, explore, reader.items).score
            score = challenge.canary_slates(score, theirs, options.canary)
        return Recommend(reader, score, self._write, *watching)

    def close(self) -> None:
        """Give back threads and connections, once nothing is asked of it any more."""
        self.batcher.close()
        if self.slates:
            self.slates.batcher.close()
        if self.shadow:
            self.shadow.close()
        self.log_writer.log.close()

    def _write(self, logged: Columns) -> None:
        self.log_writer.write(logged)
        if self.shadow:
            self.shadow.offer(logged)


class Deployment:
    """An ASGI application that hands each request to the bundle that is served at that moment."""

    def __init__(self, bundle: Bundle, options: ServingOptions, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self._options = options
        name = bundle.manifest.name
        self._spool = Spool(options.spool, name, options.spool_rows) if options.spool else None
        self._past: list[tuple[float, ServedBundle]] = []
        self._unfit: set[tuple[str, str]] = set()
        challenger = self._challenger_predictor(bundle)
        self.now = ServedBundle(bundle, challenger, options, self._spool, telemetry)
        telemetry.metrics.serve(self.now.roles)

    def follow(self, bundle: Bundle) -> bool:
        """Serve a bundle from the next request on, and who challenges it; tell if that is new.

        Raises `Refusal` where it cannot be served: the present one goes on.
        """
        asked, now = self._challenger(bundle), self.now
        same = bundle.digest == now.bundle.digest
        if same and (asked and asked.digest) == (now.challenger and now.challenger.digest):
            return False
        challenger = self._challenger_predictor(bundle)
        if same and challenger is None and now.challenger is None:
            return False
        following = ServedBundle(bundle, challenger, self._options, self._spool, self.telemetry)
        self._past.append((time.monotonic(), now))
        self.now = following
        self.telemetry.metrics.serve(following.roles)
        return True

    def tidy(self) -> None:
        """Close what is no longer served, once nobody waits for it."""
        while self._past and time.monotonic() - self._past[0][0] > LINGER_SECONDS:
            self._past.pop(0)[1].close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.now.app(scope, receive, send)

    def _challenger(self, champion: Bundle) -> Bundle | None:
        """Return who challenges a champion at the moment, unless it was seen to be unfit."""
        bundle = self._options.challenger()
        if bundle is None or bundle.digest == champion.digest:
            return None
        return None if (champion.digest, bundle.digest) in self._unfit else bundle

    def _challenger_predictor(self, champion: Bundle) -> Predictor | None:
        """Return what scores beside a champion; one that cannot is reported once."""
        bundle = self._challenger(champion)
        if bundle is None:
            return None
        try:
            challenge.refuse_unfit(champion, bundle)
            role: Role = "canary" if self._options.canary else "challenger"
            return Predictor(bundle, role, self._options.scoring)
        except Refusal as refusal:
            self._unfit.add((champion.digest, bundle.digest))
            self.telemetry.metrics.bundles_refused.inc()
            print(f"no challenger: {refusal}", file=sys.stderr, flush=True)
            return None
