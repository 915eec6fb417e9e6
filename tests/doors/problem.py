"""A problem with one nullable feature of each type, and its bundle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
from shared.schema.contract import ColumnType
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from tests.conftest import bundle_of
from tests.values import TYPES

# What a value becomes, and the words that refuse it.
Outcome = tuple[Any, str | None]
# Takes a value into a column of a type.
Door = Callable[[ColumnType, Any], Outcome]

SETTINGS = """
name = "doors"
source = "doors.parquet"
key = "id"
time = "at"
target = "hit"
features = [{features}]
seed = 7

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
preprocessing = "tree"
params = {{ max_iter = 5 }}

[package]
golden_rows = 20

[contract]
id = {{ type = "text" }}
{nullable}
"""


def feature(kind: ColumnType) -> str:
    """Return the name of the feature of a type."""
    return f"{kind}_value"


def settings() -> Settings:
    names = {feature(kind): kind for kind in TYPES}
    nullable = [f'{name} = {{ type = "{kind}", nullable = true }}' for name, kind in names.items()]
    features = ", ".join(f'"{name}"' for name in names)
    text = SETTINGS.format(features=features, nullable="\n".join(nullable))
    return typed_settings(parse_settings(text))


def table(rows: int = 1_000) -> pd.DataFrame:
    """Return rows over 100 days with a value in every column."""
    rng = np.random.default_rng(0)
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(rows) * 144, unit="min")
    number = rng.normal(size=rows)
    return pd.DataFrame(
        {
            "id": [f"row {place}" for place in range(rows)],
            "at": at,
            feature("number"): number,
            feature("integer"): rng.integers(0, 9, rows),
            feature("category"): rng.choice(["a", "b"], rows),
            feature("text"): rng.choice(["x", "y", "z"], rows),
            feature("boolean"): rng.random(rows) < 0.5,
            feature("time"): at - pd.Timedelta(days=1),
            "hit": rng.random(rows) < 1 / (1 + np.exp(-number)),
        }
    )


def bundle(folder: Path) -> Bundle:
    return bundle_of(table(), settings(), "boosting", folder)
