"""A small problem of impressions: who was shown which items together, and what was clicked."""

from pathlib import Path

import numpy as np
import pandas as pd

from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings

SHELF = """
name = "shelf"
kind = "ranking"
source = "shelf.parquet"
key = "impression"
time = "shown"
target = "clicked"
features = ["user", "age", "item", "price"]

[ranking]
user = "user"
item = "item"
slate = "visit"
position = "place"
items = "{items}"
k = 3
top = 2

[explore]
by = "epsilon"
share = 0.2

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
preprocessing = "tree"
params = {{ max_iter = 20, early_stopping = false }}

[package]
golden_rows = 50
"""
SLATE, ITEMS, USERS = 5, 12, 60


def catalogue() -> pd.DataFrame:
    """Return the items with their prices."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"item": [f"i{at:02d}" for at in range(ITEMS)], "price": rng.uniform(1, 9, ITEMS).round(2)}
    )


def impressions(slates: int = 600, seed: int = 0, days: float = 60) -> pd.DataFrame:
    """Return what was shown at random, five items at a time, over so many days."""
    rng, items = np.random.default_rng(seed), catalogue()
    rows = slates * SLATE
    shown = np.concatenate([rng.permutation(ITEMS)[:SLATE] for _ in range(slates)])
    user = np.repeat(rng.integers(0, USERS, slates), SLATE)
    seconds = np.repeat(np.sort(rng.integers(0, int(days * 86_400), slates)), SLATE)
    made = pd.DataFrame(
        {
            "impression": [f"s{seed}-{at // SLATE}:{at % SLATE + 1}" for at in range(rows)],
            "shown": pd.Timestamp("2024-03-01", tz="UTC") + pd.to_timedelta(seconds, unit="s"),
            "user": [f"u{at}" for at in user],
            "age": 20 + user % 50,
            "item": items["item"].to_numpy()[shown],
            "price": items["price"].to_numpy()[shown],
            "visit": np.repeat([f"s{seed}-{at}" for at in range(slates)], SLATE),
            "place": np.tile(np.arange(1, SLATE + 1), slates),
            "propensity": 1 / ITEMS,
        }
    )
    return made.assign(clicked=clicks(made, rng))


def clicks(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return what is clicked: what costs little, and of two halves the one that is to one's age."""
    alike = (rows["item"] < f"i{ITEMS // 2:02d}") == (rows["age"] < 45)
    odds = 0.5 - 0.4 * rows["price"] + 2 * alike
    return np.asarray(rng.random(len(rows)) < 1 / (1 + np.exp(-odds)))


def shelf(folder: Path) -> Settings:
    """Return the problem's settings, whose table of items lies in this folder."""
    catalogue().to_parquet(folder / "items.parquet", index=False)
    text = SHELF.format(items=folder / "items.parquet")
    return typed_settings(parse_settings(text))
