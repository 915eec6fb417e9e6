"""Trees have exact reasons: those that every order of features gives, the model asked at each."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

from shared.reasons import tree_contributions as module
from shared.reasons.tree_contributions import column_features, tree_contributions
from shared.tasks.binary.binary_task import Binary
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.regression.regression_task import Regression
from tests.reasons.brute_force import bundle_like, contributions, people, scorer

ROWS, NUMBERS = people()
ABOVE, CLASSES = (NUMBERS > 60).astype(int), np.digitize(NUMBERS, [45, 75])
OF_CLASSES = Multiclass(classes=("few", "more", "most", "never seen"))
ORDINAL = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
ONE_HOT = OneHotEncoder(handle_unknown="ignore")


def fitted(model: Any, target: np.ndarray, encoder: Any = ORDINAL, number: Any = None) -> Pipeline:
    numbers = number or "passthrough"
    columns = make_column_transformer(
        (encoder, ["region"]), (numbers, ["income", "age", "employed"])
    )
    return make_pipeline(columns, model).fit(ROWS, target)


def explained(model: Any, task: Any) -> tuple[Any, Any]:
    bundle = bundle_like(model, task, ROWS)
    return tree_contributions(bundle, ROWS, scorer(bundle)), scorer(bundle)


@pytest.mark.parametrize(
    ("estimator", "target", "task"),
    [
        (HistGradientBoostingClassifier(max_iter=30), ABOVE, Binary()),
        (HistGradientBoostingClassifier(max_iter=15), CLASSES, OF_CLASSES),
        (HistGradientBoostingRegressor(max_iter=30), NUMBERS, Regression()),
        (HistGradientBoostingRegressor(max_iter=30, loss="poisson"), NUMBERS, Regression()),
        (RandomForestClassifier(20, random_state=1), ABOVE, Binary()),
        (RandomForestClassifier(20, random_state=1), CLASSES, OF_CLASSES),
        (ExtraTreesRegressor(20, random_state=1), NUMBERS, Regression()),
    ],
    ids=["logit", "multinomial", "sum", "log", "binary forest", "forest of classes", "extra trees"],
)
def test_contributions_are_those_of_every_order_and_sum_to_the_score(
    estimator: Any, target: np.ndarray, task: Any
) -> None:
    trees, scored = explained(fitted(estimator, target), task)
    assert trees
    for at in range(4):
        row, place = ROWS.iloc[[at]], at % len(task.score_names)
        found = trees(row, place, 60)
        base, amounts = contributions(row, ROWS, scored, place)
        assert found.base == pytest.approx(base, abs=1e-10)
        assert found.amounts == pytest.approx(amounts, abs=1e-10)
        assert found.sum == pytest.approx(scored(row)[0, place], abs=1e-10)
        assert np.abs(amounts).max() > 0.001 or place == 3


def test_columns_that_are_made_of_one_feature_count_for_it_together() -> None:
    imputed = SimpleImputer(add_indicator=True)
    model = fitted(HistGradientBoostingClassifier(max_iter=30), ABOVE, ONE_HOT, imputed)
    trees, scored = explained(model, Binary())
    assert trees
    for at in np.flatnonzero(ROWS["income"].isna())[:3]:
        row = ROWS.iloc[[at]]
        found = trees(row, 0, 60)
        _, amounts = contributions(row, ROWS, scored, 0)
        assert found.amounts == pytest.approx(amounts, abs=1e-10)


def test_a_column_that_is_made_of_several_features_has_no_exact_reasons() -> None:
    mixing = make_pipeline(SimpleImputer(), PCA(2))
    boosting = HistGradientBoostingClassifier(max_iter=5)
    assert explained(fitted(boosting, ABOVE, ORDINAL, mixing), Binary())[0] is None
    encode = fitted(boosting, ABOVE, ORDINAL, mixing)[:-1].transform
    assert column_features(encode, ROWS) is None


def test_a_value_that_moves_a_column_of_no_known_feature_has_none_either() -> None:
    # What no held-out row shows: a flag that only the very old raise.
    flagged = FunctionTransformer(lambda rows: np.c_[rows, rows["age"] > 200])
    held_out = pd.concat([ROWS] * 3, ignore_index=True)
    old = held_out.assign(age=np.where(held_out.index % 7 == 0, 300, held_out["age"]))
    model = make_pipeline(
        make_column_transformer((ORDINAL, ["region"]), (flagged, ["income", "age", "employed"])),
        RandomForestClassifier(20, max_features=1, random_state=0),
    ).fit(old, (old["age"] > 200).astype(int))
    bundle = bundle_like(model, Binary(), held_out)
    trees = tree_contributions(bundle, held_out, scorer(bundle))
    assert trees
    row = held_out.iloc[[0]]
    assert trees(row, 0, 60)
    assert trees(row.assign(age=300.0), 0, 60) is None


def test_others_than_known_trees_behind_an_encoder_have_none() -> None:
    assert explained(fitted(Ridge(), NUMBERS, ONE_HOT, SimpleImputer()), Regression())[0] is None
    # Not compiled, as it does not come out of that to the last bit.
    other = GradientBoostingClassifier(n_estimators=5)
    assert explained(fitted(other, ABOVE, ONE_HOT, SimpleImputer()), Binary())[0] is None
    categorical = HistGradientBoostingClassifier(max_iter=5, categorical_features=[0])
    assert explained(fitted(categorical, ABOVE), Binary())[0] is None
    alone = HistGradientBoostingClassifier(max_iter=5).fit(ROWS[["age"]], ABOVE)
    assert explained(alone, Binary())[0] is None


def test_trees_that_do_not_give_what_the_model_does_explain_nothing() -> None:
    class Doubled(HistGradientBoostingRegressor):
        def predict(self, rows: Any) -> np.ndarray:
            return np.asarray(2 * super().predict(rows))

    Doubled.__name__, Doubled.__module__ = "HistGradientBoostingRegressor", "sklearn.ensemble"
    assert explained(fitted(Doubled(max_iter=5), NUMBERS), Regression())[0] is None


def test_too_little_time_or_too_many_coalitions_give_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trees, _ = explained(fitted(HistGradientBoostingClassifier(max_iter=30), ABOVE), Binary())
    row = ROWS.iloc[[0]]
    assert trees(row, 0, 60)
    assert trees(row, 0, 0) is None
    monkeypatch.setattr(module, "MOST_SCORES", 100)
    assert trees(row, 0, 60) is None
    monkeypatch.setattr(module, "MOST_WAYS", 100)
    trees, _ = explained(fitted(HistGradientBoostingRegressor(max_iter=30), NUMBERS), Regression())
    assert trees(row, 0, 60) is None
