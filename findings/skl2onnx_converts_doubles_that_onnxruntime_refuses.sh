#!/usr/bin/env bash
# skl2onnx 1.20.0, onnxruntime 1.32.0: is a pipeline that was converted for doubles one that can be run?
# Expected: with DoubleTensorType as input, what skl2onnx converts without a complaint onnxruntime loads, and it answers
# nearer to scikit-learn than single precision does. Seen: so it is with a logistic regression alone (2e-16 apart); with a
# SimpleImputer before it the graph has a node that no runtime has for doubles, and that of gradient boosting
# contradicts itself in its types. Both are refused when the graph is loaded, and run in single precision.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 scikit-learn==1.8.0 numpy==2.4.6
venv/bin/python -W ignore - <<'PYTHON'
import numpy
import onnxruntime
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

onnxruntime.set_default_logger_severity(4)
rows = numpy.random.default_rng(0).normal(size=(200, 2))
outcomes = (rows[:, 0] > 0).astype(int)
models = {
    "logistic regression": LogisticRegression(),
    "imputer, logistic regression": make_pipeline(SimpleImputer(), LogisticRegression()),
    "gradient boosting": GradientBoostingClassifier(n_estimators=5),
}
seen = {}
for name, model in models.items():
    model.fit(rows, outcomes)
    for precision in ("float32", "float64"):
        graph = to_onnx(model, rows[:1].astype(precision), options={id(model): {"zipmap": False}})
        try:
            session = onnxruntime.InferenceSession(
                graph.SerializeToString(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            seen[name, precision] = type(error).__name__
            continue
        found = session.run(None, {"X": rows.astype(precision)})[1]
        apart = abs(found - model.predict_proba(rows)).max()
        seen[name, precision] = "alike" if apart < (1e-6 if precision == "float32" else 1e-14) else "apart"
for (name, precision), what in seen.items():
    print(f"{name}, {precision}: {what}")
assert [*seen.values()] == ["alike", "alike", "alike", "NotImplemented", "alike", "Fail"], seen
PYTHON
