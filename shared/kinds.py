"""The kinds of answer in words: what their targets are, and which metrics each has.

Settings and contracts are read by these tables; what a kind does is in the module of its name.
"""

import math
from typing import Literal, NamedTuple

from shared.words import LARGEST_IN_FULL

Kind = Literal["binary", "regression", "multiclass", "ranking"]
Metric = str
TARGET_TYPES: dict[Kind, Literal["boolean", "number", "category"]] = {
    "binary": "boolean",
    "regression": "number",
    "multiclass": "category",
    "ranking": "boolean",
}
ESTIMATOR_TYPES: dict[Kind, Literal["classifier", "regressor"]] = {
    "binary": "classifier",
    "regression": "regressor",
    "multiclass": "classifier",
    "ranking": "classifier",
}


class _Described(NamedTuple):
    words: str
    higher_is_better: bool
    least: float = 0.0
    most: float = 1.0
    chance: float | None = None


_DESCRIBED: dict[Metric, _Described] = {
    "roc_auc": _Described("ROC AUC", True, chance=0.5),
    "average_precision": _Described("average precision", True),
    "log_loss": _Described("log loss", False, most=math.inf),
    "brier": _Described("Brier score", False, most=2.0),
    "calibration_error": _Described("calibration error", False),
    "mae": _Described("MAE", False, most=math.inf),
    "rmse": _Described("RMSE", False, most=math.inf),
    "median_absolute_error": _Described("median absolute error", False, most=math.inf),
    "r2": _Described("R²", True, least=-math.inf),
    "correlation": _Described("correlation", True, least=-1.0, chance=0.0),
    "mean_error": _Described("absolute mean error", False, most=math.inf),
    "mape": _Described("MAPE", False, most=math.inf),
    "pinball_loss": _Described("pinball loss", False, most=math.inf),
    "coverage": _Described("interval coverage", True),
    "accuracy": _Described("accuracy", True),
    "balanced_accuracy": _Described("balanced accuracy", True),
    "macro_f1": _Described("macro F1", True),
    "weighted_f1": _Described("weighted F1", True),
    "macro_roc_auc": _Described("macro ROC AUC", True, chance=0.5),
    "weighted_roc_auc": _Described("weighted ROC AUC", True, chance=0.5),
    "top_2_accuracy": _Described("top-2 accuracy", True),
    "ndcg": _Described("NDCG", True),
    "map": _Described("MAP", True),
    "mrr": _Described("MRR", True),
    "hit_rate": _Described("hit rate", True),
    "recall": _Described("recall", True),
    "item_coverage": _Described("item coverage", True),
    "exposure_gini": _Described("Gini of exposure", False),
    "novelty": _Described("novelty", True, most=math.inf),
}
_OF_CHANCES = ("roc_auc", "average_precision", "log_loss", "brier", "calibration_error")
METRICS: dict[Kind, tuple[Metric, ...]] = {
    "binary": _OF_CHANCES,
    "regression": (
        *("mae", "rmse", "median_absolute_error", "r2", "correlation", "mean_error", "mape"),
        *("pinball_loss", "coverage"),
    ),
    "multiclass": (
        *("log_loss", "accuracy", "balanced_accuracy", "macro_f1", "weighted_f1"),
        *("macro_roc_auc", "weighted_roc_auc", "brier", "top_2_accuracy", "calibration_error"),
    ),
    "ranking": (
        *_OF_CHANCES,
        *("ndcg", "map", "mrr", "hit_rate", "recall"),
        *("item_coverage", "exposure_gini", "novelty"),
    ),
}
# The columns of an answer, whose names a feature cannot have.
ANSWER_NAMES: dict[Kind, frozenset[str]] = {
    "binary": frozenset({"prediction", "probability"}),
    "regression": frozenset({"prediction"}),
    "multiclass": frozenset({"prediction", "probability"}),
    "ranking": frozenset(
        {"prediction", "probability", "slate", "position", "propensity", "policy", "candidates"}
        | {"candidate_set"}
    ),
}
# What answers have where the settings ask for intervals, and where they say what is acted on.
INTERVAL_NAMES = frozenset({"low", "high"})
ACTION_NAMES = frozenset({"action", "propensity"})
INTERVAL_METRICS: frozenset[Metric] = frozenset({"pinball_loss", "coverage"})
# Keys of the settings that are for some kinds of answers alone.
KINDS_OF_KEY: dict[str, tuple[Kind, ...]] = {
    "threshold": ("binary",),
    "positive": ("binary", "ranking"),
    "action": ("binary",),
    "interval": ("regression",),
    "costs": ("multiclass",),
    "ranking": ("ranking",),
    "explore": ("ranking",),
}
# Sections that answers of a kind cannot do without.
SECTION_OF_KIND: dict[Kind, str] = {"ranking": "ranking"}
# What models are chosen and compared by, where the settings do not say.
DEFAULT: dict[Kind, Metric] = {
    "binary": "log_loss",
    "regression": "mae",
    "multiclass": "log_loss",
    "ranking": "log_loss",
}


def metric_name(metric: Metric) -> str:
    """Return what people call a metric, as it stands within a sentence."""
    return _DESCRIBED[metric].words if metric in _DESCRIBED else metric.replace("_", " ")


def higher_is_better(metric: Metric) -> bool:
    """Tell whether more of a metric is better."""
    return _DESCRIBED[metric].higher_is_better


def metric_range(metric: Metric) -> tuple[float, float]:
    """Return the least and the most that a metric can be."""
    described = _DESCRIBED[metric]
    return described.least, described.most


def looks_inverted(metric: Metric, value: float, expected: float) -> bool:
    """Tell whether a value is so far below what chance makes that outcomes are turned round.

    Of most metrics chance makes no value that all models have in common.
    """
    chance = _chance(metric)
    return chance is not None and value < chance - (expected - chance) / 2


def looks_unrelated(metric: Metric, value: float, expected: float) -> bool:
    """Tell whether a value is so near to what chance makes that outcomes follow no answers."""
    chance = _chance(metric)
    return chance is not None and value < chance + (expected - chance) / 4


def turned_round(metric: Metric, value: float) -> float:
    """Return what a value would be with outcomes turned round, of a metric with a chance."""
    return 2 * (_chance(metric) or 0.0) - value


def _chance(metric: Metric) -> float | None:
    """Return the value that chance makes, where all models have it in common."""
    return _DESCRIBED[metric].chance if metric in _DESCRIBED else None


def metric_text(value: float, decimals: int = 3, sign: str = "") -> str:
    """Return a metric's value as people read it, with a sign of its own where `sign` is "+".

    Below ten it has so many decimals; larger numbers have one digit more in all, or at least those
    before the point.
    """
    size = abs(value)
    if not size >= 10:
        return f"{value:{sign}.{decimals}f}"
    if size >= LARGEST_IN_FULL:
        return f"{value:{sign}.{decimals + 1}g}"
    return f"{value:{sign},.{max(0, decimals - int(math.log10(size)))}f}"
