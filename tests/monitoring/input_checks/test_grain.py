"""The grain of a number: a column that is rounded otherwise than in training is said to be."""

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.input_checks.grain import grain
from tests.monitoring.traffic import week

MANY = np.random.default_rng(0).normal(50, 20, 500)


@pytest.mark.parametrize("step", [10, 5, 1, 0.5, 0.1, 0.01])
def test_a_grain_is_the_coarsest_step_of_which_all_are_multiples(step: float) -> None:
    rounded = pd.Series(np.round(MANY / step) * step)
    assert grain(rounded) == step
    assert grain(rounded.astype("float32")) == step


def test_values_of_no_grain_have_none_and_few_values_tell_nothing() -> None:
    assert grain(pd.Series(MANY)) == 0
    assert grain(pd.Series([0.0, 10.0, 20.0, np.nan] * 50)) is None


def test_one_value_that_was_filled_in_for_a_few_hides_no_grain() -> None:
    assert grain(pd.Series([*np.round(MANY), 0.123])) == 1


def test_zeros_of_a_column_that_was_rounded_stand_for_no_missing_values(judged) -> None:
    # Some are nearer to 0 than to the first step.
    rounded = judged(week(1_000).assign(income=lambda f: (f["income"] / 8_000).round() * 8_000))
    reason = next(one for one in rounded.reasons if one.column == "income")
    assert reason.what == "values of income are rounded more than they were"
    assert reason.likely_cause == "income is rounded to 1000, in training not at all"


def test_a_column_that_is_rounded_otherwise_is_told_how(judged) -> None:
    reasons = judged(week().assign(age=lambda f: f["age"] // 5 * 5)).reasons
    told = {reason.likely_cause for reason in reasons if reason.column == "age"}
    assert any("age is rounded to 5, in training to 1" in (words or "") for words in told)
