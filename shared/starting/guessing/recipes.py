"""The candidates that a new problem begins with, by its kind of answer and its size."""

from dataclasses import dataclass, field

from shared.kinds import ESTIMATOR_TYPES
from shared.starting.guessing.guess import Guess

SMALL, LARGE = 2_000, 200_000


@dataclass(frozen=True)
class Recipe:
    """A candidate, and why it takes part."""

    name: str
    estimator: str
    preprocessing: str
    why: str
    params: dict[str, object] = field(default_factory=dict)


def recipes(found: Guess) -> list[Recipe]:
    """Return a linear model and boosted trees, and a forest where the table is not too large."""
    is_number, rows = ESTIMATOR_TYPES[found.target.kind] == "regressor", found.look.rows
    name, estimator = ("ridge", "Ridge") if is_number else ("logistic", "LogisticRegression")
    linear = Recipe(
        name, f"sklearn.linear_model.{estimator}", "linear", "simple, and hard to beat on few rows",
        {} if is_number else {"max_iter": 1_000},
    )  # fmt: skip
    ending = "Regressor" if is_number else "Classifier"
    trees = Recipe(
        "boosting", f"sklearn.ensemble.HistGradientBoosting{ending}", "tree",
        "of few rows, small trees" if rows < SMALL else "finds what is not linear",
        _boosting(rows),
    )  # fmt: skip
    forest = Recipe(
        "forest", f"sklearn.ensemble.RandomForest{ending}", "tree", "another way to grow trees",
        {"n_estimators": 100, "min_samples_leaf": max(2, rows // 1_000)},
    )  # fmt: skip
    return [linear, trees] if rows > LARGE else [linear, trees, forest]


def _boosting(rows: int) -> dict[str, object]:
    if rows < SMALL:
        # Early stopping holds rows out, of which a rare class may have none.
        return {"max_iter": 60, "max_leaf_nodes": 7, "early_stopping": False}
    return {"learning_rate": 0.05, "min_samples_leaf": max(20, min(200, rows // 500))}
