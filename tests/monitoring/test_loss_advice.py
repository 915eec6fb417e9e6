"""What a loss of quality leads to: training, or first a look at what feeds the rows."""

import numpy as np

from shared.monitoring import incidents, loss_advice
from tests.monitoring.traffic import week


def test_nothing_is_to_be_learnt_from_a_broken_feed_or_from_outcomes_turned_round(judged) -> None:
    rows = week(2_000)
    guessed = rows.assign(defaulted=rows["defaulted"].sample(frac=1, random_state=0).to_numpy())
    inverted = rows.assign(defaulted=1 - rows["defaulted"])
    late = rows.groupby("region")["defaulted"].shift(1)
    of_before = "look like those of the row before of the same region"
    of_others = rows["region"].mask(np.arange(len(rows)) % 5 == 0, "new land")
    # A challenger that is trained on them does no harm: a person decides.
    nearest = "no input or answer passed its threshold (the nearest, age, is at 0.24 of it)"
    doubted = loss_advice.CHECK_OR_TRAIN.format(
        fault="they no longer follow the answers", inputs=nearest
    )
    for frame, first in (
        (guessed, doubted),
        (guessed.assign(income=rows["income"] * 1.2), None),
        (guessed.assign(income=rows["income"].round() * 1.609344), loss_advice.MEND_FIRST),
        (guessed.assign(income=np.nan), loss_advice.MEND_FIRST),
        (guessed.assign(region=of_others), loss_advice.NEW_FIRST.format(column="region")),
        (guessed.assign(region=of_others, income=np.nan), loss_advice.MEND_FIRST),
        (guessed.assign(region=rows["region"].str.upper()), loss_advice.MEND_FIRST),
        (guessed.assign(income=rows["income"].map("{:.1f} EUR".format)), loss_advice.MEND_FIRST),
        (
            guessed.assign(income=0.37 * rows["income"].median() ** 2 / rows["income"]),
            loss_advice.SHIFTED_FIRST.format(column="income"),
        ),
        (inverted, loss_advice.CHECK_FIRST.format(fault="they look inverted")),
        (rows.assign(defaulted=late), loss_advice.CHECK_FIRST.format(fault=f"they {of_before}")),
    ):
        verdict = incidents.follow(judged(frame), [])
        advice = {r.next_step for r in verdict.reasons if r.stage == "quality"}
        assert (advice == {first}) == (first is not None)
        causes = {r.likely_cause for r in verdict.reasons if r.stage == "quality"}
        assert (causes == {None}) == (first == loss_advice.MEND_FIRST)
        assert (
            verdict.believable
            == incidents.calls_for_training(verdict)
            == (first in (None, doubted))
        )
