"""A loss that repeated rows explain is to be mended, and not learnt."""

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
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


def test_a_loss_of_a_slice_that_only_rows_counted_twice_prove_is_to_be_mended(
    judged, bundle: Bundle
) -> None:
    rows, rng = week(300, 3), np.random.default_rng(0)
    chance = bundle.scores(rows)
    turned = (rows["region"] == "south") & (rng.random(300) < 0.8)
    defaulted = rng.random(300) < np.where(turned, 1 - chance, chance)
    rows = rows.assign(probability=chance, defaulted=defaulted.astype(float))
    assert [r for r in judged(rows).reasons if r.stage == "quality"] == []
    twice = judged(pd.concat([rows, rows.assign(loan=rows["loan"] + "-again")]))
    assert "of the rows repeat another row" in twice.reasons[0].what
    lost = [reason for reason in twice.reasons if reason.stage == "quality"]
    assert {reason.column for reason in lost} == {"region = south"}
    assert {reason.next_step for reason in lost} == {loss_advice.MEND_FIRST}
    assert not twice.believable
