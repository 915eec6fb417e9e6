"""Quality: judged on what has matured, with a state for whatever cannot be judged."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from shared import settings as problem
from shared.data.contract import Contract
from shared.monitoring import quality
from shared.monitoring.quality import Quality
from shared.settings import Settings
from tests.conftest import LOANS

PROMISED = {"scores": {"roc_auc": {"value": 0.8, "low": 0.7, "high": 0.9}}}
NOON = datetime(2024, 4, 1, 12, tzinfo=UTC)
CONTRACT = Contract(key="loan", time="applied", target="defaulted", features=(), columns=())


@pytest.fixture
def settings() -> Settings:
    found = problem.of(problem.parse(LOANS.format(source="loans.parquet")))
    few = found.monitor.model_copy(update={"outcome_delay_days": 2, "minimum_outcomes": 4})
    return found.model_copy(update={"monitor": few})


def judge(settings: Settings, **columns: Any) -> Quality:
    return quality.judge(pd.DataFrame(columns), CONTRACT, PROMISED, settings, NOON)


def days(*ago: float) -> list[pd.Timestamp]:
    return [pd.Timestamp(NOON) - pd.Timedelta(days=day) for day in ago]


def test_matured_rows_are_scored_like_scikit_learn(settings: Settings) -> None:
    chance, outcome = [0.1, 0.8, 0.4, 0.6, 0.7], [0.0, 1.0, 1.0, 0.0, np.nan]
    found = judge(settings, applied=days(9, 9, 8, 8, 8), probability=chance, outcome=outcome)
    assert (found.state, found.due, found.received, found.pending) == ("judged", 5, 4, 0)
    assert found.scores["roc_auc"].value == roc_auc_score(outcome[:4], chance[:4])
    assert found.promised["roc_auc"].low == 0.7
    assert (found.observed, found.predicted) == (0.5, pytest.approx(0.475))


def test_a_row_is_due_after_the_delay_or_when_its_outcome_comes_early(settings: Settings) -> None:
    found = judge(
        settings,
        applied=days(3, 1, 0.5, 0.5),
        probability=[0.5] * 4,
        outcome=[np.nan, np.nan, np.nan, 1.0],
    )
    assert (found.due, found.pending, found.received) == (2, 2, 1)
    assert found.next_due == days(-1)[0].to_pydatetime()


@pytest.mark.parametrize(
    ("ago", "outcomes", "state"),
    [
        ([1, 1], [np.nan, np.nan], "not due"),
        ([5, 1], [np.nan, np.nan], "none came"),
        ([5, 5], [1.0, 0.0], "too few"),
        ([5] * 5, [0.0] * 5, "one class"),
        ([5] * 5, [1.0] * 5, "one class"),
        ([], [], "not due"),
    ],
)
def test_what_cannot_be_judged_has_its_state(
    settings: Settings, ago: list[float], outcomes: list[float], state: str
) -> None:
    chance = [0.5] * len(ago)
    found = judge(settings, applied=days(*ago), probability=chance, outcome=outcomes)
    assert found.state == state
    assert found.scores == {}


def test_a_file_may_lack_probabilities_outcomes_or_times(settings: Settings) -> None:
    assert judge(settings, applied=days(9), outcome=[1.0]).state == "unscored"
    assert judge(settings, applied=days(9), probability=[0.5]).state == "no outcomes in the file"
    untimed = judge(settings, probability=[0.5], outcome=[np.nan])
    assert (untimed.state, untimed.due) == ("none came", 1)
