"""Answers held against the model: all kinds of answers, and all that is often done to scores."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from shared.model.bundle import Bundle, Manifest
from shared.model.comparisons import answer_check
from shared.model.comparisons.agreement import Agreement
from shared.model.comparisons.answer_check import LoggedRows
from shared.schema.contract import Contract, ContractColumn
from shared.tasks.binary.binary_task import Threshold
from shared.tasks.multiclass.multiclass_rules import LeastCost
from shared.tasks.regression.intervals import GroupReach, Intervals, Reach

ROWS = 300
FATES = ("late", "lost", "paid")
RULE = Intervals(
    coverage=0.9,
    overall=Reach(edges=(20.0,), below=(-2.0, -3.0), above=(2.0, 3.0)),
    by=("age",),
    groups=(GroupReach(values=("30.0",), rows=90, below=(-9.0,), above=(9.0,)),),
)
Change = Callable[[pd.DataFrame], pd.DataFrame]


def rows_asked() -> pd.DataFrame:
    """Return rows in an order that is not that of time."""
    rng = np.random.default_rng(3)
    day = pd.to_timedelta(rng.permutation(ROWS), unit="h")
    return pd.DataFrame(
        {
            "id": [f"r{at:03}" for at in range(ROWS)],
            "at": pd.Timestamp("2024-05-01", tz="UTC") + day,
            "size": rng.normal(20, 5, ROWS),
            "age": np.where(rng.random(ROWS) < 0.1, np.nan, rng.integers(18, 80, ROWS)),
        }
    )


def bundle_with(model: Any, rule: Any, target: ContractColumn, **kind: Any) -> Bundle:
    """Return a bundle of a fitted model, without a folder: its golden rows are those asked."""
    names = [("id", "text"), ("at", "time"), ("size", "number"), ("age", "number")]
    columns = [ContractColumn(name=name, type=of, nullable=name == "age") for name, of in names]
    contract = Contract(
        key="id",
        time="at",
        target=target.name,
        features=("size", "age"),
        columns=(*columns, target),
        **kind,
    )
    made = Manifest(
        name="claims",
        kind="bundle",
        millrace="0",
        python="3",
        rule=rule,
        trusted=(),
        lineage={},
        files={},
    )

    class Made(Bundle):
        def golden(self) -> pd.DataFrame:
            asked = rows_asked()
            return asked.assign(**self.answers(self.scores(asked), asked))

    bundle = Made(Path(), "d" * 64, made)
    # As if they had been read from its folder.
    vars(bundle).update(contract=contract, model=model)
    return bundle


def binary() -> Bundle:
    rows = rows_asked()
    fitted = HistGradientBoostingClassifier(max_iter=5).fit(
        rows[["size", "age"]], rows["size"] + np.random.default_rng(0).normal(0, 5, ROWS) > 20
    )
    target = ContractColumn(name="late", type="boolean")
    return bundle_with(fitted, Threshold(threshold=0.5), target)


def multiclass() -> Bundle:
    rows = rows_asked()
    codes = np.digitize(rows["size"] + np.random.default_rng(0).normal(0, 5, ROWS), [18, 24])
    fitted = HistGradientBoostingClassifier(max_iter=5).fit(rows[["size", "age"]], codes)
    target = ContractColumn(name="fate", type="category", categories=FATES)
    costs = ((0.0, 1.0, 4.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))
    return bundle_with(fitted, LeastCost(costs=costs), target, kind="multiclass")


def regression() -> Bundle:
    rows = rows_asked()
    fitted = HistGradientBoostingRegressor(max_iter=20).fit(rows[["size", "age"]], rows["size"])
    target = ContractColumn(name="amount", type="number")
    return bundle_with(fitted, RULE, target, kind="regression", interval=0.9)


@pytest.fixture(
    scope="module", params=[binary, multiclass, regression], ids=lambda one: one.__name__
)
def bundle(request: pytest.FixtureRequest) -> Bundle:
    return request.param()


def answered(bundle: Bundle, asked: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return rows with the answers that the model gives of those that it is `asked`."""
    rows = rows_asked()
    return rows.assign(**bundle.answers(bundle.scores(rows if asked is None else asked), rows))


def compared(rows: pd.DataFrame, bundle: Bundle, *single: str) -> Agreement:
    names = [column.name for column, _ in bundle.task.columns]
    return answer_check.compare(LoggedRows(rows, names, frozenset(single)), bundle)


def with_scores(rows: pd.DataFrame, bundle: Bundle, change: Change) -> pd.DataFrame:
    names = [*bundle.task.score_names]
    return rows.assign(**dict(change(rows[names]).items()))


def permuted(scores: pd.DataFrame) -> pd.DataFrame:
    return scores.sample(frac=1, random_state=1).set_axis(scores.index)


