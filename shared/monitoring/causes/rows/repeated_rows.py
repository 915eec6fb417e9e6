"""What rows that come again explain: columns that are as usual without them.

One row that was sent 300 times makes one value of each of its columns far more frequent: none of
them is stuck.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from shared.baseline.statistics import Statistic
from shared.monitoring.case import Case
from shared.monitoring.causes import culprits
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.monitoring.input_checks.repeats import Repeat
from shared.profiles.counter import Counter
from shared.profiles.counts import Counts
from shared.schema import arrow

# Without the rows that repeat a column is so much nearer to its threshold, or they are no reason.
NEARER = 0.5
# Where more rows have the time of another one, those with one time may be different ones.
SAME_TIME = 0.1


@dataclass(frozen=True)
class Weighed:
    """The columns to blame that repeated rows do not explain, and the inputs that these do.

    Where they explain none, `rows` are all that there are; else, without those that repeat.
    """

    blamed: list[str]
    explained: tuple[str, ...]
    rows: pd.DataFrame


def weigh(case: Case, repeat: Repeat | None, detector: DriftDetector, blamed: list[str]) -> Weighed:
    """Compare the window's sample once more without the rows that repeat, and with them."""
    rows = case.profile.sample
    once = only_once(rows, case, repeat) if repeat and blamed else rows
    if len(once) == len(rows):
        return Weighed(blamed, (), rows)
    before = detector.measure(counted(rows, detector), case.hours)
    counts = counted(once, detector)
    after, watched = detector.measure(counts, case.hours), case.baseline.plan.watched
    odd = sorted((d for d in before.values() if d.beyond), key=lambda d: -d.excess)
    normal = [d.statistic.column for d in odd if is_explained(d, after)]
    if not {*normal} & {*blamed}:
        return Weighed(blamed, (), rows)
    columns = {deviation.statistic.column for deviation in odd}
    left = [name for name in culprits.find(detector, counts, case.hours) if name in columns]
    named = [name for name in dict.fromkeys(normal) if name not in (*left, *watched)]
    return Weighed(left, tuple(named), once)


def is_explained(deviation: Deviation, after: Mapping[Statistic, Deviation]) -> bool:
    """Say whether what was beyond its threshold is far from it `after` some rows are left out."""
    left = after.get(deviation.statistic)
    return left is None or left.excess <= min(1.0, NEARER * deviation.excess)


def only_once(rows: pd.DataFrame, case: Case, repeat: Repeat) -> pd.DataFrame:
    """Return rows without those that repeat another one's key, or all of another but its key.

    Rows may be alike since a column is missing or stuck, which then explains them: only those with
    the same time are known to be the same, where times tell rows apart.
    """
    contract = case.bundle.contract
    key, time = contract.key, contract.time
    if repeat.of == "key" and key in rows:
        return rows[~rows[key].duplicated() | rows[key].isna()].reset_index(drop=True)
    if repeat.of != "row" or time not in rows:
        return rows
    named = [name for name in (time, *contract.features) if name in rows]
    once = rows[~rows.duplicated(named)].reset_index(drop=True)
    return once if once[time].duplicated().mean() <= SAME_TIME else rows


def counted(rows: pd.DataFrame, detector: DriftDetector) -> Counts:
    """Count rows, with what a detector needs of them."""
    profile = Counter(detector.baseline.plan).count(arrow.table(rows))
    return detector.with_dependences(profile.counts, rows)
