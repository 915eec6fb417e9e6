"""A bundle's pipeline as an ONNX graph, where the converter can make one that answers alike."""

import textwrap
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from shared import command_words
from shared.errors import Refusal
from shared.frames import with_values
from shared.model.bundle import Bundle
from shared.model.inputs import model_input

# Graphs calculate in single precision.
TOLERANCE = 1e-5
MOST_SAID = 200
CONVERTIBLE = (
    "a linear model or a forest converts behind SimpleImputer() and OneHotEncoder(handle_unknown="
    '"ignore"), as a preprocessing of your own'
)


def write_graph(bundle: Bundle, file: Path) -> float:
    """Write the graph of a bundle's pipeline; returns the largest difference of scores.

    Its inputs are the features, of shape (rows, 1): numbers as float32, texts as strings, in which
    what is missing, or none of the contract's categories, is "nan". Its outputs are the pipeline's
    own: what is decided by them is the bundle's rule. Raises `Refusal` where skl2onnx or
    onnxruntime is not installed, a part of the pipeline cannot be converted, or the graph answers
    the golden rows otherwise, whole or with gaps.
    """
    if file.exists():
        raise Refusal(f"{file} exists already: name a new file")
    graph = _graph(bundle)
    rows = rows_with_gaps(bundle)
    wanted, found = bundle.task.scores(bundle.model, rows), _scores(graph, bundle, rows)
    apart = float((np.abs(found - wanted) / np.maximum(1, np.abs(wanted))).max())
    if not apart <= TOLERANCE:
        raise Refusal(
            "the graph that skl2onnx makes of this pipeline answers rows otherwise, by up to "
            f"{apart:g}: nothing was written; {CONVERTIBLE}"
        )
    file.write_bytes(graph)
    return apart


def rows_with_gaps(bundle: Bundle) -> pd.DataFrame:
    """Return the golden rows as the model takes them, and again with each feature missing in turn.

    Where the contract has no gaps in a number there are none here; a category that is not known
    is missing in every column.
    """
    contract = bundle.contract
    golden = model_input(bundle.golden(), contract)
    nullable = [name for name in contract.features if contract[name].nullable]
    gaps = dict.fromkeys([*nullable, *contract.categorical])
    return pd.concat([golden, *(with_values(golden, {n: np.nan}) for n in gaps)], ignore_index=True)


def _graph(bundle: Bundle) -> bytes:
    try:
        import onnxruntime  # noqa: F401  (nothing is converted in vain)
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    except ImportError as error:
        apart = command_words.in_own_environment("onnx")
        raise Refusal(f"this needs {error.name}, which is not installed: {apart}") from None
    texts, model = bundle.contract.categorical, bundle.model
    inputs = [
        (name, (StringTensorType if name in texts else FloatTensorType)([None, 1]))
        for name in bundle.contract.features
    ]
    options = {id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else None
    try:
        made = convert_sklearn(model, initial_types=inputs, options=options)
        graph: bytes = made.SerializeToString()
    except Exception as error:
        # What it cannot convert comes as errors of every kind.
        named = next(filter(_is_to_blame, _parts(model)), model)
        raise Refusal(
            f"skl2onnx cannot convert {type(named).__name__} ({_in_a_line(error)}); {CONVERTIBLE}"
        ) from None
    return graph


def _parts(model: Any) -> Iterator[Any]:
    """Yield the fitted parts of a pipeline that have none themselves."""
    if isinstance(model, Pipeline):
        for _, part in model.steps:
            yield from _parts(part)
    elif isinstance(model, ColumnTransformer):
        for _, part, _ in model.transformers_:
            yield from _parts(part)
    elif not isinstance(model, str):
        yield model


def _is_to_blame(part: Any) -> bool:
    """Tell whether a part cannot be converted: alone it fails, or has what skl2onnx leaves out."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    for tensor in (FloatTensorType, StringTensorType):
        with suppress(Exception):
            convert_sklearn(part, initial_types=[("rows", tensor([None, part.n_features_in_]))])
            return bool(getattr(part, "add_indicator", False))
    return True


def _scores(graph: bytes, bundle: Bundle, rows: pd.DataFrame) -> np.ndarray:
    """Return what the graph gives of rows, as the task has it of the pipeline."""
    import onnxruntime

    texts = bundle.contract.categorical
    given = {
        name: rows[[name]].astype(str).to_numpy(object)
        if name in texts
        else rows[[name]].to_numpy("float32")
        for name in rows
    }
    try:
        session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        found = session.run(None, given)[-1]
    except Exception as error:
        why = f"{_in_a_line(error)}); {CONVERTIBLE}"
        raise Refusal(f"onnxruntime does not run the graph of this pipeline ({why}") from None
    return bundle.task.scores(_Pipeline(found, getattr(bundle.model, "classes_", None)), rows)


@dataclass(frozen=True)
class _Pipeline:
    """What a graph has given of some rows, as a pipeline gives it."""

    given: np.ndarray
    classes_: np.ndarray | None

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return self.given.ravel()

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        return self.given


def _in_a_line(error: Exception) -> str:
    return textwrap.shorten(f"{type(error).__name__}: {error}", MOST_SAID, placeholder=" …")
