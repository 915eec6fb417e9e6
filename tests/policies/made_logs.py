"""Logs of policies whose worth is known, as they were made."""

import numpy as np

from shared.policies.policy_log import PolicyLog


def made_log(
    random: np.random.Generator, rows: int, skew: float, rate: float
) -> tuple[PolicyLog, float, np.ndarray]:
    """Return a log of one position whose policy favours some of 40 items, and an even one's worth.

    The third is each row's item. Its reward model is right but for a factor.
    """
    chance = np.maximum(random.dirichlet(np.full(40, skew)), 1e-4)
    chance /= chance.sum()
    clicks = rate * np.exp(0.5 * random.normal(size=40) - 0.125)
    item, row = random.choice(40, rows, p=chance), np.arange(rows)
    log = PolicyLog(
        outcome=(random.random(rows) < clicks[item]).astype(float),
        propensity=chance[item],
        target=np.full(rows, 1 / 40),
        slate=row,
        position=np.ones(rows, int),
        cluster=row,
        predicted=clicks[item] * 0.8,
        expected=np.full(rows, clicks.mean() * 0.8),
    )
    return log, float(clicks.mean()), item
