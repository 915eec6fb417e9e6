"""From requests for slates to what is shown and logged: scored at once, chosen by the policy."""

import itertools
import time
from typing import Any

import numpy as np
import pyarrow as pa

from shared.model.predictor import Predictor
from shared.model.scores.item_trees import ItemTrees, item_trees
from shared.policies.exploration import Shown, choose
from shared.schema.columns import Columns
from shared.sections.answers import Explore
from shared.serving.routes.slate_request import REQUESTS, SlateRequest


class SlateScorer:
    """Chooses slates by one bundle's scores; `explore` says how, `random` is what chance is.

    `items` are those that requests may name: what can be worked out of them once, is.
    """

    def __init__(
        self,
        predictor: Predictor,
        explore: Explore,
        items: Columns | None = None,
        random: np.random.Generator | None = None,
    ) -> None:
        self._predictor, self._explore = predictor, explore
        self._random = random or np.random.default_rng()
        self._policy = policy_name(explore)
        contract = predictor.bundle.contract
        self._key, self._time, self._features = contract.key, contract.time, contract.features
        assert contract.ranking
        self._item = contract.ranking.item
        self._trees = _item_trees(predictor, items) if items else None

    def score(self, asked: Columns) -> Columns:
        """Return what is logged of requests' slates, in their order: a row for each shown item."""
        requests: list[SlateRequest] = asked[REQUESTS]
        started = time.perf_counter()
        parts = self._scores(requests)
        spent = 1000 * (time.perf_counter() - started)
        shown = [
            choose(part, request.k, self._explore, self._random)
            for request, part in zip(requests, parts, strict=True)
        ]
        held = [part[one.positions] for part, one in zip(parts, shown, strict=True)]
        rows = self._rows(requests, shown)
        return self._predictor.answered(rows, np.concatenate([np.empty(0), *held]), spent)

    def _scores(self, requests: list[SlateRequest]) -> list[np.ndarray]:
        """Return the scores of each request's candidates."""
        found = self._of_items(requests)
        others = [r for at, r in enumerate(requests) if at not in found]
        if not others:
            return [found[at] for at in range(len(requests))]
        expanded = {name: joined([r.values(name) for r in others]) for name in self._features}
        ends = np.cumsum([request.size for request in others])
        parts = iter(np.split(self._predictor.scores(expanded), ends[:-1]))
        return [found[at] if at in found else next(parts) for at in range(len(requests))]

    def _of_items(self, requests: list[SlateRequest]) -> dict[int, np.ndarray]:
        """Return the scores of the requests that name items, or ask for all, by their places."""
        if self._trees is None:
            return {}
        of_all = [at for at, r in enumerate(requests) if r.are_items and r.places is None]
        scores = self._trees.scores_of([requests[at].context for at in of_all])
        found = dict(zip(of_all, scores, strict=True))
        for at, request in enumerate(requests):
            if request.are_items and request.places is not None:
                found[at] = self._trees.scores(request.context, np.array(request.places))
        return found

    def _rows(self, requests: list[SlateRequest], shown: list[Shown]) -> Columns:
        """Return key, time, features and place in its slate of each shown item."""
        pairs = [(r, one.positions.tolist(), one) for r, one in zip(requests, shown, strict=True)]
        found: Columns = {
            self._key: joined([_keys(r, len(at)) for r, at, _ in pairs]),
            self._time: joined([[r.time] * len(at) for r, at, _ in pairs]),
            "slate": joined([[r.slate] * len(at) for r, at, _ in pairs]),
            "position": joined([[*range(1, len(at) + 1)] for _, at, _ in pairs]),
            "propensity": joined([one.propensities.tolist() for _, _, one in pairs]),
            "policy": joined([[self._policy] * len(at) for _, at, _ in pairs]),
            "candidates": joined([[r.size] * len(at) for r, at, _ in pairs]),
            # Once for a slate: they may be many.
            "candidate_set": joined(
                [[r.given(self._item), *[None] * len(at)][: len(at)] for r, at, _ in pairs]
            ),
        }
        for name in self._features:
            found[name] = joined([r.shown(name, at) for r, at, _ in pairs])
        return found


def _item_trees(predictor: Predictor, items: Columns) -> ItemTrees | None:
    fast, bundle = predictor.fast, predictor.bundle
    if fast is None:
        return None
    golden = bundle.golden()[[name for name in bundle.contract.features if name not in items]]
    rows = pa.Table.from_pandas(golden, preserve_index=False).to_pydict()
    return item_trees(fast, bundle.task, items, rows)


def policy_name(explore: Explore) -> str:
    """Return how a log names the policy that chose a slate."""
    match explore.by:
        case "none":
            return "best"
        case "epsilon":
            return f"epsilon {explore.share}"
        case "softmax":
            return f"softmax {explore.temperature}"
        case _:
            return explore.by


def joined(parts: list[list[Any]]) -> list[Any]:
    """Return lists one after the other; one alone as it is."""
    return parts[0] if len(parts) == 1 else list(itertools.chain.from_iterable(parts))


def _keys(request: SlateRequest, shown: int) -> list[str]:
    return [f"{request.slate}:{at}" for at in range(1, shown + 1)]
