"""A server imports no more than it needs, and trusts no other types for it."""

import subprocess
import sys
from pathlib import Path

from skops.io._trusted_types import (
    NUMPY_UFUNC_TYPE_NAMES,
    SCIPY_UFUNC_TYPE_NAMES,
    SKLEARN_ESTIMATOR_TYPE_NAMES,
)

from shared.model.files import trust

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


PUT_OFF = """
import sys
from shared.model import lean_imports
with lean_imports.put_off():
    lean_imports.import_skops()
later = {"scipy.stats", "scipy.optimize", "scipy.interpolate", "scipy.integrate", "rich", "psutil"}
print(sorted({*later, "numpy.f2py"} & {*sys.modules}))

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import QuantileTransformer, SplineTransformer
rng = np.random.default_rng(0)
rows = rng.normal(size=(50, 2))
marks = rows[:, 0] + rng.normal(size=50) > 0
print(LogisticRegression().fit(rows, marks).coef_.tolist())
print(IsotonicRegression(increasing="auto").fit_transform(rows[:, 0], rows[:, 1]).tolist())
print(SplineTransformer().fit_transform(rows).sum(axis=0).tolist())
normal = QuantileTransformer(n_quantiles=9, output_distribution="normal")
print(normal.fit_transform(rows)[:3].tolist())

import scipy
print(sorted(name for name in later if name in sys.modules), scipy.stats.__file__[-8:])
"""


def test_what_is_seldom_needed_is_imported_when_it_is() -> None:
    put_off, at_once = (
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for script in (PUT_OFF, PUT_OFF.replace("with lean_imports.put_off():", "if True:"))
    )
    assert put_off[0] == "[]"
    assert put_off[1:-1] == at_once[1:-1]
    scipys = ["scipy.integrate", "scipy.interpolate", "scipy.optimize", "scipy.stats"]
    assert put_off[-1] == f"{scipys} nit__.py"


ESTIMATORS = """
import sys
from shared.model import lean_imports
lean_imports.import_estimators()
import sklearn.compose, sklearn.ensemble, sklearn.linear_model
print({"scipy.stats", "scipy.optimize"} & {*sys.modules} or "neither")
from shared.training import readiness
from shared.training.fitting import estimators, fits
print({"scipy.stats", "scipy.optimize", "sqlalchemy", "matplotlib"} & {*sys.modules} or "neither")
"""


def test_a_training_imports_estimators_without_what_they_seldom_need() -> None:
    said = subprocess.run(
        [sys.executable, "-c", ESTIMATORS], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["neither", "neither"]


def test_every_estimator_that_skops_would_list_is_known_without_its_list() -> None:
    assert len(SKLEARN_ESTIMATOR_TYPE_NAMES) > 150
    assert trust.untrusted(SKLEARN_ESTIMATOR_TYPE_NAMES, "loans", ()) == []


def test_every_ufunc_that_skops_would_list_is_known_without_its_list() -> None:
    assert len(NUMPY_UFUNC_TYPE_NAMES) > 80
    assert len(SCIPY_UFUNC_TYPE_NAMES) > 200
    names = [*NUMPY_UFUNC_TYPE_NAMES, *SCIPY_UFUNC_TYPE_NAMES]
    assert trust.untrusted(names, "loans", ()) == []


UFUNCS = """
import sys
from pathlib import Path
from shared.model import lean_imports
from shared.model.files import model_file
lean_imports.import_skops()
import numpy as np
import scipy.special
import skops.io
print(skops.io._trusted_types.NUMPY_UFUNC_TYPE_NAMES, len(dir(np)) > 300)
print(skops.io._trusted_types.SCIPY_UFUNC_TYPE_NAMES, "expit" in dir(scipy.special))

from sklearn.preprocessing import FunctionTransformer
for function in (np.log1p, scipy.special.expit):
    file = Path(sys.argv[1], "model.skops")
    skops.io.dump(FunctionTransformer(function), file)
    print(model_file.load(file, "loans", ()).func is function)
"""


def test_a_model_with_ufuncs_is_read_without_lists_of_them(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", UFUNCS, tmp_path], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["[] True", "[] True", "True", "True"]
