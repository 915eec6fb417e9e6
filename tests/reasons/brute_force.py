"""Shapley values by their definition: every order of features, the model asked at each step."""

from collections.abc import Callable
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from shared.reasons import exact_rows

Scored = Callable[[pd.DataFrame], np.ndarray]


def contributions(
    row: pd.DataFrame, held_out: pd.DataFrame, scored: Scored, place: int
) -> tuple[float, np.ndarray]:
    """Return the mean score of the rows that a row is set beside, and what each feature adds."""
    others, names = exact_rows.others(held_out), list(row)
    known: dict[frozenset[str], np.ndarray] = {}

    def worth(own: frozenset[str]) -> np.ndarray:
        if own not in known:
            own_values = {name: row[name].repeat(len(others)).to_numpy() for name in own}
            mixed = others.assign(**own_values)
            known[own] = scored(mixed)[:, place]
        return known[own]

    total = np.zeros(len(names))
    orders = list(permutations(range(len(names))))
    for order in orders:
        own: frozenset[str] = frozenset()
        for at in order:
            more = own | {names[at]}
            total[at] += float((worth(more) - worth(own)).mean())
            own = more
    return float(worth(frozenset()).mean()), total / len(orders)


def bundle_like(model: Any, task: Any, rows: pd.DataFrame) -> Any:
    """Return what an explanation needs of a bundle, of a model without one."""
    contract = SimpleNamespace(features=tuple(rows))
    return SimpleNamespace(model=model, task=task, contract=contract)


def scorer(bundle: Any) -> Scored:
    """Return what gives a bundle's rows their scores: shape (rows, scores)."""
    return lambda rows: bundle.task.scores(bundle.model, rows).reshape(len(rows), -1)


def people(count: int = 400, seed: int = 4) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows of numbers with gaps, of times, of texts and of truths; and a number of each."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "income": rng.lognormal(3, 1, count),
            "age": rng.integers(18, 80, count).astype("float64"),
            "region": rng.choice(["north", "south", "east"], count).astype(object),
            "employed": (rng.random(count) < 0.7).astype("float64"),
        }
    )
    rows.loc[rng.random(count) < 0.1, "income"] = np.nan
    rows.loc[rng.random(count) < 0.1, "region"] = np.nan
    together = rows["income"].fillna(5) * (rows["region"] == "south") + rows["age"]
    return rows, (together + 20 * rng.random(count)).to_numpy()
