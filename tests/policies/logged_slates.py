"""Slates of the small problem of impressions, as a bundle chose them and as they are logged."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema.columns import Columns
from shared.sections import Explore
from shared.serving.slate_request import REQUESTS, SlateReader, SlateRequest
from shared.serving.slates import SlateScorer
from tests.tasks.impressions import ITEMS

NOW, SLATES, K = datetime(2024, 5, 1, tzinfo=UTC), 400, 3


def logged_columns(bundle: Bundle, explore: Explore, candidates: int = ITEMS) -> Columns:
    """Return what is logged of slates that were shown in this way, of the first candidates."""
    items = {name: values[:candidates] for name, values in SlateReader(bundle, 1_000).items.items()}
    asked = [
        SlateRequest(f"s{at}", K, NOW, {"user": f"u{at % 60}", "age": 20 + at % 50}, items)
        for at in range(SLATES)
    ]
    scorer = SlateScorer(Predictor(bundle), explore, np.random.default_rng(0))
    return scorer.score({REQUESTS: asked})


def clicked(price: pd.Series) -> pd.Series:
    """Return which rows are clicked: the more often, the less they cost."""
    return np.random.default_rng(0).random(len(price)) < 1 / price


def logged(bundle: Bundle, explore: Explore, candidates: int = ITEMS) -> pd.DataFrame:
    """Return the log's rows with their clicks."""
    rows = pd.DataFrame(logged_columns(bundle, explore, candidates))
    return rows.assign(outcome=clicked(rows["price"]).astype(float))
