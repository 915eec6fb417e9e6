"""A bundle's pipeline as a BentoML service with adaptive batching, and no log."""

import os
from typing import Any

import bentoml
import pandas as pd
import skops.io


@bentoml.service(traffic={"timeout": 60})
class Flights:
    def __init__(self) -> None:
        trusted = os.environ["TRUSTED"].split()
        self.pipeline = skops.io.load(f"{os.environ['BUNDLE']}/model.skops", trusted=trusted)

    @bentoml.api(batchable=True, max_batch_size=512, max_latency_ms=10_000)
    def predict(self, rows: list[dict[str, Any]]) -> list[float]:
        return self.pipeline.predict_proba(pd.DataFrame(rows))[:, 1].tolist()
