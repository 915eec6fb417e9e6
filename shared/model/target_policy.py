"""A bundle as a target policy: its chances of what a log of slates shows, and its scores there."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.predictor import load_scoring
from shared.policies.exploration import expected_scores, propensities
from shared.policies.policy_log import PolicyLog
from shared.schema.columns import Columns
from shared.words import number_of

# So many are scored at once, of all candidates of several slates.
ROWS_AT_ONCE = 100_000


def bundle_policy_log(bundle: Bundle, logged: pd.DataFrame) -> tuple[PolicyLog, int]:
    """Return the log of slates with the chances of a bundle's policy, and slates left out.

    `logged` has the log's rows, one for each shown position. The bundle scores all of its items for
    each slate, as what is logged says who asked; slates of other candidates are left out, as nobody
    knows what else they could have shown. Its scores are the reward model as well, where the mean
    over its policy is known. Raises `Refusal` where no slate is left.
    """
    ranking, items = bundle.contract.ranking, bundle.items()
    if ranking is None:
        raise Refusal(f"bundle {bundle.digest[:12]} ranks nothing: it has no policy of slates")
    if items is None:
        raise Refusal(
            f"bundle {bundle.digest[:12]} has no items: what else a slate could have shown is not "
            "known (name them in [ranking] items)"
        )
    rows = logged[logged["slate"].notna() & (logged["role"] != "challenger")]
    rows = rows.sort_values(["slate", "position"], kind="stable")
    places = pd.Index(items[ranking.item]).get_indexer(rows[ranking.item])
    odd = (places < 0) | (rows["candidates"] != len(items)).to_numpy()
    left_out = rows["slate"][odd].unique()
    kept = ~rows["slate"].isin(left_out).to_numpy()
    rows, places = rows[kept], places[kept]
    if rows.empty:
        others = f", only {number_of(len(left_out), 'slate')} of other candidates" * bool(
            len(left_out)
        )
        raise Refusal(
            f"the log has no slate of the bundle's {number_of(len(items), 'item')}{others}"
        )
    user, slate = pd.factorize(rows[ranking.user])[0], pd.factorize(rows["slate"])[0]
    target, predicted, expected = _chances(bundle, items, rows, places, slate)
    log = PolicyLog(
        outcome=rows["outcome"].to_numpy("float64", na_value=np.nan),
        propensity=rows["propensity"].to_numpy("float64"),
        target=target,
        slate=slate,
        position=rows["position"].to_numpy("float64"),
        cluster=user - user.min(),
        predicted=None if expected is None else predicted,
        expected=expected,
    )
    return log, len(left_out)


def _chances(
    bundle: Bundle, items: pd.DataFrame, rows: pd.DataFrame, places: np.ndarray, slate: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the chance, the score and the policy's mean score of each row; (rows,)."""
    explore = bundle.settings.explore
    starts = np.flatnonzero(np.diff(slate, prepend=-1))
    shown = np.split(places, starts[1:])
    chances, scored, means = [], [], []
    for scores, at in zip(_scores(bundle, items, rows.iloc[starts]), shown, strict=True):
        chances.append(propensities(scores, at, explore))
        scored.append(scores[at])
        means.append(expected_scores(scores, at, explore))
    expected = [mean for mean in means if mean is not None]
    return (
        np.concatenate(chances),
        np.concatenate(scored),
        np.concatenate(expected) if expected else None,
    )


def _scores(bundle: Bundle, items: pd.DataFrame, asked: pd.DataFrame) -> Iterator[np.ndarray]:
    """Yield the scores of all items for each row that says who asked; of shape (items,)."""
    scoring, features = load_scoring(bundle), bundle.contract.features
    of_items = {name: _values(items[name]) for name in features if name in items}
    at_once = max(1, ROWS_AT_ONCE // len(items))
    for start in range(0, len(asked), at_once):
        part = asked.iloc[start : start + at_once]
        columns: Columns = {
            name: of_items[name] * len(part)
            if name in of_items
            else [value for value in _values(part[name]) for _ in range(len(items))]
            for name in features
        }
        yield from scoring.scores(columns).reshape(len(part), len(items))


def _values(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]
