"""What is done to the features of rows before an estimator takes them."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.utils import get_tags

from shared.errors import Refusal
from shared.schema.contract import Contract
from shared.sections.training import Candidate
from shared.training.fitting import boosters
from shared.training.fitting.imports import imported


def transformer(candidate: Candidate, estimator: Any, contract: Contract) -> Any:
    """Return a candidate's unfitted preprocessing, as its estimator can take what it makes.

    Raises `Refusal` where it is one's own, and is not there or makes no transformer.
    """
    known = {"linear": _linear, "tree": _tree, "none": lambda _: "passthrough"}
    made = known.get(candidate.preprocessing)
    return made(contract) if made else _own(candidate, estimator)


def encoded(
    model: Any, inputs: pd.DataFrame
) -> tuple[Any, pd.DataFrame | np.ndarray, tuple[str, ...]]:
    """Return a fitted pipeline's estimator, what it takes of the inputs, and each column's feature.

    Only where the encoder makes one column of each by itself, so that a column may be permuted
    after it; else the model and its inputs as they are.
    """
    encoder = model.named_steps.get("columns") if isinstance(model, Pipeline) else None
    if not isinstance(encoder, ColumnTransformer) or any(
        (how != "passthrough" and type(how) is not OrdinalEncoder) or not isinstance(names, list)
        for _, how, names in encoder.transformers
    ):
        return model, inputs, tuple(inputs.columns)
    features = tuple(name for _, _, names in encoder.transformers for name in names)
    if sorted(map(str, features)) != sorted(inputs.columns):
        # One's own may leave features out, or take them twice.
        return model, inputs, tuple(inputs.columns)
    return model.named_steps["model"], encoder.transform(inputs), features


def _own(candidate: Candidate, estimator: Any) -> Any:
    """Return the transformer that a function or class makes: dense, unless sparse will do.

    Raises `Refusal` where there is none of that name, or it makes something else.
    """
    held = imported(candidate, "preprocessing")
    made = held() if callable(held) else clone(held, safe=False)
    if not (hasattr(made, "fit") and hasattr(made, "transform")):
        raise Refusal(
            f"candidate {candidate.name!r}: preprocessing {candidate.preprocessing!r} made "
            f"{made!r:.60}, and is to make a transformer, which has fit and transform"
        )
    if not _takes_sparse(estimator) and hasattr(made, "get_params"):
        dense = {"sparse_output": False, "sparse_threshold": 0}
        parts = {name: name.rpartition("__")[2] for name in made.get_params()}
        made.set_params(**{name: dense[last] for name, last in parts.items() if last in dense})
    return made


def _takes_sparse(estimator: Any) -> bool:
    """Tell whether an estimator says that it takes sparse values, and means a zero by a zero."""
    says = hasattr(estimator, "__sklearn_tags__") and get_tags(estimator).input_tags.sparse
    return bool(says) and not boosters.library(estimator)


def _linear(contract: Contract) -> ColumnTransformer:
    imputed = SimpleImputer(strategy="median", keep_empty_features=True)
    numbers = ("numbers", make_pipeline(imputed, StandardScaler()), contract.numeric)
    # Scaled, what says that a number is missing would be the larger the rarer that is.
    nullable = [name for name in contract.numeric if contract[name].nullable]
    gaps = [("gaps", MissingIndicator(features="all"), nullable)] if nullable else []
    categories = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20)
    return ColumnTransformer([numbers, *gaps, ("categories", categories, contract.categorical)])


def _tree(contract: Contract) -> ColumnTransformer:
    categories = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    return ColumnTransformer(
        [
            ("numbers", "passthrough", contract.numeric),
            ("categories", categories, contract.categorical),
        ]
    )
