"""Two runs are compared on the same held-out rows, or in words why there are none."""

import pytest

from shared.model.bundle import Bundle
from shared.runs.comparing import same_rows
from shared.runs.comparing.sides import Side
from shared.tasks.metrics import Score
from tests.runs.runs import side, trained


def test_two_are_compared_on_the_rows_that_both_held_out(two_sides: list[Side]) -> None:
    found = same_rows.read(*two_sides)
    first, second = (one.held_out.rows for one in two_sides)
    assert found.paired
    assert found.paired.rows == len(first) == len(second)
    assert found.rows == f"{len(first):,} rows that both held out"
    paired = found.paired
    for name, difference in paired.differences.items():
        gap = paired.theirs[name].value - paired.own[name].value
        assert difference.value == pytest.approx(gap)
        # The bundle keeps all of so small a holdout, so its scores are those of the training run.
        assert paired.own[name].value == pytest.approx(two_sides[0].evaluation.scores[name].value)


def test_a_comparison_that_was_made_is_remembered_as_it_was(two_sides: list[Side]) -> None:
    made, again = (same_rows.read(*two_sides).paired for _ in range(2))
    assert made == again


def test_where_rows_differ_the_training_runs_own_comparison_with_the_champion_counts(
    bundle: Bundle, other_bundle: Bundle, two_sides: list[Side]
) -> None:
    later = trained(other_bundle)
    evaluation = dict(later["evaluate"].task["evaluation"].data)
    baseline = evaluation["comparisons"]["baseline"]
    evaluation |= {"champion": "a" * 64, "comparisons": {"champion": baseline}}
    later["evaluate"].task["evaluation"].data = evaluation
    rows = later["evaluate"].task["reference"]
    rows.data = rows.data.assign(loan="other " + rows.data["loan"])
    second = side("B", "TrainFlow/9", later, "b" * 64)
    found = same_rows.read(two_sides[0], second)
    assert found.paired
    assert (
        found.rows
        == f"the {bundle.evaluation.rows:,} rows of the holdout of B, when A was champion"
    )
    difference = second.evaluation.comparisons["champion"].difference["log_loss"]
    assert found.paired.differences["log_loss"] == difference
    swapped = [
        side("A", "TrainFlow/9", later, "b" * 64),
        side("B", "TrainFlow/1", two_sides[0].trained, "a" * 64),
    ]
    turned = same_rows.read(*swapped)
    assert turned.paired
    assert turned.paired.differences["log_loss"] == Score(
        -difference.value, -difference.high, -difference.low
    )


def test_without_the_same_rows_that_is_said(two_sides: list[Side]) -> None:
    rows = two_sides[1].trained["evaluate"].task["reference"]
    rows.data = rows.data.assign(loan="other " + rows.data["loan"])
    found = same_rows.read(*two_sides)
    assert (found.paired, found.note) == (None, "no row was held out by both with the same outcome")
