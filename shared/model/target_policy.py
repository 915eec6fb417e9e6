"""A target policy: a model's chances of what a log of slates shows, and its scores there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.predictor import load_scoring
from shared.policies.exploration import expected_scores, propensities
from shared.policies.policy_log import PolicyLog
from shared.schema.columns import Columns
from shared.schema.contract import Contract
from shared.sections.answers import Explore, Slates
from shared.words import number_of

# So many are scored at once, of all candidates of several slates.
ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class TargetPolicy:
    """What would choose slates of its `items`, by the `scores` of rows: float64, (rows,)."""

    contract: Contract
    ranking: Slates
    items: pd.DataFrame
    explore: Explore
    scores: Callable[[Columns], np.ndarray]

    def chooses(self, rows: pd.DataFrame) -> np.ndarray:
        """Return which rows are of slates whose candidates were all of its items; (rows,)."""
        odd = (self._places(rows) < 0) | (rows["candidates"] != len(self.items)).to_numpy()
        return ~rows["slate"].isin(rows["slate"][odd]).to_numpy()

    def log(self, logged: pd.DataFrame) -> tuple[PolicyLog, int]:
        """Return the log of slates with this policy's chances, and how many slates are left out.

        `logged` has the log's rows, one for each shown position. All items are scored for each
        slate, as what is logged says who asked; slates of other candidates are left out, as nobody
        knows what else they could have shown. The scores are the reward model as well, where the
        mean over the policy is known. Raises `Refusal` where no slate is left.
        """
        rows = shown_slates(logged)
        kept = self.chooses(rows)
        left_out = rows["slate"][~kept].nunique()
        rows = rows[kept]
        if rows.empty:
            others = f", only {number_of(left_out, 'slate')} of other candidates" * bool(left_out)
            raise Refusal(
                f"the log has no slate of the bundle's {number_of(len(self.items), 'item')}{others}"
            )
        user, slate = pd.factorize(rows[self.ranking.user])[0], pd.factorize(rows["slate"])[0]
        target, predicted, expected = self._chances(rows, slate)
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
        return log, left_out

    def _places(self, rows: pd.DataFrame) -> np.ndarray:
        return pd.Index(self.items[self.ranking.item]).get_indexer(rows[self.ranking.item])

    def _chances(
        self, rows: pd.DataFrame, slate: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return the chance, the score and the policy's mean score of each row; (rows,)."""
        starts = np.flatnonzero(np.diff(slate, prepend=-1))
        shown = np.split(self._places(rows), starts[1:])
        chances, scored, means = [], [], []
        for scores, at in zip(self._scores(rows.iloc[starts]), shown, strict=True):
            chances.append(propensities(scores, at, self.explore))
            scored.append(scores[at])
            means.append(expected_scores(scores, at, self.explore))
        expected = [mean for mean in means if mean is not None]
        return (
            np.concatenate(chances),
            np.concatenate(scored),
            np.concatenate(expected) if expected else None,
        )

    def _scores(self, asked: pd.DataFrame) -> Iterator[np.ndarray]:
        """Yield the scores of all items for each row that says who asked; of shape (items,)."""
        features, count = self.contract.features, len(self.items)
        of_items = {name: _values(self.items[name]) for name in features if name in self.items}
        at_once = max(1, ROWS_AT_ONCE // count)
        for start in range(0, len(asked), at_once):
            part = asked.iloc[start : start + at_once]
            columns: Columns = {
                name: of_items[name] * len(part)
                if name in of_items
                else [value for value in _values(part[name]) for _ in range(count)]
                for name in features
            }
            yield from self.scores(columns).reshape(len(part), count)


def bundle_policy(bundle: Bundle) -> TargetPolicy:
    """Return a bundle as a target policy. Raises `Refusal` where it has no items to choose of."""
    ranking, items = bundle.contract.ranking, bundle.items()
    if ranking is None:
        raise Refusal(f"bundle {bundle.digest[:12]} ranks nothing: it has no policy of slates")
    if items is None:
        raise Refusal(
            f"bundle {bundle.digest[:12]} has no items: what else a slate could have shown is not "
            "known (name them in [ranking] items)"
        )
    scores = load_scoring(bundle).scores
    return TargetPolicy(bundle.contract, ranking, items, bundle.settings.explore, scores)


def shown_slates(logged: pd.DataFrame) -> pd.DataFrame:
    """Return the log's rows that were shown in slates, each slate's from its first position."""
    rows = logged[logged["slate"].notna() & (logged["role"] != "challenger")]
    return rows.sort_values(["slate", "position"], kind="stable")


def _values(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]
