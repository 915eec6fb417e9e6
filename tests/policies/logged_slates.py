"""Slates of the small problem of impressions, as a bundle chose them and as they are logged."""

from datetime import UTC, datetime
from itertools import cycle

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema.columns import Columns
from shared.sections.answers import Explore
from shared.serving.routes.slate_request import REQUESTS, SlateReader, SlateRequest
from shared.serving.routes.slates import SlateScorer
from tests.tasks.impressions import ITEMS

NOW, SLATES, K = datetime(2024, 5, 1, tzinfo=UTC), 400, 3


def logged_columns(
    bundle: Bundle, explore: Explore, candidates: int = ITEMS, slates: int = SLATES
) -> Columns:
    """Return what is logged of slates that were shown in this way, of the first candidates."""
    items, places = SlateReader(bundle, 1_000).items, [*range(candidates)]
    asked = [
        SlateRequest(f"s{at}", K, NOW, {"user": f"u{at % 60}", "age": age}, items, places, True)
        for at, age in zip(range(slates), cycle(range(20, 70)), strict=False)
    ]
    scorer = SlateScorer(Predictor(bundle), explore, items, np.random.default_rng(0))
    return scorer.score({REQUESTS: asked})


def clicked(price: pd.Series) -> pd.Series:
    """Return which rows are clicked: the more often, the less they cost."""
    return np.random.default_rng(0).random(len(price)) < 1 / price


def logged(bundle: Bundle, explore: Explore, candidates: int = ITEMS) -> pd.DataFrame:
    """Return the log's rows with their clicks."""
    rows = pd.DataFrame(logged_columns(bundle, explore, candidates))
    return rows.assign(outcome=clicked(rows["price"]).astype(float))
