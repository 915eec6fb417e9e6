"""The short way to a model gives what the pipeline gives, and is taken only where it does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import OrdinalEncoder

from shared.model.bundle import Bundle
from shared.model.scores.model_scores import model_scores
from shared.schema import columns
from shared.settings import Settings
from tests.conftest import bundle_of, loans

NOTHING = {"income": None, "age": 30, "region": None, "employed": True, "guarantee": None}
STRANGE = {"income": 1e12, "age": 30.0, "region": "west", "employed": False, "guarantee": "car"}


def rows(bundle: Bundle) -> list[dict[str, Any]]:
    found = loans(300, seed=5)[list(bundle.contract.features)].astype(object)
    return [*found.where(found.notna(), None).to_dict("records"), NOTHING, STRANGE]


def test_trees_answer_by_the_shortcut_as_by_the_pipeline(bundle: Bundle) -> None:
    found = model_scores(bundle)
    assert found.fast
    assert found.evaluator.startswith(f"treelite for up to {found.fast.most_rows} rows")
    answering = found.scores
    asked = rows(bundle)
    for some in (asked, asked[:1]):
        as_columns = columns.of_rows(some, bundle.contract.features)
        assert np.array_equal(answering(as_columns), bundle.scores(some))
        assert np.array_equal(answering(as_columns), bundle.scores(as_columns))


def test_an_encoder_that_answers_otherwise_than_it_did_is_not_cut_short(
    bundle: Bundle, tmp_path: Path
) -> None:
    class Unproved(Bundle):
        """A bundle whose golden rows are not looked at."""

        def prove(self, found: Any) -> None:
            pass

    other = Unproved(bundle.path, bundle.digest, bundle.manifest)
    transformer = other.model[0]

    class Contrary(OrdinalEncoder):
        """Answers whole tables backwards, so that what it says of a column does not hold."""

        def transform(self, X: Any) -> Any:  # noqa: N803
            codes = super().transform(X)
            return codes if "income" in X else codes[::-1]

    at = next(i for i, (name, *_) in enumerate(transformer.transformers_) if name == "categories")
    name, encoder, names = transformer.transformers_[at]
    contrary = Contrary()
    contrary.__dict__.update(encoder.__dict__)
    transformer.transformers_[at] = (name, contrary, names)
    found = model_scores(other)
    assert (found.evaluator, found.whole) == ("the model's own pipeline", other.scores)


@pytest.fixture(scope="module")
def linear(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundle_of(loans(600), settings, "logistic", tmp_path_factory.mktemp("linear") / "loans")


def test_a_pipeline_that_is_not_known_is_asked_itself(linear: Bundle) -> None:
    found = model_scores(linear)
    assert (found.evaluator, found.whole) == ("the model's own pipeline", linear.scores)


def test_a_table_without_categories_has_a_shortcut_too(settings: Settings, tmp_path: Path) -> None:
    numbers = settings.model_copy(
        update={"features": ("income", "age"), "slices": (), "baseline": ()}
    )
    made = bundle_of(loans(600), numbers, "boosting", tmp_path / "loans")
    asked = loans(50, seed=9)[["income", "age"]]
    columns_asked = {name: asked[name].tolist() for name in asked}
    found = model_scores(made)
    assert found.evaluator.startswith("treelite for up to ")
    assert np.array_equal(found.scores(columns_asked), made.scores(asked))
