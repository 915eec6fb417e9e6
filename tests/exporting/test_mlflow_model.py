"""A bundle as an MLflow model: what it says of itself (with MLflow itself: `make exports`)."""

import importlib.util
from pathlib import Path

import pytest
import sklearn
import skops

from shared.errors import Refusal
from shared.exporting import mlflow_model
from shared.model.bundle import Bundle


def test_only_what_decides_its_answers_is_pinned(bundle: Bundle) -> None:
    pins = mlflow_model.pins(bundle)
    assert f"scikit-learn=={sklearn.__version__}" in pins
    assert f"skops=={skops.__version__}" in pins
    assert not [pin for pin in pins if pin.startswith(("fastapi", "sqlalchemy", "treelite"))]


def test_its_example_holds_features_as_json_has_them(bundle: Bundle) -> None:
    example = mlflow_model.example(bundle)
    assert list(example) == list(bundle.contract.features)
    assert {type(value) for value in example["employed"]} == {bool}
    assert {type(value) for value in example["guarantee"]} <= {str, type(None)}


def test_a_model_of_known_types_needs_no_trust(bundle: Bundle) -> None:
    assert mlflow_model.trusting(bundle) == ""


@pytest.mark.skipif(importlib.util.find_spec("mlflow") is not None, reason="mlflow is installed")
def test_without_mlflow_one_line_says_how_to_install_it(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        mlflow_model.write_model(bundle, tmp_path / "model")
    said = str(refused.value)
    assert said.startswith("this needs MLflow, which is not installed: use another environment, ")
    assert ".venv-mlflow/bin/pip install " in said
    assert "\n" not in said
