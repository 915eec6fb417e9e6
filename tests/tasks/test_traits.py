"""Traits of answers: known of a worked table, of scikit-learn and numpy, and alike by counts."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from shared.schema import arrow
from shared.tasks import traits
from shared.tasks.answer_counts import AnswerCounts
from shared.tasks.binary.binary_task import Binary
from shared.tasks.choice import answer_counts
from shared.tasks.multiclass.multiclass_counts import MulticlassCounts
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.outcome_statistics import Share
from shared.tasks.regression.regression_task import Regression

RNG = np.random.default_rng(0)
CHANCE = RNG.beta(2, 5, 20_000)
TRUE = (RNG.random(20_000) < CHANCE).astype("float64")
FLIPPED = np.where(RNG.random(20_000) < 0.2, 1 - TRUE, TRUE)


def counted(frame: pd.DataFrame, counter: AnswerCounts) -> np.ndarray:
    places = counter.places(arrow.table(frame))
    held = np.bincount(places[places >= 0], minlength=int(np.prod(counter.shape)))
    return held.reshape(counter.shape)


@pytest.mark.parametrize("outcome", [TRUE, FLIPPED])
def test_slopes_are_those_of_the_regressions_they_are_named_after(outcome: np.ndarray) -> None:
    found = Binary().traits(outcome, CHANCE)
    odds = np.log(CHANCE / (1 - CHANCE))[:, None]
    logistic = LogisticRegression(C=np.inf, tol=1e-8).fit(odds, outcome)
    # The penalty draws the slope of so many rows nearer to zero by far less than its error.
    assert found[traits.CALIBRATION_SLOPE].value == pytest.approx(logistic.coef_[0, 0], abs=1e-3)
    assert found[traits.SLOPE].value == pytest.approx(np.polyfit(CHANCE, outcome, 1)[0])


@pytest.mark.parametrize(("negatives", "positives"), [((30, 10), (5, 20)), ((9, 0), (0, 7))])
def test_the_calibration_slope_of_two_answers_is_that_of_half_a_row_more_of_each_outcome(
    negatives: tuple[int, int], positives: tuple[int, int]
) -> None:
    # As Firth's penalty does where there is an answer for each parameter, and also where no answer
    # has both outcomes.
    chance, none, some = np.array([0.2, 0.6]), np.array(negatives), np.array(positives)
    odds, observed = np.log(chance / (1 - chance)), np.log((some + 0.5) / (none + 0.5))
    found = traits.calibration_slope(chance, none, some)
    expected = (observed[1] - observed[0]) / (odds[1] - odds[0])
    assert found.value == pytest.approx(expected, rel=1e-4)
    rows, share = none + some, (some + 0.5) / (none + some + 1)
    error = np.sqrt((1 / (rows * share * (1 - share))).sum()) / (odds[1] - odds[0])
    assert found.error == pytest.approx(error, rel=1e-4)


def test_of_calibrated_answers_slopes_are_one_and_flipping_a_fifth_takes_two_fifths() -> None:
    whole, flipped = Binary().traits(TRUE, CHANCE), Binary().traits(FLIPPED, CHANCE)
    for found, expected in ((whole, 1.0), (flipped, 0.6)):
        trait = found[traits.SLOPE]
        assert abs(trait.value - expected) < 3 * trait.error
    assert flipped[traits.CALIBRATION_SLOPE].value < 0.7
    assert whole["share of true outcomes"].value == pytest.approx(0, abs=0.03)


def test_errors_are_how_far_traits_vary_between_samples() -> None:
    every = [Binary().traits(TRUE[at], CHANCE[at]) for at in np.split(np.arange(20_000), 40)]
    for name in every[0]:
        values, errors = np.array([found[name][:2] for found in every]).T
        assert values.std() == pytest.approx(errors.mean(), rel=0.35)


def test_binary_traits_by_counts_are_those_of_the_rows() -> None:
    frame = pd.DataFrame({"probability": CHANCE, "outcome": FLIPPED})
    counter = answer_counts(Binary().plan_answers(arrow.table(frame), "outcome"))
    found, exact = counter.traits(counted(frame, counter)), Binary().traits(FLIPPED, CHANCE)
    assert found.keys() == exact.keys()
    for name, trait in exact.items():
        assert found[name].value == pytest.approx(trait.value, abs=0.01)
        assert found[name].error == pytest.approx(trait.error, rel=0.02)


def test_traits_of_numbers_by_counts_are_those_of_the_rows() -> None:
    prediction = RNG.normal(20, 10, 5_000)
    outcome = 4 + 0.5 * prediction + RNG.normal(0, 8, 5_000)
    frame = pd.DataFrame({"prediction": prediction, "outcome": outcome})
    counter = answer_counts(Regression().plan_answers(arrow.table(frame), "outcome"))
    found = counter.traits(counted(frame, counter))
    exact = Regression().traits(outcome, prediction)
    assert exact[traits.SLOPE].value == pytest.approx(np.polyfit(prediction, outcome, 1)[0])
    assert exact[traits.MEAN_ERROR].value == pytest.approx((outcome - prediction).mean())
    size = np.log(np.abs(outcome - prediction).mean())
    assert exact[traits.ERROR_SIZE].value == pytest.approx(size)
    for name, trait in exact.items():
        assert found[name].value == pytest.approx(trait.value, abs=2 * trait.error)


def test_the_slope_of_classes_is_one_where_they_come_as_foretold_and_alike_by_counts() -> None:
    names = ("a", "b", "c")
    chances = RNG.dirichlet([3, 2, 1], 6_000)
    codes = (chances.cumsum(axis=1) < RNG.random((6_000, 1))).sum(axis=1)
    frame = pd.DataFrame({f"probability_{n}": chances[:, i] for i, n in enumerate(names)})
    exact = Multiclass(names).traits(codes, chances)
    assert exact[traits.SLOPE].value == pytest.approx(1, abs=0.1)
    shuffled = Multiclass(names).traits(RNG.permutation(codes), chances)
    assert shuffled[traits.SLOPE].value == pytest.approx(0, abs=0.1)
    frame = frame.assign(outcome=np.array(names)[codes])
    frame.columns = [*Multiclass(names).score_names, "outcome"]
    counter = MulticlassCounts(names)
    found = counter.traits(counted(frame, counter))
    for name, trait in exact.items():
        assert found[name].value == pytest.approx(trait.value, abs=0.02)


def test_what_cannot_be_known_of_a_trait_is_missing() -> None:
    alike = Binary().traits(TRUE[:50], np.full(50, 0.3))
    assert np.isnan(alike[traits.SLOPE].value)
    assert np.isnan(alike[traits.CALIBRATION_SLOPE].value)
    exact = traits.residual_traits(np.zeros(5), np.ones(5))
    assert exact == {traits.MEAN_ERROR: (0.0, 0.0, 0, False)}


def test_shares_are_logarithms_of_how_many_came_of_those_expected() -> None:
    (found,) = traits.share_traits({"late": Share(49.5, 99.5)}).values()
    assert found.value == pytest.approx(np.log(0.5))
    assert found.ratio
    assert traits.unanswered(30, 1_000).value == 0.03
