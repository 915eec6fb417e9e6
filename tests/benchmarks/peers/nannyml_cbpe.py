"""Estimate ROC AUC of each week by NannyML's CBPE: reference and analysis files in, JSON out.

Both have `probability`, `prediction`, `outcome` and `at`; the reference's outcomes are known.
"""

import json
import sys

import nannyml
import pandas as pd

reference, analysis = (pd.read_parquet(path) for path in sys.argv[1:3])
estimator = nannyml.CBPE(
    problem_type="classification_binary",
    y_true="outcome",
    y_pred="prediction",
    y_pred_proba="probability",
    timestamp_column_name="at",
    metrics=["roc_auc"],
    chunk_period="W",
)
estimator.fit(reference)
found = estimator.estimate(analysis).filter(period="analysis").to_df(multilevel=False)
names = {
    "week": "chunk_start_date",
    "value": "roc_auc_value",
    "low": "roc_auc_lower_confidence_boundary",
    "high": "roc_auc_upper_confidence_boundary",
    "true": "roc_auc_realized",
}
rows = pd.DataFrame({name: found[column] for name, column in names.items()})
print(json.dumps(rows.assign(week=rows["week"].astype(str)).to_dict("records")))
