#!/usr/bin/env bash
# shap 0.51.0: TreeExplainer(model, background, model_output="probability"), for boosted trees of
# scikit-learn, beside ExactExplainer on the same rows and background, asked for the probability.
# Expected: the same Shapley values, as tree explanations over a background are known as exact.
# Seen: both sum to the probability, but single contributions are apart by a good part
# of the largest: those of the log-odds are exact, and are then scaled to the probability's sum for
# each row of the background. Where the log-odds are asked for, both agree.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  shap==0.51.0 scikit-learn==1.8.0 pandas
cat > compare.py <<'PYTHON'
import sys

import numpy as np
import pandas as pd
import shap
from sklearn.ensemble import HistGradientBoostingClassifier

rng = np.random.default_rng(5)
rows = pd.DataFrame(rng.normal(size=(500, 6)), columns=[*"abcdef"])
signal = 4 * rows.a * rows.b + 2 * rows.c.abs()
model = HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(rows, signal > 1.5)
background, asked = rows.tail(100).to_numpy(), rows.head(20).to_numpy()


def named(x):
    return pd.DataFrame(x, columns=list(rows))


def exactly(answer):
    masker = shap.maskers.Independent(background, max_samples=100)
    return shap.ExactExplainer(lambda x: answer(named(x)), masker)(asked).values


def by_trees(output):
    explainer = shap.TreeExplainer(
        model, background, feature_perturbation="interventional", model_output=output
    )
    return explainer.shap_values(asked, check_additivity=False)


chance, odds = exactly(lambda x: model.predict_proba(x)[:, 1]), exactly(model.decision_function)
chance_by_trees, odds_by_trees = by_trees("probability"), by_trees("raw")
sums = abs(chance.sum(axis=1) - chance_by_trees.sum(axis=1)).max()
apart = abs(chance - chance_by_trees).max()
print(f"shap {shap.__version__}, 20 rows of 6 features, 100 rows of background")
print(f"log-odds: at most {abs(odds - odds_by_trees).max():.1e} apart")
print(f"probability: sums at most {sums:.1e} apart, contributions at most {apart:.3f}")
print(f"the largest contribution to a probability is {abs(chance).max():.3f}")
sys.exit(not (sums < 1e-5 and abs(odds - odds_by_trees).max() < 1e-4 and apart > 0.02))
PYTHON
venv/bin/python compare.py
