"""What moves answers: means of contributions sum to the distance from the held-out rows' mean."""

import pandas as pd
import pytest

from shared.board.pages import mean_contributions
from shared.board.pages.todays_answers import OpenedBundles
from shared.model.bundle import Bundle
from tests.conftest import loans


@pytest.fixture(scope="module")
def opened() -> OpenedBundles:
    return OpenedBundles()


def test_a_feature_that_moved_is_seen_and_all_sum_to_the_mean_answer(
    bundle: Bundle, opened: OpenedBundles
) -> None:
    before, poor = (loans(300, seed=3).assign(income=each) for each in (60_000.0, 5_000.0))
    ordinary, moved = (mean_contributions.of_rows(rows, bundle, opened) for rows in (before, poor))
    assert ordinary
    assert moved
    assert moved.rows == mean_contributions.ROWS
    was, now = ordinary.by_feature["income"], moved.by_feature["income"]
    assert now[0] - was[0] > 4 * (now[1] + was[1])
    for name in ("age", "region", "employed", "guarantee"):
        assert abs(moved.by_feature[name][0] - ordinary.by_feature[name][0]) < now[0] - was[0]
    scores = [bundle.scores(rows.head(moved.rows)).mean() for rows in (before, poor)]
    sums = [sum(mean for mean, _ in each.by_feature.values()) for each in (ordinary, moved)]
    # Both are next to the same held-out rows, drawn alike for rows at the same place.
    assert sums[1] - sums[0] == pytest.approx(scores[1] - scores[0], abs=1e-9)


@pytest.mark.parametrize("rows", [loans(5), loans(300).drop(columns="age")])
def test_too_few_rows_or_rows_without_a_feature_have_none(
    rows: pd.DataFrame, bundle: Bundle, opened: OpenedBundles
) -> None:
    assert mean_contributions.of_rows(rows, bundle, opened) is None
