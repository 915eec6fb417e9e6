"""What is wrong with a split by time: parts without both outcomes, columns that do not last."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.kinds import Kind
from shared.schema.reading import plain_column
from shared.starting.guessing.targets import Target
from shared.starting.looking import moments
from shared.starting.looking.moments import Borders, TimeColumn
from shared.words import number_of

# Of the newest rows, so many with values that never came before are no chance.
NEARLY_ALL = 0.95
FEWEST_VALUES = 20
# In fewer rows a model that is right more often than the base rate is hardly told from chance; of
# several classes, one is a part of it alone.
FEWEST_OF_A_CLASS: dict[Kind, int] = {"binary": 30, "multiclass": 5}
HOLDOUT_SHARE = 0.2
RARE = 0.25


def parts_without_classes(
    time: TimeColumn, borders: Borders, typed: pa.ChunkedArray, target: Target
) -> list[str]:
    """Name the parts of the split that hold fewer than two values of the target."""
    values = plain_column(typed)
    ends = [getattr(borders, part).timestamp() for part in ("validation", "holdout")]
    places = np.digitize(time.seconds, ends)
    is_known = np.asarray(values.is_valid()) & ~np.isnan(time.seconds)
    return [
        f"{part} has fewer than two values of {target.name}: move the dates in [split]"
        for place, part in enumerate(("train", "validation", "holdout"))
        if len(values.filter(pa.array(is_known & (places == place))).unique()) < 2
    ]


def rare_in_holdout(
    time: TimeColumn | None, borders: Borders | None, typed: pa.ChunkedArray, target: Target
) -> list[str]:
    """Name the value of a target that the holdout has in too few rows for a verdict on it.

    Without a time, a fifth of all rows are expected there.
    """
    fewest = FEWEST_OF_A_CLASS.get(target.kind)
    if not fewest:
        return []
    values, share, about = plain_column(typed), HOLDOUT_SHARE, "about "
    if time and borders:
        later = np.nan_to_num(time.seconds, nan=-np.inf) >= borders.holdout.timestamp()
        values, share, about = values.filter(pa.array(later)), 1.0, ""
    names, counts = values.drop_null().value_counts().flatten()
    if len(names) < 2:
        return []
    rarest = int(np.argmin(counts.to_numpy()))
    count = counts[rarest].as_py()
    rows = int(share * count)
    if count >= RARE * len(values) or not 0 < rows < fewest:
        return []
    return [
        f"{target.name} is {names[rarest]} in {about}{number_of(rows, 'row')} of the holdout: "
        "what a model is worth there is uncertain, and gates may not be passed for want of rows"
    ]


def columns_without_values(
    sample: pa.Table, features: Iterable[str], time: TimeColumn, borders: Borders
) -> list[str]:
    """Name the features that have no value in the sample's rows to learn from."""
    train = sample.filter(pa.array(_seconds(sample, time) < borders.validation.timestamp()))
    return [
        f"{name} has no value before {borders.validation:%Y-%m-%d}, where the rows to learn from "
        "end: nothing is learnt of it"
        for name in features
        if train[name].null_count == train.num_rows
    ]


def columns_that_never_come_again(
    sample: pa.Table, features: Iterable[str], time: TimeColumn, borders: Borders
) -> dict[str, str]:
    """Return why texts and numbers of the holdout are none of those in train, by their names.

    Such columns stand for the time: a month, a version, a counter.
    """
    seconds = _seconds(sample, time)
    oldest = pa.array(seconds < borders.validation.timestamp())
    newest = pa.array(seconds >= borders.holdout.timestamp())
    found = {}
    for name in features:
        values = plain_column(sample[name])
        later = values.filter(newest).drop_null()
        earlier = values.filter(oldest).drop_null()
        if min(len(later), len(earlier)) >= FEWEST_VALUES and _follows(earlier, later):
            found[name] = (
                f"its values from {borders.holdout:%Y-%m-%d} on never came before "
                f"{borders.validation:%Y-%m-%d}: it stands for the time, and what a model learns "
                "of it never comes again"
            )
    return found


def _follows(earlier: pa.ChunkedArray, later: pa.ChunkedArray) -> bool:
    if pa.types.is_string(later.type):
        known = pc.is_in(later, value_set=earlier.unique())
        return bool(1 - pc.mean(known).as_py() >= NEARLY_ALL)
    if not pa.types.is_integer(later.type):
        return False
    return bool(pc.min(later).as_py() > pc.max(earlier).as_py())


def _seconds(sample: pa.Table, time: TimeColumn) -> np.ndarray:
    sampled = moments.read_times(time.name, plain_column(sample[time.name]))
    assert sampled
    return sampled.seconds
