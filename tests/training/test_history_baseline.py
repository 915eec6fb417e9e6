"""The baseline profile of a history with a model's answers."""

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.training import splits
from shared.training.history_baseline import (
    even_places,
    learn_baseline,
    learning,
    sample_note,
)


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


def test_of_a_long_history_a_part_is_counted_and_all_rows_are_known(about) -> None:
    whole, part = learn_baseline(*about), learn_baseline(*about, most=1_000)
    assert 990 <= part["counts"]["rows"] <= 1_000 < whole["counts"]["rows"]
    assert sum(part["per_hour"]) == pytest.approx(sum(whole["per_hour"]), rel=0.05)
    assert part["repeated"] == whole["repeated"]
    for name in ("rows", "later", "returning", "side_by_side"):
        assert part["known_rows"][name] == whole["known_rows"][name]


def test_a_part_of_a_history_has_each_span_s_share_in_the_order_of_time() -> None:
    moments = pd.Series(pd.date_range("2024-01-01", periods=1_000, freq="h", tz="UTC"))
    mixed = moments.sample(frac=1, random_state=0).reset_index(drop=True)
    mixed[::10] = pd.NaT
    taken = mixed[even_places(mixed, 90, seed=1)]
    assert taken.is_monotonic_increasing
    days = (taken - moments[0]).dt.days // 10
    assert ((days.value_counts() >= 19) & (days.value_counts() <= 24))[:4].all()
    assert len(even_places(mixed, 900, seed=1)) == 900


def test_it_is_said_that_a_part_of_the_history_is_counted() -> None:
    assert sample_note(500_000) == ()
    assert sample_note(10_000_000) == (
        "What is ordinary, for the monitor, is learnt from 500,000 of 10,000,000 rows, evenly over "
        "time.",
    )
