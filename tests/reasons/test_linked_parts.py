"""Models that add up their features before a link have exact reasons as well."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from shared.reasons.linked_parts import linked_parts
from shared.tasks.binary.binary_task import Binary
from shared.tasks.multiclass.multiclass_task import Multiclass
from tests.reasons.brute_force import bundle_like, contributions, people, scorer

ROWS, NUMBERS = people()
BINARY, CLASSES = Binary(), Multiclass(classes=("few", "more", "most", "never seen"))


def fitted(model: Any, target: np.ndarray) -> Any:
    encoder = make_column_transformer(
        (SimpleImputer(add_indicator=True), ["income", "age", "employed"]),
        (OneHotEncoder(handle_unknown="ignore"), ["region"]),
    )
    return make_pipeline(encoder, model).fit(ROWS, target)


@pytest.mark.parametrize("task", [BINARY, CLASSES], ids=["binary", "multiclass"])
def test_a_logistic_regression_has_the_contributions_of_every_order(task: Any) -> None:
    cuts = [60.0] if task is BINARY else [45.0, 75.0]
    model = fitted(LogisticRegression(max_iter=2_000), np.digitize(NUMBERS, cuts))
    bundle = bundle_like(model, task, ROWS)
    parts = linked_parts(bundle, ROWS, scorer(bundle))
    assert parts
    for at in range(3):
        row, place = ROWS.iloc[[at]], at % len(task.score_names)
        found = parts(row, place, 60)
        assert found
        base, amounts = contributions(row, ROWS, scorer(bundle), place)
        assert found.base == pytest.approx(base, abs=1e-12)
        assert found.amounts == pytest.approx(amounts, abs=1e-12)
        assert found.sum == pytest.approx(scorer(bundle)(row)[0, place], abs=1e-12)
        assert parts(row, place, 0) is None


def test_what_does_not_add_up_before_its_link_or_has_none_is_none_of_them() -> None:
    target = (NUMBERS > 60).astype(int)
    trees = bundle_like(fitted(GradientBoostingClassifier(n_estimators=20), target), BINARY, ROWS)
    assert linked_parts(trees, ROWS, scorer(trees)) is None

    class Other(LogisticRegression):
        def predict_proba(self, rows: np.ndarray) -> np.ndarray:
            return np.asarray(super().predict_proba(rows) ** 2)

    other = bundle_like(fitted(Other(max_iter=2_000), target), BINARY, ROWS)
    assert linked_parts(other, ROWS, scorer(other)) is None

    class Broken(LogisticRegression):
        def decision_function(self, rows: pd.DataFrame) -> np.ndarray:
            raise ValueError("not here")

    broken = bundle_like(fitted(Broken(max_iter=2_000), target), BINARY, ROWS)
    assert linked_parts(broken, ROWS, scorer(LOGISTIC)) is None


LOGISTIC = bundle_like(
    fitted(LogisticRegression(max_iter=2_000), (NUMBERS > 60).astype(int)), BINARY, ROWS
)
