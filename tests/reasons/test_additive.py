"""Models that add up their features, and those that do not."""

import numpy as np
import pandas as pd
import pytest

from shared.reasons.additive import additive_parts

RNG = np.random.default_rng(3)
ROWS = pd.DataFrame({"a": RNG.normal(size=200), "b": RNG.integers(0, 5, 200)})


def adding(rows: pd.DataFrame) -> np.ndarray:
    return (np.sin(rows["a"]) + rows["b"].to_numpy() ** 2 + 7).to_numpy()[:, None]


def multiplying(rows: pd.DataFrame) -> np.ndarray:
    return (rows["a"] * rows["b"]).to_numpy()[:, None]


def test_parts_are_what_each_value_is_worth_next_to_the_mean_and_sum_to_the_score() -> None:
    parts = additive_parts(ROWS, adding)
    assert parts
    assert parts.base[0] == pytest.approx(adding(ROWS).mean())
    found = parts.contributions(ROWS)
    assert found.shape == (200, 2, 1)
    sines = np.sin(ROWS["a"])
    assert found[:, 0, 0] == pytest.approx((sines - sines.mean()).to_numpy())
    scores = adding(ROWS)
    assert parts.add_up(found, scores).all()
    scores[7] += 1e-3
    assert np.flatnonzero(~parts.add_up(found, scores)).tolist() == [7]


def test_a_model_whose_features_work_together_has_no_parts() -> None:
    assert additive_parts(ROWS, multiplying) is None


def test_a_feature_may_be_called_as_an_argument_of_pandas_is() -> None:
    rows = ROWS.rename(columns={"a": "self"})
    parts = additive_parts(rows, lambda named: adding(named.rename(columns={"self": "a"})))
    plain = additive_parts(ROWS, adding)
    assert parts
    assert plain
    assert parts.contributions(rows) == pytest.approx(plain.contributions(ROWS))
