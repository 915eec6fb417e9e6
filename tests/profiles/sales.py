"""Sales for the tests: rows in which columns tell of each other, in a curve and by names."""

import numpy as np
import pandas as pd

from tests.profiles.contracts import contract

MONTH = 720.0
CONTRACT = contract(
    {
        "size": "number",
        "bow": "number",
        "shop": "category",
        "ware": "category",
        "luck": "number",
    }
)


def sales(rows: int, seed: int = 0, mean: float = 0.0) -> pd.DataFrame:
    """Return rows in which `bow` follows `size` in a curve, and `ware` the `shop`; not `luck`."""
    rng = np.random.default_rng(seed)
    size = rng.normal(mean, 1, rows)
    shop = rng.choice(["ulm", "bonn", "kiel"], rows, p=[0.5, 0.3, 0.2])
    own = pd.Series(shop).map({"ulm": "bread", "bonn": "salt", "kiel": "fish"})
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 10**6,
            "at": pd.Timestamp("2024-01-01", tz="UTC")
            + pd.to_timedelta(np.sort(rng.random(rows)) * MONTH, unit="h"),
            "size": size,
            "bow": size**2 + rng.normal(0, 0.3, rows),
            "shop": shop,
            "ware": own.where(rng.random(rows) < 0.8, rng.choice(["bread", "salt", "fish"], rows)),
            "luck": rng.normal(size=rows),
        }
    )


def shuffled(frame: pd.DataFrame, column: str, share: float) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    at = np.flatnonzero(rng.random(len(frame)) < share)
    found = frame[column].to_numpy(copy=True)
    found[at] = found[rng.permutation(at)]
    return frame.assign(**{column: found})
