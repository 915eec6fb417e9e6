"""What a candidate names by an import path is found, or told with what is like it."""

import pytest
from sklearn.linear_model import LogisticRegression

from shared.errors import Refusal
from shared.sections.training import Candidate
from shared.training.fitting.imports import imported


def test_what_is_named_is_imported() -> None:
    named = Candidate(name="a", estimator="sklearn.linear_model.LogisticRegression")
    assert imported(named, "estimator") is LogisticRegression


@pytest.mark.parametrize("key", ["estimator", "preprocessing"])
def test_what_is_not_there_is_told_with_the_key_and_the_nearest_name(key: str) -> None:
    told = {"estimator": "sklearn.dummy.DummyClassifier"} | {key: "sklearn.dummy.DummyClasifier"}
    words = f"candidate 'a': {key} 'sklearn.dummy.DummyClasifier' cannot be imported: .*; did you"
    with pytest.raises(Refusal, match=f"{words} mean 'DummyClassifier'"):
        imported(Candidate.model_validate({"name": "a"} | told), key)  # type: ignore[arg-type]
