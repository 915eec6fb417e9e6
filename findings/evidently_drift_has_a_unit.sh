#!/usr/bin/env bash
# Evidently 0.7.23: does its drift preset's "Wasserstein distance (normed)" depend on the unit that a column is in?
# Expected: no, as the distance is divided by the reference's standard deviation: rows that lie three of these higher
# are 3.0 away in any unit. Seen: it is divided by that or by 0.001, whichever is more. In grams the shift is 3.0, in
# tonnes 0.003, far below the threshold of 0.1: a column of rates, concentrations or small shares cannot drift.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check evidently==0.7.23 pandas==2.3.3 numpy==2.4.6
venv/bin/python -W ignore - <<'PYTHON'
import numpy
import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

random = numpy.random.default_rng(1)
grams = {"reference": random.normal(50, 1, 5_000), "current": random.normal(53, 1, 5_000)}
names = ["grams", "tonnes"]
sides = {
    side: Dataset.from_pandas(
        pandas.DataFrame({"grams": found, "tonnes": found / 1e6}),
        DataDefinition(numerical_columns=names),
    )
    for side, found in grams.items()
}
metrics = Report([DataDriftPreset()]).run(sides["current"], sides["reference"]).dict()["metrics"]
drift = {
    name: metric["value"]
    for name in names
    for metric in metrics
    if metric["metric_name"].startswith(f"ValueDrift(column={name},")
}
for name, found in drift.items():
    print(f"{name}: {found:.3f}, {'drifted' if found > 0.1 else 'not drifted'}")
raise SystemExit(not (2.8 < drift["grams"] < 3.2 and drift["tonnes"] < 0.01))
PYTHON
