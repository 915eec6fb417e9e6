#!/usr/bin/env bash
# scikit-learn 1.9.1: does HistGradientBoosting learn from rows of which a column has no value?
# Expected: yes, it takes missing values, and did so with 1.5.2. Seen: "window shape cannot be larger than input
# array shape", which names no column. A feature that began to be recorded after training's span, or a category
# of which no text is known, then fails a candidate that would otherwise leave it unused.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
for version in 1.5.2 1.9.1; do
    "${PYTHON:-python3}" -m venv "venv-$version"
    "venv-$version/bin/python" -m pip install --quiet --disable-pip-version-check "scikit-learn==$version"
    "venv-$version/bin/python" - <<'PYTHON'
import numpy
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier

rows = numpy.column_stack([numpy.arange(100.0), numpy.full(100, numpy.nan)])
try:
    HistGradientBoostingClassifier(max_iter=2).fit(rows, numpy.arange(100) % 2)
    said = "fits"
except ValueError as error:
    said = str(error)
print(f"scikit-learn {sklearn.__version__}: {said}")
raise SystemExit((said == "fits") != (sklearn.__version__ == "1.5.2"))
PYTHON
done
