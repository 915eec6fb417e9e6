"""Hours of weather for the tests: what persists for days, has a season, and is learnt from."""

import numpy as np
import pandas as pd

from shared.baseline.statistics import Statistic
from shared.monitoring.causes import culprits
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.contracts import contract

WEEK = 168.0
CONTRACT = contract({"temp": "number", "dew": "number", "load": "number", "town": "category"})


def weather(weeks: int, seed: int = 0, first: int = 0, an_hour: int = 3) -> pd.DataFrame:
    """Return hours with weather that persists for days, and a season; a few rows for each hour."""
    rng = np.random.default_rng(seed)
    hours = np.repeat(np.arange(first * 168, (first + weeks) * 168), an_hour)
    days = rng.normal(0, 6, weeks * 7 + 2).cumsum() * 0.3
    temp = 40 + 0.1 * hours / 24 + np.interp(hours - hours[0], 24 * np.arange(len(days)), days)
    temp = temp + 8 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 1, len(hours))
    return pd.DataFrame(
        {
            "id": np.arange(len(hours)) + seed * 10**6,
            "at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"),
            "temp": temp,
            "dew": temp - 10 + rng.normal(0, 1.5, len(hours)),
            "load": rng.gamma(16, 2.5, len(hours)) * (2 + np.sin(2 * np.pi * hours / 24)),
            "town": rng.choice(["ulm", "bonn", "kiel"], len(hours), p=[0.5, 0.3, 0.2]),
            "probability": 1 / (1 + np.exp(-(temp - 45) / 10)),
        }
    )


def beyond(detector: DriftDetector, frame: pd.DataFrame) -> list[Statistic]:
    """Return the statistics of a week that are beyond their thresholds."""
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(frame))
    held = detector.measure(found.counts, WEEK)
    return [statistic for statistic, deviation in held.items() if deviation.beyond]


def blamed_by(detector: DriftDetector, frame: pd.DataFrame) -> list[str]:
    """Return the columns that are to blame in a week."""
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(frame))
    return culprits.find(detector, found.counts, WEEK)
