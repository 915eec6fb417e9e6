"""A target policy: a model's chances of what a log of slates shows, and its scores there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.predictor import load_scoring
from shared.policies.candidate_sets import read_candidates
from shared.policies.exploration import expected_scores, propensities
from shared.policies.policy_log import PolicyLog
from shared.schema.columns import Columns
from shared.schema.contract import Contract
from shared.sections.answers import Explore, Slates
from shared.words import number_of

# So many are scored at once, of all candidates of several slates.
ROWS_AT_ONCE = 100_000
# Callers often give the same candidates again.
SETS_KEPT = 64


@dataclass(frozen=True)
class CandidateSet:
    """What a slate could have shown: features of the candidates, and the place of each item."""

    features: Columns
    places: dict[Any, int]


@dataclass(frozen=True)
class TargetPolicy:
    """What would choose slates of its `items`, by the `scores` of rows: float64, (rows,)."""

    contract: Contract
    ranking: Slates
    items: pd.DataFrame
    explore: Explore
    scores: Callable[[Columns], np.ndarray]

    def chooses(self, rows: pd.DataFrame) -> np.ndarray:
        """Return which rows are of slates whose candidates it knows; shape (rows,).

        Rows stand slate by slate. It knows all its items, those of them that a caller named, and
        any that a caller described with all features that its items have.
        """
        starts = _starts(rows["slate"])
        shown = np.split(rows[self.ranking.item].to_numpy(object), starts[1:])
        counts = rows["candidates"].to_numpy("float64")[starts]
        texts = candidate_texts(rows.iloc[starts])
        known = [
            (found := self._candidates(text)) is not None
            and len(found.places) == count
            and found.places.keys() >= set(items)
            for text, count, items in zip(texts, counts, shown, strict=False)
        ]
        return np.repeat(np.array(known, bool), np.diff(starts, append=len(rows)))

    def log(self, logged: pd.DataFrame) -> tuple[PolicyLog, int]:
        """Return the log of slates with this policy's chances, and how many slates are left out.

        `logged` has the log's rows, one for each shown position. All candidates are scored for each
        slate, as what is logged says who asked, and for which of them; slates of candidates that
        the bundle does not know are left out. The scores are the reward model as well, where the
        mean over the policy is known. Raises `Refusal` where no slate is left.
        """
        rows = shown_slates(logged)
        kept = self.chooses(rows)
        left_out = rows["slate"][~kept].nunique()
        rows = rows[kept]
        if rows.empty:
            others = f", only {number_of(left_out, 'slate')} of other candidates" * bool(left_out)
            known = f"of the bundle's {number_of(len(self.items), 'item')}"
            if self.items.empty:
                known = "whose candidates are known (the bundle has no items: see [ranking] items)"
            raise Refusal(f"the log has no slate {known}{others}")
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

    def _chances(
        self, rows: pd.DataFrame, slate: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return the chance, the score and the policy's mean score of each row; (rows,)."""
        starts = _starts(slate)
        shown = np.split(rows[self.ranking.item].to_numpy(object), starts[1:])
        chances, scored, means = [], [], []
        for (candidates, scores), items in zip(self._scores(rows.iloc[starts]), shown, strict=True):
            at = np.array([candidates.places[item] for item in items])
            chances.append(propensities(scores, at, self.explore))
            scored.append(scores[at])
            means.append(expected_scores(scores, at, self.explore))
        expected = [mean for mean in means if mean is not None]
        return (
            np.concatenate(chances),
            np.concatenate(scored),
            np.concatenate(expected) if expected else None,
        )

    def _scores(self, asked: pd.DataFrame) -> Iterator[tuple[CandidateSet, np.ndarray]]:
        """Yield the candidates of each row that says who asked, and their scores."""
        total = np.cumsum(asked["candidates"].to_numpy("int64"))
        ends = np.flatnonzero(np.diff(total // ROWS_AT_ONCE)) + 1
        for start, end in zip([0, *ends], [*ends, len(asked)], strict=True):
            part = asked.iloc[start:end]
            found = [self._candidates(text) for text in candidate_texts(part)]
            sets = [candidates for candidates in found if candidates]
            scores = self.scores(self._asked(part, sets))
            sizes = np.cumsum([len(candidates.places) for candidates in sets])
            yield from zip(sets, np.split(scores, sizes[:-1]), strict=True)

    def _asked(self, part: pd.DataFrame, sets: list[CandidateSet]) -> Columns:
        """Return the features of the candidates of several slates, one after the other."""
        nothing = pd.Series(None, part.index, dtype=object)
        return {
            name: [
                value
                for candidates, own in zip(sets, _values(part.get(name, nothing)), strict=True)
                for value in candidates.features.get(name) or [own] * len(candidates.places)
            ]
            for name in self.contract.features
        }

    def _candidates(self, text: str | None) -> CandidateSet | None:
        """Return the candidates that a log's text says; None where it does not know them."""
        return self._all if text is None else self._given(text)

    @cached_property
    def _all(self) -> CandidateSet:
        features = {
            name: _values(self.items[name]) for name in self.contract.features if name in self.items
        }
        return CandidateSet(features, _places(features[self.ranking.item]))

    @cached_property
    def _given(self) -> Callable[[str], CandidateSet | None]:
        return lru_cache(SETS_KEPT)(self._read_given)

    def _read_given(self, text: str) -> CandidateSet | None:
        known, given = self._all, read_candidates(text, self.contract)
        if isinstance(given, dict):
            is_whole = given.keys() >= known.features.keys()
            return CandidateSet(given, _places(given[self.ranking.item])) if is_whole else None
        if not known.places.keys() >= set(given):
            return None
        at = [known.places[item] for item in given]
        features = {name: [values[one] for one in at] for name, values in known.features.items()}
        return CandidateSet(features, _places(given))


def bundle_policy(bundle: Bundle) -> TargetPolicy:
    """Return a bundle as a target policy; one without items knows those that callers describe.

    Raises `Refusal` where it ranks nothing.
    """
    ranking, items = bundle.contract.ranking, bundle.items()
    if ranking is None:
        raise Refusal(f"bundle {bundle.digest[:12]} ranks nothing: it has no policy of slates")
    if items is None:
        items = pd.DataFrame({ranking.item: pd.Series(dtype=object)})
    scores = load_scoring(bundle).scores
    return TargetPolicy(bundle.contract, ranking, items, bundle.settings.explore, scores)


def shown_slates(logged: pd.DataFrame) -> pd.DataFrame:
    """Return the log's rows that were shown in slates, each slate's from its first position.

    Of a slate that was asked for again under its name nobody knows which rows a click is of: it is
    left out, as one is that lacks a position.
    """
    rows = _in_slates(logged).sort_values(["slate", "position"], kind="stable")
    in_place = rows.groupby("slate").cumcount() + 1 == rows["position"]
    return rows[~rows["slate"].isin(rows["slate"][~in_place])]


def broken_slates(logged: pd.DataFrame) -> int:
    """Return how many slates of a log `shown_slates` leaves out."""
    return int(_in_slates(logged)["slate"].nunique() - shown_slates(logged)["slate"].nunique())


def _in_slates(logged: pd.DataFrame) -> pd.DataFrame:
    return logged[logged["slate"].notna() & (logged["role"] != "challenger")]


def candidate_texts(rows: pd.DataFrame) -> list[str | None]:
    """Return what a log's rows say of the candidates that a caller gave; None where all were."""
    if "candidate_set" not in rows:
        return [None] * len(rows)
    return [text if isinstance(text, str) else None for text in rows["candidate_set"]]


def _starts(slate: Any) -> np.ndarray:
    return np.flatnonzero(np.diff(pd.factorize(slate)[0], prepend=-1))


def _places(items: list[Any]) -> dict[Any, int]:
    return {item: at for at, item in enumerate(items)}


def _values(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]
