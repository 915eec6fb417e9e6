"""How much each row of a table counts when models learn from it."""

from pathlib import Path

import numpy as np
import pytest

from shared.errors import Refusal
from shared.sections import Train
from shared.settings import Settings
from shared.training import estimators
from shared.training.row_weights import row_weights
from tests.tasks.impressions import impressions, shelf


@pytest.fixture
def weighed(tmp_path: Path) -> Settings:
    return shelf(tmp_path).model_copy(update={"train": Train(weights="inverse_propensity")})


def test_rows_count_by_the_chance_that_they_had(weighed: Settings) -> None:
    rows = impressions(40)
    rows["propensity"] = np.where(rows["place"] == 1, 0.9, 0.3)
    weights = row_weights(rows, weighed)
    assert weights is not None
    assert weights.mean() == pytest.approx(1)
    assert weights[1] / weights[0] == pytest.approx(3)


def test_rows_count_alike_unless_the_settings_say(tmp_path: Path) -> None:
    assert row_weights(impressions(10), shelf(tmp_path)) is None


def test_a_table_without_propensities_is_refused(weighed: Settings) -> None:
    with pytest.raises(Refusal, match="no row has a propensity"):
        row_weights(impressions(10).drop(columns="propensity"), weighed)


def test_an_estimator_that_takes_no_weights_is_refused(weighed: Settings) -> None:
    from shared.schema.inference import infer_contract

    rows = impressions(60)
    candidate = weighed.candidates[0].model_copy(
        update={
            "estimator": "sklearn.neighbors.KNeighborsClassifier",
            "preprocessing": "linear",
            "params": {},
        }
    )
    contract, weights = infer_contract(rows, weighed), np.ones(len(rows))
    with pytest.raises(Refusal, match="KNeighborsClassifier takes no weights of rows: use another"):
        estimators.fit(candidate, rows, contract, 0, weights)
