#!/usr/bin/env bash
# Evidently 0.7.23: of which rank are the values of NDCG and MRR that a report gives as data?
# Expected: each slate's first item is the one that was clicked, or its second; NDCG at rank 1 is then 0.5, and ranks
# begin with 1. Seen: precision, recall, MAP and hit rate begin with rank 1, NDCG and MRR with rank 2, where the value
# of rank 1 stands: their series begin with 1 already, and 1 is added to all.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check evidently==0.7.23 pandas==2.3.3 numpy==2.4.6
venv/bin/python -W ignore - <<'PYTHON'
import pandas
from evidently import DataDefinition, Dataset, Recsys, Report
from evidently.metrics import NDCG, HitRate

rows = pandas.DataFrame(
    {
        "user_id": ["a"] * 12 + ["b"] * 12,
        "item_id": [*range(12)] * 2,
        "prediction": [*range(12, 0, -1)] * 2,
        "target": [1, *[0] * 11, 0, 1, *[0] * 10],
    }
)
definition = DataDefinition(
    ranking=[Recsys()], categorical_columns=["user_id", "item_id"],
    numerical_columns=["prediction", "target"],
)
report = Report([HitRate(k=2), NDCG(k=2)]).run(Dataset.from_pandas(rows, definition), None)
hits, gains = (one["value"] for one in report.dict()["metrics"])
print(f"hit rate of rank {hits['rank'][0]}: {hits['value'][0]:.3f}")
print(f"NDCG of rank {gains['rank'][0]}: {gains['value'][0]:.3f}")
raise SystemExit(not (hits["rank"][0] == 1 and gains["rank"][0] == 2 and gains["value"][0] == 0.5))
PYTHON
