"""What each feature carries, by permutation."""

import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.training.judging import importance


@pytest.mark.parametrize("features", [1, 50, 51, 120, 500, 3_000])
def test_very_many_features_are_permuted_about_as_often_as_50(features: int) -> None:
    rows, repeats = importance.permutations(features, 100_000)
    if features <= 50:
        assert (rows, repeats) == (2_000, 3)
    assert features * rows * repeats <= max(50 * 2_000 * 3, features * 500)
    assert importance.permutations(features, 80)[0] == 80


def test_what_decides_carries_the_most_and_what_is_constant_nothing(
    bundle: Bundle, table: pd.DataFrame, settings: Settings
) -> None:
    rows = table.assign(region="north")
    rows = rows.dropna(subset=["defaulted"]).reset_index(drop=True)
    rows["defaulted"] = rows["defaulted"].astype(int)
    asked = bundle.model, rows, bundle.contract, bundle.task, settings
    found = importance.permutation_importances(*asked)
    assert {one.feature for one in found} == set(bundle.contract.features)
    assert [one.loss for one in found] == sorted((one.loss for one in found), reverse=True)
    assert found[0].loss > 0
    assert {one.feature: one.loss for one in found}["region"] == 0
