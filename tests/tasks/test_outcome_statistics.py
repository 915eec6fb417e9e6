"""What outcomes are held against: the error of a bias."""

from shared.tasks.outcome_statistics import Bias


def test_the_error_of_a_bias_is_that_of_a_mean() -> None:
    assert Bias(0.5, 0.4, rows=100, variances=25.0).error == 0.05
