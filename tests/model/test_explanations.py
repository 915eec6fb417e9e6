"""The reasons for an answer sum to it, and name the features that it comes from."""

from typing import Any

import numpy as np
import pytest

from shared.model import explanations
from shared.model.bundle import Bundle


def first_row(bundle: Bundle, at: int = 0) -> dict[str, Any]:
    golden = bundle.golden().iloc[at]
    return {name: golden[name] for name in bundle.contract.features}


def score(bundle: Bundle, row: dict[str, Any]) -> float:
    return float(bundle.scores({name: [value] for name, value in row.items()})[0])


def test_base_and_contributions_sum_to_the_score(bundle: Bundle) -> None:
    for at in range(3):
        row = first_row(bundle, at)
        found = explanations.explain(row, bundle)
        assert found.score == pytest.approx(score(bundle, row))
        total = found.base + sum(one.amount for one in found.contributions)
        assert total == pytest.approx(found.score)
        assert {one.feature for one in found.contributions} == set(bundle.contract.features)
        assert found.of == "probability"


def test_the_largest_comes_first_and_a_value_that_matters_moves_its_feature(
    bundle: Bundle,
) -> None:
    poor = first_row(bundle) | {"income": 5_000.0}
    rich = poor | {"income": 100_000.0}
    amounts = []
    for row in (poor, rich):
        found = explanations.explain(row, bundle)
        sizes = [abs(one.amount) for one in found.contributions]
        assert sizes == sorted(sizes, reverse=True)
        amounts.append({one.feature: one.amount for one in found.contributions}["income"])
    assert amounts[0] > 0 > amounts[1]


def test_a_feature_that_the_model_never_looks_at_contributes_nothing(bundle: Bundle) -> None:
    class BlindToRegion:
        contract, task = bundle.contract, bundle.task

        def reference(self) -> Any:
            return bundle.reference()

        def scores(self, rows: dict[str, list[Any]]) -> np.ndarray:
            ages = np.array([float(age) for age in rows["age"]])
            return 2 * ages + 1

    found = explanations.explain(first_row(bundle), BlindToRegion())  # type: ignore[arg-type]
    by_name = {one.feature: one for one in found.contributions}
    assert (by_name["region"].amount, by_name["region"].error) == (0, 0)
    # Of a sum, each part is its own distance from the mean.
    ages = bundle.reference()["age"]
    drift = 2 * (float(first_row(bundle)["age"]) - ages.mean())
    assert by_name["age"].amount == pytest.approx(drift, abs=5 * by_name["age"].error)


def test_the_same_row_has_the_same_reasons(bundle: Bundle) -> None:
    row = first_row(bundle)
    assert explanations.explain(row, bundle) == explanations.explain(row, bundle)
