"""What is done to features before an estimator takes them: Millrace's own ways, and a team's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse

from shared import problem_code
from shared.errors import Refusal
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.training.fitting import estimators, preprocessing

LOGISTIC = "sklearn.linear_model.LogisticRegression"
BOOSTING = "sklearn.ensemble.HistGradientBoostingClassifier"
# One column of each category, of which most are 0, and of ages one as it is.
FEATURES = """
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

scaler = StandardScaler()
number = 3


def table():
    return ColumnTransformer([
        ("age", SimpleImputer(), ["age"]),
        ("texts", make_pipeline(OneHotEncoder(handle_unknown="ignore")), ["region", "guarantee"]),
    ], sparse_threshold=1)


def categories():
    return make_pipeline(table().transformers[1][1])


def ages():
    return ColumnTransformer([("ages", "passthrough", ["age"])])


def selected():
    numbers = make_column_selector(dtype_include=float)
    return ColumnTransformer([("numbers", "passthrough", numbers)])


def nothing():
    return [1, 2]
"""


@pytest.fixture(scope="module")
def contract(settings: Settings, table: pd.DataFrame) -> Contract:
    return infer_contract(table, settings)


@pytest.fixture(scope="module")
def rows(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.dropna(subset="defaulted").head(500)
    return rows.assign(defaulted=rows["defaulted"].astype(int))


@pytest.fixture(scope="module", autouse=True)
def _own_code(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("team")
    (folder / "features.py").write_text(FEATURES)
    problem_code.add_folder("preprocessed", folder)


def own(name: str, estimator: str = LOGISTIC) -> Candidate:
    """Return a candidate whose preprocessing is made by the team's own code."""
    dotted = f"problems.preprocessed.features.{name}"
    return Candidate(name="a", estimator=estimator, preprocessing=dotted)


def test_linear_models_get_scaled_numbers_and_trees_keep_missing_values(
    contract: Contract, rows: pd.DataFrame
) -> None:
    inputs = model_input(rows, contract)
    for kind, missing in (("linear", False), ("tree", True)):
        candidate = Candidate(name="a", estimator=LOGISTIC, preprocessing=kind)
        columns = estimators.build(candidate, contract, 7)["columns"].fit(inputs)
        made = np.asarray(columns.transform(inputs), dtype="float64")
        assert np.isnan(made).any() == missing
        unseen = model_input(rows.head(1).assign(region="mars"), contract)
        assert columns.transform(unseen).shape == (1, made.shape[1])


def test_a_rare_gap_is_a_flag_beside_scaled_numbers_and_learnt_from_in_batches(
    settings: Settings,
) -> None:
    rng, size = np.random.default_rng(0), 4_000
    rows = pd.DataFrame({"income": rng.normal(5e4, 1e4, size), "defaulted": rng.random(size)})
    rows.loc[:3, "income"] = np.nan
    columns = ({"name": "income", "type": "number", "nullable": True},)
    raw = {"kind": "regression", "key": "loan", "time": "applied", "target": "defaulted"}
    others = ({"name": "defaulted", "type": "number"},)
    contract = Contract.model_validate(raw | {"features": ("income",), "columns": columns + others})
    regressor = Candidate(name="a", estimator="sklearn.linear_model.SGDRegressor")
    model = estimators.fit(regressor, rows, contract, 0)
    made = model[:-1].transform(model_input(rows, contract))
    assert made[:5, 1].tolist() == [1, 1, 1, 1, 0]
    assert np.abs(made).max() < 5
    in_batches = estimators.build(regressor, contract, 0)["model"]
    for at in range(0, size, 500):
        in_batches.partial_fit(made[at : at + 500], rows["defaulted"][at : at + 500])
    assert np.abs(in_batches.predict(made) - 0.5).max() < 1


def test_what_a_tree_takes_may_be_permuted_after_its_encoder_to_the_same_answers(
    contract: Contract, rows: pd.DataFrame
) -> None:
    inputs = model_input(rows, contract)
    tree = Candidate(
        name="a",
        estimator="sklearn.ensemble.HistGradientBoostingClassifier",
        params={"max_iter": 5},
        preprocessing="tree",
    )
    fitted = estimators.fit(tree, rows, contract, 7)
    estimator, made, features = preprocessing.encoded(fitted, inputs)
    assert set(features) == set(contract.features)
    order = np.random.default_rng(0).permutation(len(rows))
    for at, feature in enumerate(features):
        before = inputs.assign(**{feature: inputs[feature].to_numpy()[order]})
        after = np.array(made)
        after[:, at] = after[order, at]
        assert (fitted.predict_proba(before) == estimator.predict_proba(after)).all()


@pytest.mark.parametrize(("estimator", "is_sparse"), [(LOGISTIC, True), (BOOSTING, False)])
@pytest.mark.parametrize("name", ["table", "categories"])
def test_ones_own_gives_sparse_values_to_estimators_that_take_them_and_dense_ones_to_others(
    contract: Contract, rows: pd.DataFrame, name: str, estimator: str, is_sparse: bool
) -> None:
    if name == "categories":
        contract = contract.model_copy(update={"features": ("region", "guarantee")})
    fitted = estimators.fit(own(name, estimator), rows, contract, 7)
    inputs = model_input(rows, contract)
    assert issparse(fitted[:-1].transform(inputs)) is is_sparse
    assert fitted.predict_proba(inputs).shape == (500, 2)


@pytest.mark.parametrize("name", ["ages", "selected"])
def test_what_takes_a_part_of_the_features_is_permuted_before_it(
    contract: Contract, rows: pd.DataFrame, name: str
) -> None:
    inputs = model_input(rows, contract)
    fitted = estimators.fit(own(name, BOOSTING), rows, contract, 7)
    estimator, made, features = preprocessing.encoded(fitted, inputs)
    assert (estimator, features) == (fitted, contract.features)
    assert made is inputs


def test_a_transformer_that_stands_there_made_is_fitted_as_a_copy(contract: Contract) -> None:
    one, other = (estimators.build(own("scaler"), contract, 7)["columns"] for _ in range(2))
    assert type(one) is type(other)
    assert one is not other


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tabel", "problems.*tabel' cannot be imported: .*; did you mean 'table'"),
        ("nothing", r".*features.nothing' made \[1, 2\], and is to make a transformer"),
        ("number", ".*features.number' made 3, and is to make a transformer"),
    ],
)
def test_what_makes_no_transformer_is_refused(contract: Contract, name: str, words: str) -> None:
    with pytest.raises(Refusal, match=f"candidate 'a': preprocessing '{words}"):
        estimators.build(own(name), contract, 7)
