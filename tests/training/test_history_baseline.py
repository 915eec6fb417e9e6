"""The baseline profile of a history with a model's answers."""

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.training import splits
from shared.training.history_baseline import learn_baseline, learning


@pytest.fixture(scope="module")
def about(bundle: Bundle, settings: Settings, table: pd.DataFrame):
    """Return what is learnt from: a model's rule and its history."""
    history = splits.within(table, settings)
    return bundle.model, bundle.manifest.rule, history, bundle.contract, settings


def test_of_a_sample_as_many_times_more_rows_are_expected(about) -> None:
    whole, sampled = learn_baseline(*about), learn_baseline(*about, {"share sampled": 1 / 3})
    assert np.allclose(sampled["per_hour"], 3 * np.array(whole["per_hour"]))
    assert sampled["counts"] == whole["counts"]


def test_the_model_s_answers_are_columns_of_it(about) -> None:
    names = [column["name"] for column in learn_baseline(*about)["plan"]["columns"]]
    assert names[-1] == "probability"
    assert "age" in names


def test_the_block_goes_on_while_it_is_learnt(about) -> None:
    with learning(*about) as baseline:
        assert not baseline.done()
    assert baseline.done()
    assert baseline.result() == learn_baseline(*about)


def test_what_is_wrong_is_raised_where_the_profile_is_asked_for(about) -> None:
    _, *others = about
    with learning("no model", *others) as baseline:
        pass
    with pytest.raises(AttributeError, match="predict_proba"):
        baseline.result()
