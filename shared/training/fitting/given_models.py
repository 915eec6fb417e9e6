"""Models that were fitted elsewhere: read without executing them, and tried before they count."""

from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from shared.errors import Refusal, in_a_line
from shared.given_files import skops_file
from shared.model.files import model_file
from shared.model.files.bundle_files import sha256_of_file
from shared.model.inputs import model_input
from shared.schema.contract import Contract, listed
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.tasks.choice import task_of
from shared.training.fitting import estimators

# So many rows are tried before it takes part.
ROWS_TRIED = 50


def read_model(candidate: Candidate, settings: Settings) -> Any:
    """Return a candidate's fitted model, of types that are trusted here.

    Raises `Refusal` where there is none, it is a pickle or cannot be read, it has other types, or
    it says that it takes other columns or gives another kind of answer.
    """
    try:
        file = skops_file(candidate.model or "")
        model = model_file.load(file, settings.name, settings.package.trust)
        _refuse_other_columns(model, settings.features)
        if not hasattr(model, "predict"):
            raise Refusal(f"it is no fitted model, but of the type {type(model).__name__}")
    except ModuleNotFoundError as error:
        raise _refusal(candidate, f"it needs the module {error.name!r}: install it") from None
    except Refusal as refusal:
        raise _refusal(candidate, str(refusal)) from None
    estimators.refuse_other_kind(model, candidate, settings.kind)
    return model


def tried(candidate: Candidate, rows: pd.DataFrame, contract: Contract, settings: Settings) -> Any:
    """Return a candidate's fitted model, whose classes are the target's, if it answers rows.

    Raises `Refusal` as `read_model` does, and where it fails on the first rows, answers them with
    what is not a number, or has other classes.
    """
    model, few = read_model(candidate, settings), model_input(rows.head(ROWS_TRIED), contract)
    try:
        if contract[contract.target].type != "number":
            _take_codes(model, contract)
        scores = task_of(contract).scores(model, few)
    except Refusal as refusal:
        raise _refusal(candidate, str(refusal)) from None
    except Exception as error:
        # Whatever an estimator raises, it does not take these rows.
        why = in_a_line(error)
        raise _refusal(
            candidate,
            "it does not answer rows as Millrace gives them, in which numbers, booleans and times "
            f"are float64 and categories texts ({why})",
        ) from None
    if not np.isfinite(scores).all():
        raise _refusal(candidate, "it answers some rows with what is not a number")
    return model


def provenance_note(candidate: Candidate) -> str:
    """Return what an evaluation says of a model that was fitted elsewhere."""
    file = skops_file(candidate.model or "")
    return (
        f"The model was fitted elsewhere ({candidate.model}, sha256 {sha256_of_file(file)}): "
        "whether it has seen rows of the holdout is not known here."
    )


def _refuse_other_columns(model: Any, features: tuple[str, ...]) -> None:
    """Hold what a model says of its columns against the features, which it gets in their order."""
    taken = getattr(model, "feature_names_in_", None)
    if taken is None:
        number = getattr(model, "n_features_in_", len(features))
        if number != len(features):
            raise Refusal(f"it takes {number} columns, and the problem has {len(features)}")
        return
    unknown = [name for name in map(str, taken) if name not in features]
    more = [name for name in features if name not in {*map(str, taken)}]
    wrong = [f"it needs {listed(unknown)}, which are no features"] if unknown else []
    wrong += [f"it does not take {listed(more)}"] if more else []
    if wrong:
        raise Refusal(f"{' and '.join(wrong)}: its columns are to be the problem's features")


def _take_codes(model: Any, contract: Contract) -> None:
    """Let a model call the target's values by the codes that ours learn.

    Its probabilities stay as they are, and their order. Raises `Refusal` where it has others.
    """
    found, target = _classes(model), contract[contract.target]
    if target.type == "category":
        names = target.categories or ()
        codes = _codes(found, names)
        wanted = listed(names)
    else:
        pairs = [[0, 1], list(target.truths or ())]
        codes = [0, 1] if found in pairs else None
        wanted = "false and true (or 0 and 1), in this order"
        if target.truths:
            wanted += f", or {listed(target.truths)}"
    if codes is None:
        raise Refusal(f"its classes are {listed(map(str, found))}, and the target's are {wanted}")
    if found == codes:
        return
    holder = _holder(model)
    with suppress(AttributeError):
        holder.classes_ = np.array(codes)
    if _classes(model) != codes:
        raise Refusal(f"the classes of {type(holder).__name__} cannot be renamed: fit it on codes")


def _codes(found: list[Any], names: tuple[str, ...]) -> list[int] | None:
    """Return the places of a model's classes among a target's, or None where it has others.

    Where it was fitted on codes itself, they are those of the classes in order.
    """
    texts = [str(int(each)) if isinstance(each, float) else str(each) for each in found]
    if {*texts} <= {*names}:
        return [names.index(text) for text in texts]
    in_order = list(names) == sorted(names) and {*found} <= {*range(len(names))}
    return [int(each) for each in found] if in_order else None


def _classes(model: Any) -> list[Any]:
    if not hasattr(model, "predict_proba") or not hasattr(model, "classes_"):
        raise Refusal("it has no predict_proba, or is not fitted: probabilities are needed")
    return list(np.asarray(model.classes_).tolist())


def _holder(model: Any) -> Any:
    """Return what keeps the classes: the last step of a pipeline, what a search has found."""
    if isinstance(model, Pipeline):
        return _holder(model[-1])
    return _holder(model.best_estimator_) if hasattr(model, "best_estimator_") else model


def _refusal(candidate: Candidate, why: str) -> Refusal:
    return Refusal(f"candidate {candidate.name!r}: {candidate.model}: {why}")
