"""What a model file may be made of: that is decided by who opens it, whatever a bundle says."""

import importlib
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np

from shared import problem_code

# Names more types, between blanks or commas; `--trust` adds to it.
VARIABLE = "MILLRACE_TRUST"
# Where the parts of fitted models come from. Not the whole libraries: some of what they have opens
# or writes files, and a distribution of scipy.stats executes text that its state brings.
PACKAGES = (
    *(
        f"sklearn.{part}."
        for part in (
            *("_loss", "base", "calibration", "cluster", "compose", "covariance"),
            *("cross_decomposition", "decomposition", "discriminant_analysis", "dummy"),
            *("ensemble", "feature_extraction", "feature_selection", "frozen", "gaussian_process"),
            *("impute", "isotonic", "kernel_approximation", "kernel_ridge", "linear_model"),
            *("manifold", "metrics", "mixture", "model_selection", "multiclass", "multioutput"),
            *("naive_bayes", "neighbors", "neural_network", "pipeline", "preprocessing"),
            *("random_projection", "semi_supervised", "svm", "tree", "utils._metadata_requests"),
        )
    ),
    *("scipy.interpolate.", "scipy.sparse.", "scipy.spatial."),
)
NAMED = frozenset(
    {"numpy.dtype", "numpy.mean", "numpy.nan_to_num", "sklearn.utils._bunch.Bunch"}
    | {"scipy._lib.array_api_compat.numpy._aliases.asarray"}
)

# Functions of numbers and nothing else, where these libraries have them.
UFUNCS = ("numpy.", "scipy.special.")


def untrusted(types: Iterable[str], problem: str, trusted: Iterable[str]) -> list[str]:
    """Return those of a model's types that nobody here lets it have.

    The parts of scikit-learn's models are known, and ufuncs; so is the problem's own code, which
    has to be here to be used. `trusted` are what the opener's settings allow, beside
    MILLRACE_TRUST. Raises `ModuleNotFoundError` where a module of the own code is not here.
    """
    allowed = {*NAMED, *trusted, *os.environ.get(VARIABLE, "").replace(",", " ").split()}
    own = f"{problem_code.PACKAGE}.{problem}."
    return [name for name in types if name not in allowed and not _is_known(name, own)]


def _is_known(name: str, own: str) -> bool:
    """Return whether a name is that of something that is defined where models have their parts."""
    if name.startswith(own):
        problem_code.find()
        return _defined_within(name, own)
    if name.startswith(UFUNCS) and _is_ufunc(name):
        return True
    with suppress(ImportError):
        return name.startswith(PACKAGES) and _defined_within(name, name.partition(".")[0] + ".")
    return False


def _is_ufunc(name: str) -> bool:
    """Return whether a name is that of a ufunc in a module that is imported already."""
    module, _, attribute = name.rpartition(".")
    return isinstance(getattr(sys.modules.get(module), attribute, None), np.ufunc)


def _defined_within(name: str, package: str) -> bool:
    """Return whether a function or type is defined below a package, not just imported there."""
    module, _, attribute = name.rpartition(".")
    found: Any = getattr(importlib.import_module(module), attribute, None)
    return callable(found) and f"{getattr(found, '__module__', '')}.".startswith(package)
