"""The bounded sample of a window and its reference that Evidently draws reports of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.data.contract import Contract
from shared.monitoring.reasons import PREDICTION
from shared.monitoring.window import Window
from shared.packaging.bundle import Bundle
from shared.settings import Settings

ANSWERS = ["outcome", "prediction", PREDICTION]


@dataclass(frozen=True)
class Sample:
    """Rows of the window and of the reference with the same columns, and how many of how many."""

    window: pd.DataFrame
    reference: pd.DataFrame
    words: str


def inputs(window: Window, bundle: Bundle, settings: Settings) -> Sample:
    """Sample inputs and probabilities: numbers as float64, categories as str."""
    names = [n for n in (*bundle.contract.features, PREDICTION) if n in window.rows]
    return _sample(window.rows[names], bundle.reference()[names], bundle.contract, settings)


def answers(window: Window, bundle: Bundle, settings: Settings) -> Sample:
    """Sample the rows whose outcome is known: `outcome`, `prediction` and `probability`."""
    promised = bundle.reference().rename(columns={bundle.contract.target: "outcome"})
    now, before = (frame.reindex(columns=ANSWERS).dropna() for frame in (window.rows, promised))
    return _sample(now, before, bundle.contract, settings)


def _sample(
    now: pd.DataFrame, before: pd.DataFrame, contract: Contract, settings: Settings
) -> Sample:
    most, seed = settings.monitor.sample_rows, settings.seed
    return Sample(
        window=_plain(now.sample(min(most, len(now)), random_state=seed), contract),
        reference=_plain(before.sample(min(most, len(before)), random_state=seed), contract),
        words=f"{_share(len(now), most)} of the window beside {_share(len(before), most)} of the "
        "reference",
    )


def _share(rows: int, most: int) -> str:
    return f"{most:,} of {rows:,} rows" if rows > most else f"all {rows:,} rows"


def _plain(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return columns as Evidently takes them; what cannot be read of an input is missing."""
    columns = {name: _values(frame[name], str(name), contract) for name in frame}
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def _values(values: pd.Series, name: str, contract: Contract) -> pd.Series:
    if name in contract.categorical:
        return values.astype(object).map(str, na_action="ignore")
    if name in ("outcome", "prediction"):
        return values.astype("int64")
    if name in contract.features and contract[name].type == "time":
        moments = pd.to_datetime(values, utc=True, errors="coerce")
        return (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))