def test_the_models_own_answers_agree_however_the_rows_come(bundle: Bundle) -> None:
    rows = answered(bundle)
    assert compared(rows, bundle) == Agreement(compared=ROWS)
    assert compared(rows.sample(frac=0.1, random_state=0), bundle) == Agreement(compared=30)
    assert compared(rows.astype(object), bundle) == Agreement(compared=ROWS)
    nearly = with_scores(rows, bundle, lambda scores: scores * (1 + 1e-12))
    assert compared(nearly, bundle).differing == 0


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (permuted, "they may be the scores of other rows, in another order"),
        (lambda scores: scores + 0.01, "0.01 is added to each"),
        (lambda scores: scores.round(3), "they are rounded to 3 decimal places"),
        (lambda scores: scores * 0.98, "each is multiplied by 0.98"),
        (lambda scores: scores.astype("float32"), "they were kept in single precision"),
    ],
    ids=["permuted", "shifted", "rounded", "scaled", "in single precision"],
)
def test_scores_that_are_not_the_models_are_named_from_the_first_in_time(
    bundle: Bundle, change: Change, cause: str
) -> None:
    right = answered(bundle)
    rows = with_scores(right, bundle, change)
    found = compared(rows, bundle)
    assert found.likely_cause == cause
    assert found.column in bundle.task.score_names
    off = (rows[found.column] - right[found.column]).abs()
    expected = rows[off > 1e-9].sort_values("at")["id"].head(10)
    assert [one.key for one in found.first] == expected.tolist()
    assert found.largest == pytest.approx(off.max())
    first, at = found.first[0], expected.index[0]
    assert (first.logged, first.model) == (rows.loc[at, found.column], right.loc[at, found.column])
    assert first.time == rows.loc[at, "at"].isoformat()


def test_another_versions_answers_differ(bundle: Bundle) -> None:
    asked = rows_asked()
    found = compared(answered(bundle, asked.assign(size=asked["size"] + 4)), bundle)
    assert found.differing > ROWS / 2


def test_a_decision_that_does_not_follow_from_its_scores_differs(bundle: Bundle) -> None:
    right = answered(bundle)
    name = {"binary": "prediction", "multiclass": "prediction", "regression": "high"}
    column = name[bundle.task.kind]
    changed = {"binary": True, "multiclass": "lost", "regression": 99.0}[bundle.task.kind]
    found = compared(right.assign(**{column: changed}), bundle)
    assert (found.column, found.differing) == (column, int((right[column] != changed).sum()))
    assert {one.logged for one in found.first} == {changed}


def test_what_was_kept_in_single_precision_is_held_to_that(bundle: Bundle) -> None:
    names = bundle.task.score_names
    rows = answered(bundle)
    kept = stored(with_scores(rows, bundle, lambda scores: scores.astype("float32")), bundle)
    assert compared(kept, bundle, *names).differing == 0
    rounded = stored(with_scores(rows, bundle, lambda scores: scores.round(4)), bundle)
    assert compared(rounded, bundle, *names).differing > ROWS / 2


def stored(rows: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Return rows with what the rule makes of their scores."""
    names = [*bundle.task.score_names]
    scores = rows[names].to_numpy("float64")
    scores = scores[:, 0] if len(names) == 1 else scores
    made = bundle.answers(scores, rows)
    return rows.assign(**{name: values for name, values in made.items() if name not in names})


class OfNeighbours:
    """Answers rows by how many are asked with them."""

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        return np.full((len(rows), 2), 1 / (1 + len(rows)))


def test_a_model_that_answers_rows_by_their_neighbours_is_said_not_accused() -> None:
    target = ContractColumn(name="late", type="boolean")
    bundle = bundle_with(OfNeighbours(), Threshold(threshold=0.5), target)
    alone = rows_asked().assign(prediction=True, probability=0.5)
    found = compared(alone, bundle)
    assert (found.compared, found.differing) == (ROWS, 0)
    assert found.note == "the model gives 300 another answer alone than beside others"


class Deaf(Bundle):
    """A bundle whose model does not load."""

    @property
    def model(self) -> Any:
        raise ModuleNotFoundError("No module named 'ours'\nand more")


class Aged(Bundle):
    """A bundle whose golden rows come out otherwise here."""

    def golden(self) -> pd.DataFrame:
        return answered(self).assign(probability=0.5)


@pytest.mark.parametrize(
    ("unable", "words"),
    [
        (Deaf, "ModuleNotFoundError: No module named 'ours'"),
        (
            Aged,
            "bundle dddddddddddd: 300 of 300 golden rows come out otherwise than in training, by "
            "up to ",
        ),
    ],
)
def test_a_model_that_does_not_answer_as_in_training_accuses_nobody(
    unable: type[Bundle], words: str
) -> None:
    able = binary()
    bundle = unable(able.path, able.digest, able.manifest)
    vars(bundle).update(vars(able))
    found = compared(answered(able).assign(probability=0.3, prediction=False), bundle)
    assert (found.compared, found.differing) == (0, 0)
    assert str(found.note).startswith(words)
    assert "\n" not in str(found.note)


def test_a_key_or_a_time_that_is_lost_leaves_the_row_without(bundle: Bundle) -> None:
    rows = with_scores(answered(bundle), bundle, lambda scores: scores + 0.01)
    first = compared(rows.drop(columns=["id", "at"]), bundle).first[0]
    assert (first.key, first.time) == (None, None)
