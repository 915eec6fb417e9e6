"""Models that were fitted elsewhere: what they are taken for, and what is refused in one line."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC

from shared.errors import Refusal
from shared.model.inputs import model_input
from shared.packaging import build
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.settings import Settings
from shared.settings_reading import with_given
from shared.tasks.choice import task_of
from shared.training import history_baseline, judgement, readiness, splits
from shared.training.fitting import candidates, given_models

FEATURES = ["income", "age", "region", "employed", "guarantee"]
CLASSES = ("average", "poor", "rich")


def fitted(table: pd.DataFrame, target: Any, *drop: str, estimator: Any = None) -> Any:
    """Return a pipeline as somebody else would fit it: on the table as it came."""
    columns = table[FEATURES].drop(columns=list(drop)).fillna({"income": 0.0})
    texts = [name for name in ("region", "guarantee") if name in columns]
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), texts), ("passthrough", ["age"])
    )
    return make_pipeline(encoder, estimator or LogisticRegression()).fit(columns, target)


def saved(model: Any, file: Path) -> str:
    skops.io.dump(model, file)
    return str(file)


@pytest.fixture(scope="module")
def rows(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["defaulted"].notna()]


@pytest.fixture(scope="module")
def contract(table: pd.DataFrame, settings: Settings) -> Contract:
    return infer_contract(table, settings)


def multiclass(rows: pd.DataFrame, settings: Settings) -> tuple[Settings, pd.DataFrame, Contract]:
    """Return the loans as a problem of three classes: settings, rows, contract."""
    wealth = pd.cut(
        rows["income"].fillna(1), [0, 15_000, 30_000, np.inf], labels=["poor", "average", "rich"]
    )
    classes = rows.assign(defaulted=wealth.astype(str))
    kind = {"kind": "multiclass", "select_by": "log_loss"}
    settings = settings.model_copy(update=kind)
    return settings, classes, infer_contract(classes, settings)


def test_it_is_judged_and_packaged_as_it_is(
    table: pd.DataFrame, settings: Settings, tmp_path: Path, rows: pd.DataFrame, contract: Contract
) -> None:
    model = fitted(rows, rows["defaulted"].astype(bool))
    given = with_given(settings, saved(model, tmp_path / "Credit Risk.skops"))
    (name,) = (candidate.name for candidate in given.candidates)
    assert name == "credit-risk"
    parts = splits.by_time(table, task_of(contract), given)
    chosen = candidates.fit_and_score(name, parts, contract, given)
    assert chosen["error"] is None
    taken = candidates.refit(name, parts, contract, given)
    about = parts, splits.within(table, given), contract
    judged = judgement.judge(taken, chosen, *about, None, given)
    assert judged.evaluation.notes[0].startswith("The model was fitted elsewhere (")
    assert judged.evaluation.notes[0].endswith(
        "): whether it has seen rows of the holdout is not known here."
    )
    learnt = taken, chosen["rule"], splits.within(table, given), contract, given
    trained = SimpleNamespace(
        model=taken,
        contract=contract,
        baseline=history_baseline.learn_baseline(*learnt),
        **vars(judged),
    )
    bundle = build.build(tmp_path / "bundle", settings, trained, {"training run": "TrainFlow/0"})
    golden = bundle.golden()
    wanted = model.predict_proba(model_input(golden, contract))[:, 1]
    np.testing.assert_array_equal(golden["probability"], wanted)


def test_classes_are_called_by_the_codes_of_the_target(
    rows: pd.DataFrame, settings: Settings, tmp_path: Path
) -> None:
    settings, classes, contract = multiclass(rows, settings)
    model = fitted(rows, classes["defaulted"])
    assert list(model.classes_) == list(CLASSES)
    before = model.predict_proba(model_input(rows, contract))
    given = with_given(settings, saved(model, tmp_path / "wealth.skops"))
    taken = given_models.tried(given.candidates[0], rows, contract, given)
    assert list(taken.classes_) == [0, 1, 2]
    after = task_of(contract).scores(taken, model_input(rows, contract))
    np.testing.assert_allclose(after, before, rtol=1e-15)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (
            lambda rows: fitted(rows, rows["defaulted"].map({0.0: "yes", 1.0: "no"})),
            "its classes are no, yes, and the target's are false and true (or 0 and 1), in this",
        ),
        (
            lambda rows: fitted(rows, rows["defaulted"], "guarantee"),
            "it does not take guarantee: its columns are to be the problem's features",
        ),
        (
            lambda rows: fitted(rows, rows["defaulted"], estimator=LinearSVC()),
            "it has no predict_proba, or is not fitted: probabilities are needed",
        ),
        (
            lambda rows: DummyRegressor().fit(rows[FEATURES], rows["defaulted"]),
            'DummyRegressor is a regressor, and kind = "binary" needs a classifier',
        ),
        (
            lambda rows: LogisticRegression().fit(rows[["age"]].to_numpy(), rows["defaulted"]),
            "it takes 1 columns, and the problem has 5",
        ),
        (
            lambda rows: LogisticRegression().fit(
                np.ones((len(rows), len(FEATURES))), rows["defaulted"]
            ),
            "it does not answer rows as Millrace gives them, in which numbers, booleans and times "
            "are float64 and categories texts (ValueError: could not convert string to float",
        ),
        (lambda rows: {"weights": [1, 2]}, "it is no fitted model, but of the type dict"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_in_one_line(
    make: Any,
    why: str,
    rows: pd.DataFrame,
    settings: Settings,
    contract: Contract,
    tmp_path: Path,
) -> None:
    given = with_given(settings, saved(make(rows), tmp_path / "odd.skops"))
    with pytest.raises(Refusal) as refused:
        given_models.tried(given.candidates[0], rows, contract, given)
    assert str(refused.value).startswith("candidate 'odd': ")
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused_before_any_work(
    settings: Settings, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere.skops"
    with pytest.raises(Refusal) as refused:
        readiness.refuse_unready(with_given(settings, str(nowhere)))
    assert str(refused.value) == (
        f"no candidate can be built: candidate 'nowhere': {nowhere}: there is no such file or "
        "folder"
    )


def test_its_types_are_trusted_as_those_of_bundles(
    settings: Settings, rows: pd.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    model = fitted(rows, rows["defaulted"])
    model.mean_of = np.median
    given = with_given(settings, saved(model, tmp_path / "odd.skops"))
    with pytest.raises(Refusal, match=r"it has types that are not trusted here: \['numpy.median'"):
        given_models.tried(given.candidates[0], rows, contract, given)
    package = given.package.model_copy(update={"trust": ("numpy.median",)})
    trusting = given.model_copy(update={"package": package})
    assert given_models.tried(given.candidates[0], rows, contract, trusting).mean_of is np.median
