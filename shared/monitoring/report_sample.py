"""The bounded sample of a window and its reference that Evidently draws reports of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
from shared.monitoring.window import Window
from shared.profiles.counting_plan import SCORE
from shared.profiles.counts import OUTCOME
from shared.schema.contract import Contract
from shared.settings import Settings

ANSWERS = [OUTCOME, "prediction", SCORE]


@dataclass(frozen=True)
class Sample:
    """Rows of the window and of the reference with the same columns, and how many of how many."""

    window: pd.DataFrame
    reference: pd.DataFrame
    words: str


def inputs(window: Window, bundle: Bundle, settings: Settings) -> Sample:
    """Sample inputs and probabilities: numbers as float64, categories as str."""
    rows = window.profile.sample
    names = [name for name in (*bundle.contract.features, SCORE) if name in rows]
    before = bundle.reference()
    size = (window.profile.size, len(before))
    return _sample(rows[names], before[names], size, bundle.contract, settings)


def answers(window: Window, bundle: Bundle, settings: Settings) -> Sample:
    """Sample the rows whose outcome is known: `outcome`, `prediction` and `probability`."""
    promised = bundle.reference().rename(columns={bundle.contract.target: OUTCOME})
    rows = window.profile.sample
    if SCORE in rows:
        chance = pd.to_numeric(rows[SCORE], errors="coerce")
        predicted = pd.Series(bundle.predictions(chance.to_numpy("float64")), chance.index)
        rows = rows.assign(prediction=predicted.where(chance.notna()))
    now, before = (frame.reindex(columns=ANSWERS).dropna() for frame in (rows, promised))
    told = int(window.profile.counts["answers"][1:].sum())
    return _sample(now, before, (told, len(before)), bundle.contract, settings)


def _sample(
    now: pd.DataFrame,
    before: pd.DataFrame,
    sizes: tuple[int, int],
    contract: Contract,
    settings: Settings,
) -> Sample:
    most, seed = settings.monitor.sample_rows, settings.seed
    drawn = before.sample(min(most, len(before)), random_state=seed)
    shown = _share(len(now), sizes[0]), _share(len(drawn), sizes[1])
    return Sample(
        window=_plain(now, contract),
        reference=_plain(drawn, contract),
        words=f"{shown[0]} of the window and {shown[1]} of the reference",
    )


def _share(shown: int, rows: int) -> str:
    return f"{shown:,} of {rows:,} rows" if rows > shown else f"all {rows:,} rows"


def _plain(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return columns as Evidently takes them; what cannot be read of an input is missing."""
    columns = {name: _values(frame[name], str(name), contract) for name in frame}
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def _values(values: pd.Series, name: str, contract: Contract) -> pd.Series:
    if name in contract.categorical:
        return values.astype(object).map(str, na_action="ignore")
    if name in (OUTCOME, "prediction"):
        return values.astype("float64").astype("int64")
    if name in contract.features and contract[name].type == "time":
        moments = pd.to_datetime(values, utc=True, errors="coerce")
        return (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))
