"""Support: whether a log says enough of a target policy to tell what it would be worth."""

from dataclasses import dataclass

import numpy as np

from shared.policies.clusters import Clusters

# An estimate rests on at least so many rows as if they were the target policy's own.
FEWEST_EFFECTIVE_ROWS = 100
# The log shows at least this much of what the target policy would show.
LEAST_MASS = 0.9
LARGEST_WEIGHTS = 5
BLOCK = 1024
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Support:
    """How the weights of a log's rows lie.

    `effective_rows` is Kish's effective sample size, the weights' sum squared over the sum of
    their squares. `mean_weight` is about 1 where the log shows all that the target policy would;
    `low` and `high` are its 95 % interval. `kept` is the part of the weights that clipping left,
    `largest` the largest weights, `largest_share` what part of all weight the first of them has.
    """

    rows: int
    effective_rows: float
    mean_weight: float
    low: float
    high: float
    kept: float
    largest: tuple[float, ...]
    largest_share: float

    @property
    def effective_share(self) -> float:
        return self.effective_rows / self.rows if self.rows else 0.0

    def unsupported(self, policy: str = "the target policy") -> str | None:
        """Return why the log cannot tell what a `policy` is worth, None where it can.

        The limits are declared above, before any log is seen.
        """
        if self.mean_weight == 0:
            return f"cannot tell: {policy} would have shown nothing of what the log shows"
        if self.effective_rows < FEWEST_EFFECTIVE_ROWS:
            return (
                f"cannot tell: {self.rows:,} rows count as {self.effective_rows:.1f} under "
                f"{policy}, and {FEWEST_EFFECTIVE_ROWS} are needed; one row has "
                f"{self.largest_share:.0%} of all weight"
            )
        if self.high < LEAST_MASS:
            return (
                f"cannot tell: the log shows {self.mean_weight:.0%} of what {policy} would show "
                f"(95 % interval {self.low:.0%} to {self.high:.0%}), and "
                f"{LEAST_MASS:.0%} are needed"
            )
        if self.low > 1 / LEAST_MASS:
            return (
                f"cannot tell: the weights' mean is {self.mean_weight:.2f} (95 % interval "
                f"{self.low:.2f} to {self.high:.2f}) and not 1: a propensity or a target is not "
                "the chance it is said to be"
            )
        if self.kept < LEAST_MASS:
            return (
                f"cannot tell: clipping leaves {self.kept:.0%} of all weight, and "
                f"{LEAST_MASS:.0%} are needed: clip at more"
            )
        return None


def weight_support(weights: np.ndarray, clipped: np.ndarray, clusters: Clusters) -> Support:
    """Return how a target policy's weights lie, before and after clipping; both of shape (rows,).

    The mean's interval is by clusters, those before clipping; the effective sample size and the
    largest weights are those after it.
    """
    rows, sums = len(weights), clusters.sums(weights)
    total = float(sums.sum())
    used = total if clipped is weights else float(clipped.sum())
    if not total:
        return Support(rows, 0, 0, 0, 0, 0, (), 0)
    mean, error = ratio(sums, clusters.rows)
    largest = _largest(clipped)
    return Support(
        rows=rows,
        effective_rows=used**2 / float(clipped @ clipped),
        mean_weight=mean,
        low=mean - NORMAL_95 * error,
        high=mean + NORMAL_95 * error,
        kept=used / total,
        largest=tuple(largest.tolist()),
        largest_share=float(largest[0]) / used,
    )


def _largest(weights: np.ndarray) -> np.ndarray:
    """Return the largest weights, the first the largest."""
    count = min(LARGEST_WEIGHTS, len(weights))
    # The largest of each block are at most as many as the largest of all: most need no sorting.
    blocks = np.maximum.reduceat(weights, np.arange(0, len(weights), BLOCK))
    if len(blocks) > count:
        weights = weights[weights >= np.partition(blocks, -count)[-count]]
    return np.sort(np.partition(weights, -count)[-count:])[::-1]


def ratio(over: np.ndarray, under: np.ndarray) -> tuple[float, float]:
    """Return the ratio of two sums and its standard error by the delta method.

    Both are given as the sums of each cluster, of shape (clusters,); those of rows that are left
    out are 0.
    """
    value = float(over.sum() / under.sum())
    clusters = int(np.count_nonzero((over != 0) | (under != 0)))
    off = over - value * under
    spread = float(off @ off) * clusters / max(clusters - 1, 1)
    return value, float(np.sqrt(spread) / under.sum())
