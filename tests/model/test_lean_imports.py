"""A server imports no more than it needs, and trusts no other types for it."""

import subprocess
import sys

from skops.io._trusted_types import SKLEARN_ESTIMATOR_TYPE_NAMES

from shared.model import trust

LOADED = """
import sys
from shared.model import lean_imports
lean_imports.import_skops()
import sklearn.utils, skops.io
print(len(sklearn.utils.all_estimators.__code__.co_varnames) > 0)
print(sorted({"pytest", "sklearn.neural_network", "pyarrow.dataset"} & {*sys.modules}))
"""


def test_skops_is_imported_without_all_of_scikit_learn() -> None:
    said = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["True", "[]"]


def test_every_estimator_that_skops_would_list_is_known_without_its_list() -> None:
    assert len(SKLEARN_ESTIMATOR_TYPE_NAMES) > 150
    assert trust.untrusted(SKLEARN_ESTIMATOR_TYPE_NAMES, "loans", ()) == []
