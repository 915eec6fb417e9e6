"""Fitted to explored rows alone, a model tells whether what was served misleads another."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.model.evaluation import ExploredComparison
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.sections.training import Train
from shared.settings import Settings
from shared.tasks.binary.binary_task import Threshold
from shared.tasks.choice import task_of
from shared.tasks.metrics import Score
from shared.training import splits
from shared.training.fitting import candidates
from shared.training.judging.explored_rows import compare_explored
from tests.tasks.impressions import ITEMS, impressions, shelf

CHOSEN: dict[str, Any] = {"candidate": "boosting", "rule": Threshold(threshold=0.5)}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return shelf(tmp_path_factory.mktemp("shelf"))


def served(settings: Settings, share: float, lucky: bool) -> pd.DataFrame:
    """Return slates of which a policy chose three places, but for a share that was explored.

    It chose items 1 to 3. Where these are `lucky`, its choices are clicked for their place: no
    other reader would.
    """
    rows, random = impressions(2_000), np.random.default_rng(0)
    top = (rows["place"] <= 3).to_numpy()
    favourite = rows["place"].map("i{:02d}".format)
    chosen = top & (random.random(len(rows)) >= share)
    rows["item"] = rows["item"].mask(chosen, favourite)
    is_best = (rows["item"] == favourite).to_numpy()
    left = ITEMS - rows["place"] + 1
    rows["propensity"] = np.where(top, share / left + (1 - share) * is_best, 1 / left)
    if lucky:
        rows.loc[chosen, "clicked"] = random.random(int(chosen.sum())) < 0.9
    return rows


def compared(rows: pd.DataFrame, settings: Settings, **more: Any) -> ExploredComparison | None:
    contract: Contract = infer_contract(rows, settings)
    task, about = task_of(contract), settings.model_copy(update=more)
    parts = splits.by_time(rows, task, about)
    model = candidates.refit("boosting", parts, contract, about)
    scores = task.scores(model, model_input(parts["holdout"], contract))
    return compare_explored(scores, CHOSEN, parts, contract, about)


def test_what_was_served_misleads_a_model_that_learns_its_own_luck(settings: Settings) -> None:
    found = compared(served(settings, 0.2, lucky=True), settings)
    assert found is not None
    assert found.difference is not None
    assert found.difference.low > 0.005
    assert found.words.endswith(
        'What was served misleads the model: weigh the rows ([train] weights = "inverse_propensity"'
        "), or explore more"
    )
    assert (found.rows, found.explored, found.judged) == (8_000, 4_133, 1_014)


def test_weighed_rows_mislead_less(settings: Settings) -> None:
    rows, train = served(settings, 0.2, lucky=True), Train(weights="inverse_propensity", clip=100)
    plain, weighed = compared(rows, settings), compared(rows, settings, train=train)
    assert plain is not None
    assert weighed is not None
    assert plain.difference is not None
    assert weighed.difference is not None
    assert weighed.difference.value < plain.difference.value / 2


def test_what_the_policy_chose_is_no_harm_where_it_is_as_good_as_it_seems(
    settings: Settings,
) -> None:
    found = compared(served(settings, 0.2, lucky=False), settings)
    assert found is not None
    assert found.difference is not None
    assert found.difference.low <= 0
    assert found.words.endswith("That what was served misleads the model is not proven")


def test_with_too_few_explored_rows_nothing_can_be_told(settings: Settings) -> None:
    rows = served(settings, 0.2, lucky=True)
    rows = rows[rows["place"] == 1]
    found = compared(rows.sample(1_000, random_state=0), settings)
    assert found is not None
    assert found.difference is None
    assert found.words.startswith("cannot tell: ")
    assert found.words.endswith("to learn from, and 500 are needed")
    rows = served(settings, 0.2, lucky=True)
    unknown = compared(
        rows.assign(propensity=rows["propensity"].where(rows.index < 8_100)), settings
    )
    assert unknown is not None
    assert unknown.words.endswith("held-out rows were explored, and 200 with clicks are needed")


@pytest.mark.parametrize("change", [{"propensity": 1 / ITEMS}, {"propensity": np.nan}])
def test_where_no_policy_decided_there_is_nothing_to_compare(
    settings: Settings, change: dict[str, float]
) -> None:
    assert compared(impressions(200).assign(**change), settings) is None
    without = impressions(200).drop(columns="propensity")
    assert compared(without, settings) is None


def test_a_comparison_is_a_line() -> None:
    own, alone, apart = Score(0.31, 0.29, 0.33), Score(0.3, 0.28, 0.32), Score(0.01, 0.002, 0.018)
    found = ExploredComparison(rows=9_000, explored=2_000, judged=400)
    found = found.model_copy(update={"own": own, "alone": alone, "difference": apart})
    assert found.words == (
        "log loss 0.3100 [0.2900, 0.3300] on 400 explored rows held out; learnt from the 2,000 "
        "explored of 9,000 rows alone 0.3000 [0.2800, 0.3200]: +0.0100 [+0.0020, +0.0180]. What "
        "was served misleads the model: weigh the rows ([train] weights = "
        '"inverse_propensity"), or explore more'
    )
