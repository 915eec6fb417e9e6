"""Rows that a bundle answered and a challenger scored as well, on both databases."""

from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, NOON, answered, rows

SHADOW = {"bundle": "b2", "role": "challenger", "probability": 0.75}


def test_both_scores_of_a_row_come_with_its_latest_outcome(log: PredictionLog) -> None:
    log.predictions.append([answered(1), answered(1, **SHADOW), answered(2), answered(2, **SHADOW)])
    log.outcomes.add({"L1": False})
    log.outcomes.add({"L1": True})
    found = [row for frame in log.predictions.pairs(*EVER, "b1", rows=1) for row in rows(frame)]
    pair = {"challenger": "b2", "own probability": 0.25, "theirs probability": 0.75}
    assert sorted(found, key=lambda row: row["outcome"] is None) == [
        pair | {"outcome": 1.0},
        pair | {"outcome": None},
    ]


def test_what_only_one_scored_or_another_bundle_answered_is_no_pair(log: PredictionLog) -> None:
    log.predictions.append([answered(1), answered(2, bundle="b0"), answered(2, **SHADOW)])
    log.predictions.append([answered(3, **SHADOW), answered(4), answered(4, **SHADOW)])
    assert list(log.predictions.pairs(EVER[0], NOON, "b1")) == []
    assert sum(len(frame) for frame in log.predictions.pairs(*EVER, "b1")) == 1


def test_a_log_that_is_not_there_has_no_pairs(log: PredictionLog) -> None:
    assert list(log.predictions.pairs(*EVER, "b1")) == []
