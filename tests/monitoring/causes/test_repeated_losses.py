"""A loss that repeated rows explain is to be mended, and not learnt."""

import pandas as pd

from shared.monitoring import loss_advice
from tests.monitoring.traffic import week, words


def with_defaults(rows: pd.DataFrame, times: int) -> pd.DataFrame:
    """Return rows of which those that defaulted came so many times."""
    lost = rows[rows["defaulted"] == 1]
    again = [lost.assign(loan=lost["loan"] + f"-{number}") for number in range(1, times)]
    return pd.concat([rows, *again], ignore_index=True)


def test_outcomes_that_came_five_times_where_they_are_true_are_no_change_of_the_world(
    judged,
) -> None:
    verdict = judged(with_defaults(week(2_000), 5))
    repeated = verdict.reasons[0]
    assert (repeated.level, repeated.column) == ("act", "row")
    assert "of the rows repeat another row" in repeated.what
    lost = [reason for reason in verdict.reasons if reason.stage == "quality"]
    assert lost
    assert {reason.next_step for reason in lost} == {loss_advice.MEND_FIRST}
    assert not verdict.believable


def test_a_loss_of_rows_that_all_came_twice_is_not_theirs(judged) -> None:
    rows = week(2_000)
    worse = rows.assign(defaulted=rows["defaulted"].sample(frac=1, random_state=0).to_numpy())
    twice = pd.concat([worse, worse.assign(loan=worse["loan"] + "-again")])
    verdict = judged(twice)
    assert ("watch", "50.0% of the rows repeat another row") in words(verdict)
    assert verdict.believable
