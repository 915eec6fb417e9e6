"""Binary answers: the baseline to beat, the threshold, and what is answered by it."""

import numpy as np
import pandas as pd
import pytest

from shared.tasks.binary.binary_task import Binary, Threshold

ROWS = pd.DataFrame({"age": [30, 40, 50]})


def test_a_prediction_is_true_from_the_threshold_on_and_not_without_a_probability() -> None:
    answered = Binary().answers(np.array([0.4, 0.5, np.nan]), Threshold(threshold=0.5), ROWS)
    assert answered["prediction"].tolist() == [False, True, False]
    assert [*answered] == [column.name for column, _ in Binary().columns]


def test_no_rows_have_no_scores() -> None:
    assert Binary().scores(None, pd.DataFrame()).shape == (0,)


def test_a_bias_is_the_observed_share_less_the_predicted_and_has_the_error_of_chance() -> None:
    bias = Binary().bias(np.array([1, 0, 0, 1]), np.full(4, 0.25))
    assert (bias.observed, bias.predicted) == (0.5, 0.25)
    assert bias.error == pytest.approx(np.sqrt(0.25 * 0.75 / 4))


def test_the_baseline_is_the_groups_rate_and_unseen_groups_get_the_overall_rate(settings):
    train = pd.DataFrame(
        {"region": ["a"] * 1000 + ["b"] * 1000, "defaulted": [1] * 1000 + [0] * 1000}
    )
    rows = pd.DataFrame({"region": ["a", "b", "c", None]})
    given = Binary().baseline(train, rows, settings)
    assert given == pytest.approx([1, 0, 0.5, 0.5], abs=0.02)


def test_outcomes_that_were_learnt_are_false_and_true_again() -> None:
    """Beside a target of two texts of its own, 0 and 1 are neither."""
    assert Binary().decode(pd.Series([0, 1], dtype="int64")).tolist() == [False, True]


def test_the_best_threshold_separates_what_can_be_separated(settings):
    rows, chance = pd.DataFrame({"defaulted": [0, 0, 0, 1, 1]}), np.array([0.1, 0.2, 0.3, 0.6, 0.8])
    assert Binary().choose_rule(rows, chance, settings) == Threshold(threshold=0.6)
    fixed = settings.model_copy(update={"threshold": 0.4})
    assert Binary().choose_rule(rows, chance, fixed) == Threshold(threshold=0.4)
