"""The bounded sample of a window and its reference that Evidently draws reports of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.monitoring.case import Case
from shared.profiles.counting_plan import SCORE
from shared.profiles.counts import OUTCOME
from shared.schema.contract import Contract

ANSWERS = [OUTCOME, "prediction", SCORE]


@dataclass(frozen=True)
class Sample:
    """Rows of the window and of the reference with the same columns, and how many of how many."""

    window: pd.DataFrame
    reference: pd.DataFrame
    words: str


def inputs(case: Case) -> Sample:
    """Sample inputs and probabilities: numbers as float64, categories as str."""
    rows, reference = case.profile.sample, case.bundle.reference()
    names = [name for name in (*case.bundle.contract.features, SCORE) if name in rows]
    return _sample(rows[names], case.profile.size, reference[names], case)


def answers(case: Case) -> Sample:
    """Sample the rows whose outcome is known: `outcome`, `prediction` and `probability`."""
    reference = case.bundle.reference().rename(columns={case.bundle.contract.target: OUTCOME})
    rows = case.profile.sample
    if SCORE in rows:
        scores = pd.to_numeric(rows[SCORE], errors="coerce")
        predicted = pd.Series(case.bundle.predictions(scores.to_numpy("float64")), scores.index)
        rows = rows.assign(prediction=predicted.where(scores.notna()))
    now, before = (frame.reindex(columns=ANSWERS).dropna() for frame in (rows, reference))
    return _sample(now, int(case.profile.counts["answers"][1:].sum()), before, case)


def _sample(now: pd.DataFrame, size: int, before: pd.DataFrame, case: Case) -> Sample:
    """Return rows out of a window of so many, beside as many of the reference at most."""
    most = min(case.monitor.sample_rows, len(before))
    sampled = before.sample(most, random_state=case.settings.seed)
    shown = _share(len(now), size), _share(most, len(before))
    return Sample(
        window=_plain(now, case.bundle.contract),
        reference=_plain(sampled, case.bundle.contract),
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
