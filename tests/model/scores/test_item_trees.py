"""Items are scored by half-worked-out trees as the model itself scores them, to the last bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.model.scores import item_trees as of_items
from shared.model.scores.fast_path import FastPath
from shared.model.scores.item_trees import ItemTrees, item_trees
from shared.model.scores.model_scores import model_scores
from shared.sections.training import Candidate
from tests.conftest import bundle_of
from tests.tasks.impressions import catalogue, impressions, shelf

ITEMS = {
    "item": [*catalogue()["item"], "never seen", "without a price"],
    "price": [*catalogue()["price"], 99.0, None],
}
CONTEXT: dict[str, list[Any]] = {"user": ["u3", "stranger", None], "age": [23, 48, None]}


def bundle_by(folder: Path, **candidate: Any) -> Bundle:
    made = Candidate(name="one", preprocessing="tree", **candidate)
    rows = impressions()
    rows.loc[::17, "price"] = np.nan
    rows.loc[::13, "age"] = np.nan
    settings = shelf(folder).model_copy(update={"candidates": (made,)})
    return bundle_of(rows, settings, "one", folder / "bundle")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
    params = {"max_iter": 40, "early_stopping": False, "max_leaf_nodes": 25}
    return bundle_by(tmp_path_factory.mktemp("trees"), estimator=estimator, params=params)


@pytest.fixture(scope="module")
def fast(bundle: Bundle) -> FastPath:
    found = model_scores(bundle).fast
    assert found is not None
    return found


@pytest.fixture(scope="module")
def trees(bundle: Bundle, fast: FastPath) -> ItemTrees:
    found = item_trees(fast, bundle.task, ITEMS, CONTEXT)
    assert found is not None
    return found


def exact(bundle: Bundle, context: dict[str, Any], places: list[int]) -> list[float]:
    rows = pd.DataFrame({name: [values[at] for at in places] for name, values in ITEMS.items()})
    return bundle.scores(rows.assign(**context)).tolist()


@pytest.mark.parametrize("user", ["u3", "u41", "stranger", None])
@pytest.mark.parametrize("age", [23, 44.5, 45, 46, None])
def test_scores_are_the_models_to_the_last_bit(
    bundle: Bundle, trees: ItemTrees, user: str | None, age: float | None
) -> None:
    context = {"user": user, "age": age}
    every = list(range(len(ITEMS["item"])))
    assert trees.scores(context).tolist() == exact(bundle, context, every)
    others = [{"user": "u9", "age": 61}, context] * 20
    together = [*trees.scores_of(others)]
    assert [each.tolist() for each in together[1::2]] == [exact(bundle, context, every)] * 20
    for places in ([4], [7, 2], [*reversed(every)]):
        found = trees.scores(context, np.array(places))
        assert found.tolist() == exact(bundle, context, places)


@pytest.mark.parametrize("names", [["item"], ["item", "price", "user", "age"]])
def test_any_of_the_features_may_be_the_items(
    bundle: Bundle, fast: FastPath, names: list[str]
) -> None:
    rows = impressions(40, seed=4)
    items = {name: rows[name].tolist() for name in names}
    context = {n: rows[n].tolist() for n in bundle.contract.features if n not in names}
    found = item_trees(fast, bundle.task, items, context)
    assert found is not None
    first = {name: values[0] for name, values in context.items()}
    assert found.scores(first).tolist() == bundle.scores(rows.assign(**first)).tolist()


def test_other_models_are_left_to_themselves(tmp_path: Path) -> None:
    estimator = "sklearn.ensemble.RandomForestClassifier"
    forest = bundle_by(tmp_path, estimator=estimator, params={"n_estimators": 5, "max_depth": 4})
    fast = model_scores(forest).fast
    assert fast is None or item_trees(fast, forest.task, ITEMS, CONTEXT) is None


def test_what_would_take_too_much_memory_is_not_worked_out(
    bundle: Bundle, fast: FastPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_items, "MOST_CELLS", 40 * len(ITEMS["item"]) - 1)
    assert item_trees(fast, bundle.task, ITEMS, CONTEXT) is None


def test_trees_that_come_out_otherwise_are_not_used(
    bundle: Bundle, fast: FastPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = ItemTrees.scores

    def wrong(self: ItemTrees, *asked: Any) -> np.ndarray:
        return np.nextafter(right(self, *asked), 1)

    monkeypatch.setattr(ItemTrees, "scores", wrong)
    assert item_trees(fast, bundle.task, ITEMS, CONTEXT) is None
