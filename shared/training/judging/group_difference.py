"""How far groups of rows are apart by a metric, and how sure that is: for a problem's checks."""

import importlib.util
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.errors import Refusal
from shared.words import number_of

# Fewer rows hardly tell anything of a group, nor of how sure that is.
LEAST_ROWS = 50
RESAMPLES = 100
MOST_RESAMPLED = 20_000
CERTAINTY = 0.95
# Of a normal error these quantiles are one standard deviation from the middle.
ONE_DEVIATION = (float(norm.cdf(-1)), float(norm.cdf(1)))

Metric = Callable[[Any, Any], float]


@dataclass(frozen=True)
class GroupDifference:
    """The largest difference of a metric between two groups, with an interval of 95%.

    `low` is what the data prove for some pair of all, and `high` what they leave possible.
    """

    metric: str
    value: float
    low: float
    high: float
    groups: Mapping[str, float]
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        most, least = (pick(self.groups, key=self.groups.__getitem__) for pick in (max, min))
        few = f"; fewer than {LEAST_ROWS} rows: {', '.join(self.left_out)}" if self.left_out else ""
        return (
            f"{self.metric} differs by {self.value:.3f} (95%: {self.low:.3f} to {self.high:.3f}): "
            f"{most} {self.groups[most]:.3f}, {least} {self.groups[least]:.3f}{few}"
        )


def group_difference(metric: Metric, target: Any, answers: Any, groups: Any) -> GroupDifference:
    """Return the largest difference of a metric between any two groups of rows.

    `target`, `answers` and `groups` have shape (rows,); the metric takes the first two, as those of
    fairlearn (the extra `fairness`) and scikit-learn do. Each group's standard error comes from
    fairlearn's resamples, and the interval holds for all pairs of groups at once. The quantiles of
    a largest difference's own resamples would not: of groups that are alike, these leave out 0.

    Raises `Refusal` without fairlearn, and where there are no two groups of 50 rows.
    """
    if importlib.util.find_spec("fairlearn") is None:
        raise Refusal("group_difference needs fairlearn, which is not installed: pip install it")
    names = pd.Series(np.asarray(groups, object)).map(lambda v: "missing" if pd.isna(v) else str(v))
    rows = pd.DataFrame({"target": np.asarray(target), "answer": np.asarray(answers)})
    sizes = names.value_counts().sort_index()
    kept = sizes.index[sizes >= LEAST_ROWS]
    if len(kept) < 2:
        raise Refusal(
            f"group_difference: {number_of(len(kept), 'group')} of {len(sizes):,} with at least "
            f"{LEAST_ROWS} rows, and it compares two or more: {', '.join(sizes.index[:5])}"
        )
    large = names.isin(kept)
    values, errors = _measured(metric, rows[large], names[large])
    return _largest(
        getattr(metric, "__name__", "the metric").replace("_", " "),
        dict(zip(values.index, values, strict=True)),
        dict(zip(values.index, errors, strict=True)),
        tuple(sizes.index[sizes < LEAST_ROWS]),
    )


def _measured(metric: Metric, rows: pd.DataFrame, names: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return each group's value of the metric, and its standard error; shape (groups,)."""
    from fairlearn.metrics import MetricFrame

    def frame(rows: pd.DataFrame, names: pd.Series, **given: Any) -> Any:
        asked = {"y_true": rows["target"], "y_pred": rows["answer"], "sensitive_features": names}
        return MetricFrame(metrics=metric, **asked, **given)

    some = rows.sample(min(len(rows), MOST_RESAMPLED), random_state=0)
    resampling = {"n_boot": RESAMPLES, "ci_quantiles": [*ONE_DEVIATION], "random_state": 0}
    resampled = frame(some, names[some.index], **resampling)
    values = frame(rows, names).by_group
    low, high = (found.reindex(values.index) for found in resampled.by_group_ci)
    counts = names[some.index].value_counts().reindex(values.index)
    # Of one row: a group that is all alike so far has no error by itself, and yet is uncertain.
    of_a_row = ((high - low) / 2 * np.sqrt(counts)).to_numpy("float64")
    of_a_row = np.fmax(of_a_row, np.nanmedian(of_a_row))
    return values, of_a_row / np.sqrt(names.value_counts().reindex(values.index).to_numpy())


def _largest(
    metric: str, values: dict[str, float], errors: dict[str, float], left_out: tuple[str, ...]
) -> GroupDifference:
    pairs = [*itertools.combinations(values, 2)]
    deviations = float(norm.isf((1 - CERTAINTY) / 2 / len(pairs)))
    apart = {(one, two): abs(values[one] - values[two]) for one, two in pairs}
    within = {(a, b): deviations * float(np.hypot(errors[a], errors[b])) for a, b in pairs}
    return GroupDifference(
        metric,
        value=max(apart.values()),
        low=max(0.0, *(apart[pair] - within[pair] for pair in pairs)),
        high=max(apart[pair] + within[pair] for pair in pairs),
        groups=values,
        left_out=left_out,
    )
