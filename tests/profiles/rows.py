"""Rows for the tests with a column of every kind, some of them missing or out of the contract."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from shared.profiles import planning
from shared.profiles.profile import Profile, Profiler
from shared.schema import arrow
from shared.schema.contract import Contract, ContractColumn

START = datetime(2024, 1, 1, tzinfo=UTC)


def column(name: str, kind: Any, **said: Any) -> ContractColumn:
    return ContractColumn(name=name, type=kind, nullable=True, **said)


CONTRACT = Contract(
    key="id",
    time="at",
    target="late",
    features=("x", "y", "colour", "on", "since"),
    columns=(
        column("id", "text"),
        column("at", "time"),
        column("x", "number"),
        column("y", "integer", minimum=0, maximum=9, outside="refuse"),
        column("colour", "category", categories=("red", "green"), outside="refuse"),
        column("on", "boolean"),
        column("since", "time"),
        column("late", "boolean"),
    ),
)
ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c", "d"]) | st.none(),
        "at": st.integers(0, 10**6).map(lambda s: pd.Timestamp(START) + pd.Timedelta(seconds=s)),
        "x": st.floats(-1e9, 1e9) | st.none(),
        "y": st.integers(-2, 12) | st.none(),
        "colour": st.sampled_from(["red", "green", "blue", "ultramarine"]) | st.none(),
        "on": st.booleans() | st.none(),
        "since": st.integers(0, 10**9).map(lambda s: pd.Timestamp(s, unit="s", tz="UTC")),
        "probability": st.floats(0, 1) | st.none(),
        "outcome": st.sampled_from([0.0, 1.0]) | st.none(),
    }
)


def history() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": [f"r{n}" for n in range(500)],
            "at": pd.Timestamp(START) + pd.to_timedelta(np.arange(500), unit="h"),
            "x": rng.normal(0, 1e6, 500),
            "y": rng.integers(0, 9, 500),
            "colour": rng.choice(["red", "green"], 500),
            "on": rng.random(500) < 0.5,
            "since": pd.Timestamp(START) + pd.to_timedelta(rng.integers(0, 10**6, 500), unit="s"),
            "probability": rng.random(500),
        }
    )


PLAN = planning.plan_counting(arrow.table(history()), CONTRACT)


def profile(rows: list[dict[str, Any]]) -> Profile:
    frame = pd.DataFrame(rows, columns=[*list(history().columns), "outcome"])
    typed = dict.fromkeys(("x", "y", "probability", "outcome"), "float64")
    return Profiler(PLAN, 5).profile(arrow.table(frame.astype(typed)))
