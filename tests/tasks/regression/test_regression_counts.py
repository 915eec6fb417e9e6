"""Counts of predictions: whole numbers that add up, and score as the rows themselves do."""

import math

import numpy as np
import pandas as pd
import pytest

from shared.kinds import metric_text
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.answer_counts import PlacePairs
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.regression.intervals import Intervals, Reach
from shared.tasks.regression.prediction_bins import plan_answers
from shared.tasks.regression.regression_counts import RegressionCounts
from shared.tasks.regression.regression_task import Regression
from shared.tasks.regression.residuals import RESIDUALS

ERRORS = {
    "normal": lambda rng, rows: rng.normal(0.5, 3, rows),
    "Laplace": lambda rng, rows: rng.laplace(0, 3, rows),
    "heavy-tailed": lambda rng, rows: 3 * rng.standard_t(3, rows),
    "skewed": lambda rng, rows: rng.lognormal(1, 1, rows) - 4,
}
TASK, RULE = Regression(0.9), Intervals(coverage=0.9, overall=Reach(below=(-5,), above=(5,)))


def answered(kind: str = "normal", rows: int = 5_000, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    prediction = rng.gamma(2, 10, rows)
    return pd.DataFrame(
        {
            "prediction": prediction,
            "low": prediction - 5,
            "high": prediction + 5,
            "outcome": prediction + ERRORS[kind](rng, rows),
        }
    )


def planned(history: pd.DataFrame) -> RegressionCounts:
    return RegressionCounts(plan_answers(arrow.table(history), "outcome", 0.9))


def counted(frame: pd.DataFrame, counter: RegressionCounts) -> np.ndarray:
    places = counter.places(arrow.table(frame))
    kept = np.bincount(places[places >= 0], minlength=math.prod(counter.shape))
    return kept.reshape(counter.shape)


def measured(frame: pd.DataFrame) -> dict[str, metrics.Score]:
    columns = frame[["prediction", "low", "high"]].to_numpy()
    return metrics.score(TASK.measure, frame["outcome"].to_numpy(), columns)


@pytest.mark.parametrize("kind", ERRORS)
def test_counted_rows_score_as_rows_of_their_own(kind: str) -> None:
    # The history's errors are of another size than the window's.
    history = answered(kind, seed=1).assign(outcome=lambda f: (f.outcome + f.prediction) / 2)
    frame, counter = answered(kind, rows=20_000), planned(history)
    found, expected = counter.score(counted(frame, counter), 0), measured(frame)
    for name in ("mae", "rmse", "median_absolute_error"):
        assert found[name].value == pytest.approx(expected[name].value, rel=0.005), name
    for name in ("mae", "rmse", "median_absolute_error", "coverage"):
        assert found[name].error == pytest.approx(expected[name].error, rel=0.3), name
    assert found["mean_error"].value == pytest.approx(expected["mean_error"].value, abs=0.01)
    assert found["coverage"].value == expected["coverage"].value
    for name in ("r2", "correlation"):
        assert found[name].value == pytest.approx(expected[name].value, abs=0.01), name
    assert found["correlation"].error == pytest.approx(expected["correlation"].error, rel=0.3)
    assert expected.keys() - found.keys() == {"mape", "pinball_loss"}


def test_counts_add_up_and_each_row_has_one_place() -> None:
    frame = answered(rows=1_000)
    frame.loc[:99, "outcome"] = np.nan
    frame.loc[50:149, "prediction"] = np.nan
    counter = planned(answered(seed=1))
    whole = counted(frame, counter)
    parts = [counted(part, counter) for part in (frame[:300], frame[300:])]
    assert (parts[0] + parts[1] == whole).all()
    assert (counter.answered(whole), counter.received(whole)) == (900, 850)
    assert counter.telling(whole) == 850
    assert counter.shape == (16, 1 + 2 * RESIDUALS)


def test_a_table_without_predictions_counts_nothing_and_one_without_outcomes_no_errors() -> None:
    frame, counter = answered(rows=20), planned(answered())
    assert counter.places(arrow.table(frame.drop(columns="prediction"))).tolist() == [-1] * 20
    counts = counted(frame.drop(columns="outcome"), counter)
    assert (counter.answered(counts), counter.received(counts)) == (20, 0)
    assert not counter.can_score(counts)
    assert np.isnan(counter.score(counts, 0)["mae"].value)


def test_an_outcome_is_held_at_the_ends_of_its_interval_and_not_without_one() -> None:
    frame = pd.DataFrame({"prediction": 0.0, "low": [-1, -1, 0, None], "high": 2.0})
    frame["outcome"] = [-1.0, 2.0, -0.5, 0.0]
    counter = planned(answered())
    assert counter.score(counted(frame, counter), 0)["coverage"].value == 0.5


def test_a_bias_is_the_mean_outcome_beside_the_mean_prediction() -> None:
    frame, counter = answered(rows=2_000), planned(answered(seed=1))
    found = counter.bias(counted(frame, counter))
    exact = TASK.bias(frame["outcome"].to_numpy(), frame["prediction"].to_numpy())
    assert found.observed - found.predicted == pytest.approx(
        exact.observed - exact.predicted, abs=0.01
    )
    assert found.predicted == pytest.approx(exact.predicted, rel=0.02)
    assert found.rows == 2_000
    assert found.error == pytest.approx(exact.error, rel=0.01)


@pytest.mark.parametrize("kind", ERRORS)
def test_outcomes_beyond_their_intervals_are_counted_on_each_side(kind: str) -> None:
    frame, counter = answered(kind), planned(answered(kind, seed=1))
    columns = frame[["prediction", "low", "high"]].to_numpy()
    found = counter.shares(counted(frame, counter))
    assert found == TASK.shares(frame["outcome"].to_numpy(), columns)
    above = found["outcomes above their interval"]
    assert above.observed == (frame["outcome"] > frame["high"]).sum()
    assert above.expected == pytest.approx(0.05 * 5_000)
    assert found["outcomes below their interval"].observed == (frame.outcome < frame.low).sum()


def test_predictions_without_intervals_foretell_no_shares() -> None:
    frame = answered(rows=50)
    plan = plan_answers(arrow.table(frame), "outcome", None)
    counter = RegressionCounts(plan)
    assert counter.shares(counted(frame, counter)) == {}
    assert Regression().shares(frame["outcome"].to_numpy(), frame["prediction"].to_numpy()) == {}


def test_a_window_with_other_predictions_is_to_expect_other_errors() -> None:
    rng = np.random.default_rng(0)
    holdout = answered(rows=8_000)
    holdout["outcome"] = holdout["prediction"] * (1 + rng.normal(0, 0.3, 8_000))
    columns = ["prediction", "low", "high"]
    diagnostics = TASK.diagnose(holdout["outcome"].to_numpy(), holdout[columns].to_numpy(), RULE)
    counter, high = planned(holdout), holdout[holdout["prediction"] > 25]
    for window in (holdout, high):
        counts = counted(window.drop(columns="outcome"), counter)
        found, expected = counter.estimate(counts, diagnostics, 0), measured(window)
        for name in ("mae", "rmse", "coverage"):
            assert found[name].value == pytest.approx(expected[name].value, rel=0.05), name
        assert found["mae"].error < 2 * expected["mae"].error
        assert found["mae"].error > expected["mae"].error / 2
    assert counter.estimate(np.zeros(counter.shape), diagnostics, 0) == {}


def test_the_better_of_two_bundles_is_better_on_the_same_rows() -> None:
    frame, counter = answered(), planned(answered(seed=1))
    outcome = frame["outcome"].to_numpy()
    theirs = (frame["prediction"] + 0.5 * (frame["outcome"] - frame["prediction"])).to_numpy()
    own = {name: frame[name].to_numpy() for name in ("prediction", "low", "high")}
    pairs = [counter.pair_places(outcome, one) for one in (own, {"prediction": theirs})]
    received, found = counter.compare(PlacePairs(*pairs, np.ones(len(frame))), 0, 200)
    assert received == 5_000
    assert found is not None
    exact = metrics.difference(TASK.measure, outcome, theirs, frame["prediction"].to_numpy())
    for name in ("mae", "rmse"):
        assert found.differences[name].value == pytest.approx(exact[name].value, rel=0.02)
        assert found.differences[name].high < 0
    assert np.isnan(found.differences["coverage"].value)
    assert not any(
        end > 0 or end < 0 for end in metrics.gain(found.differences["coverage"], "coverage")
    )
    assert counter.compare(PlacePairs(*pairs, np.ones(len(frame))), 0, 5_001) == (5_000, None)


def test_intervals_are_compared_where_both_bundles_give_some() -> None:
    frame, counter = answered(), planned(answered(seed=1))
    outcome, own = frame["outcome"].to_numpy(), frame[["prediction", "low", "high"]]
    wide = own.assign(low=own["low"] - 20, high=own["high"] + 20)
    sides = [{name: one[name].to_numpy() for name in one} for one in (own, wide)]
    places = [counter.pair_places(outcome, one) for one in sides]
    _, found = counter.compare(PlacePairs(*places, np.ones(len(frame))), 0, 200)
    assert found is not None
    measured = [one.to_numpy("float64") for one in (wide, own)]
    exact = metrics.difference(TASK.measure, outcome, *measured)["coverage"]
    assert found.differences["coverage"].value == pytest.approx(exact.value, abs=1e-9)
    assert found.differences["coverage"].low > 0
    assert found.differences["mae"].value == 0


def test_a_plan_of_nothing_and_one_of_a_constant_can_count() -> None:
    frame = answered(rows=50)
    for plan in (
        AnswerPlan(kind="regression"),
        plan_answers(arrow.table(frame.drop(columns="prediction")), "outcome", None),
        plan_answers(arrow.table(frame.drop(columns="outcome")), "outcome", None),
        plan_answers(arrow.table(frame.assign(prediction=3.0, outcome=3.0)), "outcome", None),
    ):
        counter = RegressionCounts(plan)
        counts = counted(frame, counter)
        assert counter.received(counts) == 50
        assert np.isfinite(counter.score(counts, 0)["mae"].value)
        assert np.isfinite(counter.bias(counts).observed)
        assert AnswerPlan.model_validate_json(plan.model_dump_json()) == plan


def test_outcomes_too_far_off_to_be_counted_exactly_are_named() -> None:
    frame = answered()
    counter = planned(frame)
    assert counter.note(counted(frame, counter), {}) is None
    far = metric_text(counter.plan.scale * np.sinh(95 * 0.08))
    frame.loc[0, "outcome"] = 1e12
    assert counter.note(counted(frame, counter), {}) == (
        f"1 outcome is more than {far} from the prediction, and counts as about that far: check it."
    )
    frame.loc[1, "outcome"] = -1e12
    assert counter.note(counted(frame, counter), {}) == (
        f"2 outcomes are more than {far} from the prediction, and count as about that far: "
        "check them."
    )


def test_outcomes_are_far_where_they_are_three_times_as_far_as_all_others() -> None:
    frame = answered(rows=1_000)
    frame.loc[0, "outcome"] = frame.loc[0, "prediction"] + 100
    columns = frame[["prediction", "low", "high"]].to_numpy()
    diagnostics = TASK.diagnose(frame["outcome"].to_numpy(), columns, RULE)
    counter = planned(frame)
    assert counter.far_cells(counted(frame, counter), diagnostics) is None
    for outcome, beyond in ((-1e12, 2_400), (1e12, 2_400), (450, 350), (-450, 400), (250, None)):
        counts = counted(
            frame.assign(outcome=frame["outcome"].where(frame.index != 7, outcome)), counter
        )
        far = counter.far_cells(counts, diagnostics)
        assert (far is None) == (beyond is None), outcome
        if far is not None:
            assert far.farthest == pytest.approx(100)
            assert far.beyond >= beyond
            assert counts[far.cells].sum() == 1
    # Where all have grown by ten times, none is apart.
    grown = frame.assign(outcome=10 * frame["outcome"] - 9 * frame["prediction"])
    assert (grown["outcome"] - grown["prediction"]).abs().max() > 900
    assert counter.far_cells(counted(grown[1:], counter), diagnostics) is None


def test_predictions_that_spread_less_correlate_less_with_errors_of_the_same_size() -> None:
    history = answered()
    counter, once = planned(history), measured(history)
    middle = history["prediction"].between(15, 25)
    narrow = history[middle].reset_index(drop=True)
    counts = counted(narrow, counter)
    scores = counter.score(counts, 0)
    expected = counter.expected_of(counts, scores, once)
    assert expected["correlation"].value == pytest.approx(scores["correlation"].value, abs=0.03)
    assert expected["correlation"].value < once["correlation"].value - 0.1
    assert expected["mae"] == once["mae"]
    # Those that spread as far, or farther, are held against what was seen.
    same = counter.expected_of(counted(history, counter), scores, once)
    assert same["correlation"].value == pytest.approx(once["correlation"].value, abs=0.002)
