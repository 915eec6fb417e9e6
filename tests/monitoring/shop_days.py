"""A shop's days for the tests: holidays have a third of the rows, and other values."""

import numpy as np
import pandas as pd

from shared.profiles.day_types import is_holiday
from tests.profiles.contracts import contract

CONTRACT = contract({"basket": "number", "ware": "category"})
ROWS, HOLIDAYS = 45, "US"


def shop_days(first: str, days: int, seed: int = 0) -> pd.DataFrame:
    """Return rows of days on which Saturdays sell other wares, and holidays other, dearer ones."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range(first, periods=days, tz="UTC")
    free = is_holiday(HOLIDAYS, dates.tz_localize(None).to_numpy("datetime64[D]").astype(int))
    came = rng.poisson(np.where(free, ROWS / 3, ROWS))
    at, free = dates.repeat(came), np.repeat(free, came)
    saturday = at.dayofweek == 5
    basket = rng.normal(np.where(free, 80, np.where(saturday, 65, 50)), 10)
    gifts = rng.random(len(at)) < np.where(free, 0.7, 0.1)
    tools = rng.random(len(at)) < np.where(saturday, 0.8, 0.3)
    frame = pd.DataFrame(
        {
            "id": np.arange(len(at)),
            "at": at + pd.to_timedelta(rng.integers(8 * 3_600, 20 * 3_600, len(at)), unit="s"),
            "basket": basket,
            "ware": np.where(gifts, "gift", np.where(tools & ~free, "tool", "food")),
        }
    )
    return frame.sort_values("at", kind="stable").reset_index(drop=True)


def rows_of(frame: pd.DataFrame, first: str, days: int = 1) -> pd.DataFrame:
    """Return the rows of a day, or of several from it on."""
    begin = pd.Timestamp(first, tz="UTC")
    within = (frame["at"] >= begin) & (frame["at"] < begin + pd.Timedelta(days=days))
    return frame[within].reset_index(drop=True)
