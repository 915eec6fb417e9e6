"""From rows to answers: what the model gives, what is decided, and what is to be logged."""

import time
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from threadpoolctl import ThreadpoolController
from uuid_utils import uuid7

from shared.errors import Refusal
from shared.model import fast_path
from shared.model.bundle import Bundle
from shared.schema import columns
from shared.schema.columns import Columns

# So few rows are answered by one thread. Several are woken for each tree: that gains little, and
# loses much where one of them finds its core busy.
FEW_ROWS = 1_024
Role = Literal["champion", "challenger", "canary"]


class Predictor:
    """Scores rows with one bundle, whose golden rows come out as they should.

    `evaluator` says in words what makes the scores.
    """

    def __init__(self, bundle: Bundle, role: Role = "champion") -> None:
        bundle.prove(_golden_answers(bundle))
        self.bundle, self.role = bundle, role
        self._contract = bundle.contract
        self._key, self._time = bundle.contract.key, bundle.contract.time
        self._shared = {"bundle": bundle.digest, "role": role}
        self.evaluator, self._scores, self._alone = fast_path.model_scores(bundle)
        self._threads = ThreadpoolController()

    def score(self, asked: Columns) -> Columns:
        """Return rows with what is logged of them; they have the contract's key, time, inputs."""
        started, count = time.perf_counter(), columns.size(asked)
        if count <= self._alone:
            scores = self._scores(asked)
        else:
            with self._threads.limit(limits=1 if count <= FEW_ROWS else None):
                scores = self._scores(asked)
        spent = 1000 * (time.perf_counter() - started)
        shared = self._shared | {"logged_at": datetime.now(UTC), "latency_ms": spent}
        return {
            **asked,
            **{name: [value] * count for name, value in shared.items()},
            # Ordered by time: the database adds at an end, instead of everywhere.
            "prediction_id": [uuid7().hex for _ in range(count)],
            "key": asked[self._key],
            "time": asked[self._time],
            **{name: found.tolist() for name, found in self.bundle.answers(scores, asked).items()},
        }

    def rows_as_asked(self, logged: Columns) -> Columns:
        """Return rows as they were asked from how any bundle of the problem has logged them."""
        contract = self._contract
        named = {contract.key: logged["key"], contract.time: logged["time"]}
        return {name: logged[name] for name in contract.features} | named


def _golden_answers(bundle: Bundle) -> dict[str, np.ndarray]:
    """Return what the model makes of its golden rows; raises `Refusal` where it cannot."""
    golden = bundle.golden()
    # What is wrong with the file has words of its own.
    bundle.model  # noqa: B018
    name = bundle.digest[:12]
    try:
        return bundle.answers(bundle.scores(golden), golden)
    except Exception as error:
        # A pipeline is made of parts that anybody may have written.
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise Refusal(f"bundle {name}: its model cannot answer its golden rows: {why}") from None
