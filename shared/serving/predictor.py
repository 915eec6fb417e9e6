"""From rows to answers: the model's probability, the decision, and what is to be logged."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from threadpoolctl import ThreadpoolController
from uuid_utils import uuid7

from shared.packaging.bundle import Bundle
from shared.serving import shortcut

ROLE = "champion"
# So few rows are answered sooner by one thread than several are woken.
FEW_ROWS = 512
Row = dict[str, Any]


class Predictor:
    """Scores rows with one bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._probabilities = shortcut.probabilities(bundle)
        self._threads = ThreadpoolController()

    def score(self, rows: Sequence[Row]) -> list[Row]:
        """Return each row as the log has it; a row has the contract's key, time and features."""
        started = time.perf_counter()
        with self._threads.limit(limits=1 if len(rows) <= FEW_ROWS else None):
            probabilities = self._probabilities(rows).tolist()
        spent = 1000 * (time.perf_counter() - started)
        now = datetime.now(UTC)
        return [
            self._logged(row, chance, now, spent)
            for row, chance in zip(rows, probabilities, strict=True)
        ]

    def _logged(self, row: Row, chance: float, now: datetime, spent: float) -> Row:
        contract = self._bundle.contract
        return {
            # Ordered by time: the database adds at an end, instead of everywhere.
            "prediction_id": uuid7().hex,
            "key": row[contract.key],
            "time": row[contract.time],
            "logged_at": now,
            "bundle": self._bundle.digest,
            "role": ROLE,
            "prediction": chance >= self._bundle.manifest.threshold,
            "probability": chance,
            "latency_ms": spent,
            **{name: row[name] for name in contract.features},
        }
