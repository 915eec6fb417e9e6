"""Reasons are those that shap gives where it is exact; in an environment of its own, as it brings
numba and LLVM, which nothing else here needs."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT

# In that environment: the largest difference from shap's for each model, and the largest amount.
COMPARE = """
import json
import lightgbm, numpy as np, pandas as pd, shap
from sklearn.compose import make_column_transformer
from sklearn.ensemble import *
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from shared.reasons import exact_rows
from shared.reasons.linked_parts import linked_parts
from shared.reasons.tree_contributions import tree_contributions
from shared.tasks.binary.binary_task import Binary
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.regression.regression_task import Regression
from tests.reasons.brute_force import bundle_like, scorer

rng = np.random.default_rng(5)
rows = pd.DataFrame(rng.normal(size=(500, 8)), columns=[*"abcdefgh"])
rows = rows.astype("float32").astype("float64")
number = (rows.a * rows.b + rows.c.abs() + rng.normal(size=500) / 4).to_numpy()
above, classes = (number > 0.5).astype(int), np.digitize(number, [0, 1])
fates = Multiclass(classes=("few", "more", "most"))
others = exact_rows.others(rows)

def whole(task, scored):
    explainer = shap.ExactExplainer(lambda x: scored(pd.DataFrame(x, columns=list(rows))),
                                    shap.maskers.Independent(others.to_numpy(), max_samples=100))
    return explainer(rows.head(5).to_numpy()).values

def trees(model):
    explainer = shap.TreeExplainer(model, others.to_numpy(), feature_perturbation="interventional")
    return explainer.shap_values(rows.head(5).to_numpy(), check_additivity=False)

found = {}
for name, model, target, task in (
    ("forest", RandomForestRegressor(30, min_samples_leaf=5), number, Regression()),
    ("extra trees", ExtraTreesRegressor(30, min_samples_leaf=5), number, Regression()),
    ("forest of classes", RandomForestClassifier(30, min_samples_leaf=5), classes, fates),
    ("boosting", HistGradientBoostingRegressor(max_iter=40), number, Regression()),
    ("boosted odds", HistGradientBoostingClassifier(max_iter=40), above, Binary()),
    ("boosted classes", HistGradientBoostingClassifier(max_iter=20), classes, fates),
    ("lightgbm", lightgbm.LGBMRegressor(n_estimators=40, verbose=-1), number, Regression()),
    ("lightgbm odds", lightgbm.LGBMClassifier(n_estimators=40, verbose=-1), above, Binary()),
    ("logistic", LogisticRegression(), above, Binary()),
    ("logistic classes", LogisticRegression(), classes, fates),
):
    encoder = make_column_transformer(("passthrough", list(rows)))
    pipeline = make_pipeline(encoder, model).fit(rows, target)
    bundle = bundle_like(pipeline, task, rows)
    scored = scorer(bundle)
    way = tree_contributions(bundle, rows, scored) or linked_parts(bundle, rows, scored)
    places = range(len(task.score_names))
    ours = np.array([[way(rows.iloc[[at]], p, 60).amounts for p in places] for at in range(5)])
    ours = np.moveaxis(ours, 1, 2)
    beside = {"exact": whole(task, scored).reshape(ours.shape)}
    if name in ("forest", "extra trees", "forest of classes", "boosting", "lightgbm"):
        beside["trees"] = np.asarray(trees(pipeline[-1])).reshape(ours.shape)
    for by, theirs in beside.items():
        found[f"{name}, {by}"] = [float(abs(ours - theirs).max()), float(abs(ours).max())]
print(json.dumps(found))
"""
MODELS = {
    "forest",
    "extra trees",
    "forest of classes",
    "boosting",
    "boosted odds",
    "boosted classes",
    "lightgbm",
    "lightgbm odds",
    "logistic",
    "logistic classes",
}


@pytest.fixture(scope="module")
def differences(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """Return the largest difference from shap's contributions by model, and the largest one."""
    place = tmp_path_factory.mktemp("tools") / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
    (site / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    packages = ["shap", "lightgbm"]
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    done = subprocess.run(
        [str(python), "-c", COMPARE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_contributions_are_those_of_shap(differences: dict[str, list[float]]) -> None:
    for name, (difference, largest) in differences.items():
        print(f"{name:28} {difference:.1e} of {largest:.3f}")
    assert {name.partition(",")[0] for name in differences} == MODELS
    assert all(largest > 0.01 for _, largest in differences.values())
    # shap's trees compute in single precision.
    for name, (difference, _) in differences.items():
        assert difference < (1e-6 if name.endswith("trees") else 1e-12), name
