#!/usr/bin/env bash
# mlflow 3.17.2: what does a model get of two rows that have none of its columns, all of which are optional?
# Expected: two rows, as it gets where they have one of them, or an error, as where a column is required. Seen: a
# frame of no rows. The model answers nothing, and its server answers 200 with no predictions.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check mlflow-skinny==3.17.2 pandas==2.3.3
export MLFLOW_DISABLE_TELEMETRY=true MLFLOW_TRACKING_URI="file:$place/runs"
venv/bin/python - <<'PYTHON'
import logging
import warnings

warnings.simplefilter("ignore")
import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema

logging.getLogger("mlflow").setLevel(logging.ERROR)


class Rows(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [len(model_input)]


inputs = Schema([ColSpec("double", name, required=False) for name in ("age", "income")])
signature = ModelSignature(inputs, Schema([ColSpec("long")]))
mlflow.pyfunc.save_model("model", python_model=Rows(), signature=signature, pip_requirements=[])
model = mlflow.pyfunc.load_model("model")
some, none = (model.predict(pd.DataFrame({name: [1.0, 2.0]}))[0] for name in ("age", "size"))
print(f"mlflow {mlflow.__version__}: of two rows with one of its columns the model got {some}, with none {none}")
raise SystemExit(not (some == 2 and none == 0))
PYTHON
