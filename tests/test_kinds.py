"""The words of the kinds of answer, and how values of metrics are written."""

import math

import pytest

from shared.kinds import looks_inverted, looks_unrelated, metric_text, turned_round
from shared.tasks.metrics import Score


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.72649, "0.726"),
        (9.8765, "9.877"),
        (94.3, "94.30"),
        (1234.5, "1,234"),
        (-123_456.7, "-123,457"),
        (4.2174e9, "4.217e+09"),
        (-1.7302e14, "-1.73e+14"),
        (math.nan, "nan"),
        (math.inf, "inf"),
    ],
)
def test_a_metric_is_written_with_the_digits_that_tell_something(
    value: float, written: str
) -> None:
    assert metric_text(value) == written


def test_a_score_of_thousands_has_no_decimals() -> None:
    assert str(Score(12_345.67, 9.5, math.inf)) == "12,346 [9.5000, inf]"
    assert Score(12_345.67, -0.5, 94.3).signed == "+12,346 [-0.5000, +94.300]"


def test_only_what_chance_makes_known_can_look_inverted() -> None:
    assert looks_inverted("roc_auc", 0.3, 0.75)
    assert not looks_inverted("roc_auc", 0.45, 0.75)
    assert not looks_inverted("r2", -3.0, 0.75)
    assert not looks_inverted("bias", 0.0, 0.75)
    assert looks_inverted("correlation", -0.5, 0.75)
    assert (turned_round("roc_auc", 0.3), turned_round("correlation", -0.5)) == (0.7, 0.5)


def test_what_is_near_chance_follows_nothing() -> None:
    assert looks_unrelated("roc_auc", 0.55, 0.75)
    assert not looks_unrelated("roc_auc", 0.6, 0.75)
    assert not looks_unrelated("mae", 0.0, 0.75)
