"""Columns with the same values: told where they had others in training, and not by chance."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from shared.monitoring.input_checks.equal_columns import equal_column

RNG = np.random.default_rng(0)


def rows(count: int = 400, **changed: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "files": RNG.poisson(1, count).astype("float64"),
            "past": RNG.poisson(3, count).astype("float64"),
            "town": pd.Series(RNG.choice(list("abc"), count), dtype="category"),
            "home": RNG.choice(list("abc"), count),
            "score": RNG.random(count),
        }
    ).assign(**changed)


def case(now: pd.DataFrame, before: pd.DataFrame) -> Any:
    plan = SimpleNamespace(names=tuple(now), watched=("score",))
    return SimpleNamespace(
        profile=SimpleNamespace(sample=now),
        bundle=SimpleNamespace(reference=lambda: before),
        baseline=SimpleNamespace(plan=plan),
    )


def test_a_column_that_is_filled_from_another_one_is_told() -> None:
    filled = rows(files=lambda f: f["past"].mask(f.index < 10))
    assert equal_column("files", case(filled, rows())) == "past"
    assert equal_column("past", case(filled, rows())) == "files"
    assert equal_column("home", case(rows(home=lambda f: f["town"]), rows())) == "town"


def test_columns_that_were_equal_before_or_are_equal_by_chance_are_not_told() -> None:
    same = rows(files=lambda f: f["past"])
    assert equal_column("files", case(same, same)) is None
    assert equal_column("files", case(rows(), rows())) is None
    # Two constants, too few rows, and what the model answered.
    stuck = rows(files=1.0, past=1.0)
    assert equal_column("files", case(stuck, rows())) is None
    assert equal_column("files", case(same.head(20), rows())) is None
    assert equal_column("past", case(rows(score=lambda f: f["past"]), rows())) is None
