"""How odd each row of a window's sample is in a column, by the check that found the column odd."""

import numpy as np
import pandas as pd

from shared.baseline.statistics import shares
from shared.monitoring.case import Case
from shared.profiles import dependence, duplicates, gram, unseen_names
from shared.profiles.counter import Counter, exact_buckets
from shared.profiles.counting_plan import CategoryPlan, NumberPlan
from shared.profiles.counts import LOST
from shared.profiles.dependence import Coder
from shared.profiles.gram import HOUR, HOURS
from shared.schema import arrow

# Added to counts, as of none there is no logarithm.
HALF_A_ROW = 0.5


class OddRows:
    """A sample's rows beside all that was counted of its window and of the history.

    Each check gives an array of shape (rows,): the larger the odder, and 0 for nothing odd.
    """

    def __init__(self, case: Case) -> None:
        self._plan, self._now = case.baseline.plan, case.profile.counts
        self._before, self._known = case.history, case.baseline.known_rows
        self._table = arrow.table(case.profile.sample)
        self._counter = Counter(self._plan)

    def by_check(self, check: str, column: str) -> np.ndarray:
        """Return how odd rows are by a check of a column; rows that did not come are not there."""
        name = HOUR if column == self._plan.time else column
        checks = {
            "missing": self._missing,
            "new": self._new,
            "range": self._beyond_range,
            "unseen": self._unseen,
            "spike": self._most_gained,
            "lead": self._most_gained,
            "values": self._gained_exactly,
            "distance": self._gained,
            "linear dependence": self._far_off,
            "dependence": self._unlikely,
            "clock": self._gained,
        }
        if check not in checks or column not in self._table.column_names:
            return np.zeros(self._table.num_rows)
        return np.nan_to_num(checks[check](name).astype("float64"))

    def by_all_features(self, check: str | None) -> np.ndarray:
        """Return the rows that repeat another of the sample, or one that is known of history."""
        if check not in ("features", "history") or self._known is None:
            return np.zeros(self._table.num_rows)
        hashes = duplicates.mixed_hashes(self._counter.count(self._table).timeless)
        if check == "history":
            return np.isin(hashes, np.array(self._known.hashes, "uint64")).astype("float64")
        return pd.Series(hashes).duplicated(keep=False).to_numpy("float64")

    def by_contract(self, column: str) -> np.ndarray:
        """Return the rows whose value the contract forbids: out of its range or list, or none."""
        if column not in self._table.column_names:
            return np.ones(self._table.num_rows)
        found, planned = self._is_missing(column), self._plan.by_name.get(column)
        if isinstance(planned, CategoryPlan) and planned.enforced:
            found = found | self._new(column)
        if isinstance(planned, NumberPlan):
            low, high = planned.minimum, planned.maximum
            ends = -np.inf if low is None else low, np.inf if high is None else high
            return found + self._outside(column, *ends)
        return found.astype("float64")

    def _is_missing(self, name: str) -> np.ndarray:
        return np.asarray(self._table[name].is_null(nan_is_null=True).to_numpy())

    def _missing(self, name: str) -> np.ndarray:
        """Return the rows without a value, or those with one where fewer are missing now."""
        at = LOST.index("missing")
        now, before = (
            counts[f"lost {name}"][at] / max(counts["rows"], 1)
            for counts in (self._now, self._before)
        )
        missing = self._is_missing(name)
        return missing if now >= before else ~missing

    def _new(self, name: str) -> np.ndarray:
        planned = self._plan[name]
        if isinstance(planned, NumberPlan):
            return self._outside(name, planned.edges[0], planned.edges[-1])
        return (self._before[f"bins {name}"] == 0)[self._bins(name)] & ~self._is_missing(name)

    def _beyond_range(self, name: str) -> np.ndarray:
        planned = self._plan[name]
        assert isinstance(planned, NumberPlan)
        return self._outside(name, *planned.span)

    def _outside(self, name: str, low: float, high: float) -> np.ndarray:
        """Return how far numbers are beyond two limits, and 1 more."""
        found = arrow.numbers(self._table[name])[0]
        beyond = np.fmax(low - found, found - high)
        return np.where(beyond > 0, 1 + beyond, 0)

    def _unseen(self, name: str) -> np.ndarray:
        planned, found = self._plan[name], arrow.numbers(self._table[name])[0].astype("float32")
        assert isinstance(planned, NumberPlan)
        values = np.array(planned.values, "float32")
        return (found > values[0]) & (found < values[-1]) & ~np.isin(found, values)

    def _most_gained(self, name: str) -> np.ndarray:
        """Return the rows with the one value that has gained the most."""
        planned = self._plan[name]
        number = isinstance(planned, NumberPlan)
        kind, at = ("exact", self._exact(name)) if number else ("bins", self._bins(name))
        now, before = (shares(counts[f"{kind} {name}"]) for counts in (self._now, self._before))
        gained = (now - before)[: len(now) if number else -1]
        if isinstance(planned, CategoryPlan):
            unseen = unseen_names.most_frequent(self._table[name], planned)
            if unseen.share > gained.max(initial=0):
                return arrow.texts(self._table[name]).to_pandas().eq(unseen.name).to_numpy("bool")
        return (at == gained.argmax()) & ~self._is_missing(name)

    def _gained_exactly(self, name: str) -> np.ndarray:
        gained = self._times_as_frequent("exact", name)[self._exact(name)]
        return np.where(self._is_missing(name), 0, gained)

    def _gained(self, name: str) -> np.ndarray:
        gained = self._times_as_frequent("bins", name)[self._bins(name)]
        return gained if name == HOUR else np.where(self._is_missing(name), 0, gained)

    def _times_as_frequent(self, kind: str, name: str) -> np.ndarray:
        """Return how many times as frequent each bin has become, as a logarithm, or 0 if less."""
        now, before = (
            (counts[f"{kind} {name}"] + HALF_A_ROW) / (counts[f"{kind} {name}"].sum() + 1)
            for counts in (self._now, self._before)
        )
        return np.asarray(np.maximum(np.log(now / before), 0))

    def _bins(self, name: str) -> np.ndarray:
        """Return each row's bin; one that is missing is in any."""
        if name == HOUR:
            moments = arrow.seconds(self._table[self._plan.time])
            return np.nan_to_num(moments // arrow.HOUR_SECONDS % HOURS).astype("int64")
        planned = self._plan[name]
        if isinstance(planned, CategoryPlan):
            return arrow.codes(self._table[name], planned.categories)[0]
        found = np.nan_to_num(arrow.numbers(self._table[name])[0])
        return self._counter.binners[name](found)

    def _exact(self, name: str) -> np.ndarray:
        return exact_buckets(np.nan_to_num(arrow.numbers(self._table[name])[0]))

    def _far_off(self, name: str) -> np.ndarray:
        """Return how many times as far as in history a row is from what the others predict."""
        groups = self._counter.relations.groups
        inverse = gram.precision(self._before["gram"])
        features = self._counter.count(self._table).features.matrix()
        return gram.residuals_in_groups(features, inverse, groups, 1)[:, list(groups).index(name)]

    def _unlikely(self, name: str) -> np.ndarray:
        """Return how much rarer than anywhere a row's value is where the others are as they are."""
        (dependent,) = (one for one in self._plan.dependences if one.column == name)
        counted = self._before[dependence.count_name(name)]
        gains = dependence.dependence_model(counted, dependent).gains.reshape(-1)
        cells = dependence.cells_of(dependent, Coder(self._plan)(self._table))
        return np.where(cells < 0, 0, np.maximum(-gains[cells], 0))
