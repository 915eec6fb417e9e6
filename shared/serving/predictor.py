"""From rows to answers: the model's probability, the decision, and what is to be logged."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from threadpoolctl import ThreadpoolController
from uuid_utils import uuid7

from shared.errors import Refusal
from shared.packaging.bundle import Bundle
from shared.serving import shortcut

# So few rows are answered sooner by one thread than several are woken.
FEW_ROWS = 512
# How far a golden row may come out from what the training run made of it.
TOLERANCE = 1e-9
Row = dict[str, Any]
Role = Literal["champion", "challenger", "canary"]


class Predictor:
    """Scores rows with one bundle, whose golden rows come out as they should."""

    def __init__(self, bundle: Bundle, role: Role = "champion") -> None:
        _prove(bundle)
        self.bundle, self.role = bundle, role
        self._contract = bundle.contract
        self._key, self._time = bundle.contract.key, bundle.contract.time
        self._cut = bundle.manifest.threshold
        self._shared = {"bundle": bundle.digest, "role": role}
        self._probabilities = shortcut.probabilities(bundle)
        self._threads = ThreadpoolController()

    def score(self, rows: Sequence[Row]) -> list[Row]:
        """Return each row with what is logged of it; a row has the contract's key, time, inputs."""
        started = time.perf_counter()
        with self._threads.limit(limits=1 if len(rows) <= FEW_ROWS else None):
            probabilities = self._probabilities(rows).tolist() if rows else []
        spent = 1000 * (time.perf_counter() - started)
        shared = self._shared | {"logged_at": datetime.now(UTC), "latency_ms": spent}
        return [
            self._logged(row, chance, shared)
            for row, chance in zip(rows, probabilities, strict=True)
        ]

    def asked(self, logged: Row) -> Row:
        """Return a row as it was asked from how any bundle of the problem has logged it."""
        contract = self._contract
        named = {contract.key: logged["key"], contract.time: logged["time"]}
        return {name: logged[name] for name in contract.features} | named

    def _logged(self, row: Row, chance: float, shared: Row) -> Row:
        return {
            **row,
            **shared,
            # Ordered by time: the database adds at an end, instead of everywhere.
            "prediction_id": uuid7().hex,
            "key": row[self._key],
            "time": row[self._time],
            "prediction": chance >= self._cut,
            "probability": chance,
        }


def _prove(bundle: Bundle) -> None:
    golden = bundle.golden()
    off = np.abs(bundle.probabilities(golden) - golden["probability"].to_numpy())
    if not np.all(off <= TOLERANCE):
        raise Refusal(
            f"bundle {bundle.digest[:12]}: {np.sum(~(off <= TOLERANCE))} of {len(golden)} golden "
            f"rows come out otherwise than in training, by up to {off.max():g}"
        )
