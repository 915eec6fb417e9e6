"""A challenger beside the champion: in shadow on all rows, or as a canary for a share of keys."""

import hashlib
import itertools
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema import columns
from shared.schema.columns import Columns
from shared.serving.request_rows.rows import names
from shared.serving.routes.slate_request import REQUESTS, SlateRequest

ScoreRows = Callable[[Columns], Columns]
WriteRows = Callable[[Columns], None]
# What became of rows, `scored`, `dropped` or `failed`, and how many they were.
ShadowCounter = Callable[[str, int], None]
# Batches that wait for the challenger; what comes when it is so far behind is left out.
MAX_WAITING_BATCHES = 256
SHARE_STEPS = 1_000_000


def refuse_unfit(champion: Bundle, challenger: Bundle) -> None:
    """Raise `Refusal` unless the challenger can answer what the champion is asked."""
    asked = champion.contract
    if challenger.manifest.name != champion.manifest.name:
        raise Refusal(
            f"the challenger is of the problem {challenger.manifest.name!r}, "
            f"the champion of {champion.manifest.name!r}"
        )
    there = {name: asked[name].type for name in names(asked)}
    wanted = challenger.contract
    if absent := [name for name in names(wanted) if there.get(name) != wanted[name].type]:
        raise Refusal(f"the challenger needs columns that the champion is not asked with: {absent}")


def canary(champion: ScoreRows, challenger: ScoreRows, key: str, share: float) -> ScoreRows:
    """Return a score that has the challenger answer its share of the keys.

    A key stays where it is, as long as the share does; a greater share adds keys to those before.
    """

    def scored(asked: Columns) -> Columns:
        chosen = [is_chosen(value, share) for value in asked[key]]
        theirs = challenger(_chosen(asked, chosen))
        ours = champion(_chosen(asked, [not it for it in chosen]))
        return {name: _merged(chosen, theirs[name], ours[name]) for name in ours}

    return scored


def canary_slates(champion: ScoreRows, challenger: ScoreRows, share: float) -> ScoreRows:
    """Return a score that has the challenger choose its share of the slates, by their names."""

    def scored(asked: Columns) -> Columns:
        requests: list[SlateRequest] = asked[REQUESTS]
        chosen = [is_chosen(request.slate, share) for request in requests]
        theirs = challenger(_chosen(asked, chosen))
        ours = champion(_chosen(asked, [not it for it in chosen]))
        pairs = zip(chosen, requests, strict=True)
        shown = [it for it, request in pairs for _ in range(request.k)]
        return {name: _merged(shown, theirs[name], ours[name]) for name in ours}

    return scored


def _chosen(asked: Columns, chosen: list[bool]) -> Columns:
    return {name: list(itertools.compress(values, chosen)) for name, values in asked.items()}


def _merged(chosen: list[bool], theirs: list[Any], ours: list[Any]) -> list[Any]:
    rest, others = iter(ours), iter(theirs)
    return [next(others if it else rest) for it in chosen]


def is_chosen(key: object, share: float) -> bool:
    """Tell whether a key is of the share, by its hash."""
    digest = hashlib.blake2b(str(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest) % SHARE_STEPS < share * SHARE_STEPS


class Shadow:
    """Scores in a thread of its own what the champion has answered; an answer never waits for it.

    What it makes is logged under the answer's own `prediction_id`, with the challenger's role;
    `count` is given what became of how many rows.
    """

    def __init__(
        self, challenger: Predictor, write: WriteRows, count: ShadowCounter = lambda *_: None
    ) -> None:
        self._count = count
        self._challenger = challenger
        self._write = write
        self._queue: queue.Queue[Columns | None] = queue.Queue(MAX_WAITING_BATCHES)
        self._thread = threading.Thread(target=self._run, daemon=True, name="shadow")
        self._thread.start()

    def offer(self, logged: Columns) -> None:
        """Hand over rows as the champion has logged them."""
        try:
            self._queue.put_nowait(logged)
        except queue.Full:
            self._count("dropped", columns.size(logged))

    def close(self) -> None:
        """End when what waits is scored; what takes longer than ten seconds is left."""
        self._queue.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while (logged := self._queue.get()) is not None:
            try:
                self._write(self._scored(logged))
                self._count("scored", columns.size(logged))
            except Exception as error:
                self._count("failed", columns.size(logged))
                print(f"the challenger failed: {error}", file=sys.stderr, flush=True)

    def _scored(self, logged: Columns) -> Columns:
        scored = self._challenger.score(self._challenger.rows_as_asked(logged))
        return scored | {"prediction_id": logged["prediction_id"]}
