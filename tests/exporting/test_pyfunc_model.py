"""What MLflow asks for answers: those of the bundle, to the last bit."""

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.exporting.pyfunc_model import BundleAnswers, taken_columns
from shared.model.bundle import Bundle

ODD = {"loan": "L1", "applied": "2024-05-01T12:00:00Z", "age": 41, "employed": True}


def test_golden_rows_gaps_and_unseen_categories_have_the_bundles_answers(bundle: Bundle) -> None:
    golden = bundle.golden()
    answers = BundleAnswers(bundle)
    assert answers.predict(golden)["probability"].tolist() == golden["probability"].tolist()
    rows = [{**ODD, "income": None, "region": "south", "guarantee": None}]
    rows += [{**ODD, "income": 20_000, "region": "mars", "guarantee": "house"}]
    found = answers.predict(pd.DataFrame(rows))
    assert list(found) == ["prediction", "probability"]
    np.testing.assert_array_equal(found["probability"], bundle.scores(rows))


def test_the_frame_that_it_was_trained_on_is_taken_as_it_is(
    bundle: Bundle, table: pd.DataFrame
) -> None:
    odd = table.assign(region=table["region"].astype("category"), age=table["age"].astype("int16"))
    found = BundleAnswers(bundle).predict(odd)
    np.testing.assert_array_equal(found["probability"], bundle.scores(table))


def test_what_the_contract_does_not_have_is_refused_by_name(bundle: Bundle) -> None:
    rows = pd.DataFrame([{**ODD, "income": "much", "region": "south", "age": None}])
    with pytest.raises(Refusal, match=r"^income: .* \(row 1\); age: missing \(row 1\)$"):
        BundleAnswers(bundle).predict(rows)


def test_rows_with_none_of_its_columns_are_refused_and_not_answered_by_nothing(
    bundle: Bundle,
) -> None:
    # MLflow takes unknown columns out of such rows, and the rows with them.
    for rows in (pd.DataFrame(), pd.DataFrame([{"colour": "red"}])):
        with pytest.raises(Refusal, match=r"^no column of the model's came: it takes income"):
            BundleAnswers(bundle).predict(rows)


def test_what_answers_depend_on_beside_features_may_come_along(bundle: Bundle) -> None:
    assert taken_columns(bundle.contract) == [*bundle.contract.features, "loan"]
