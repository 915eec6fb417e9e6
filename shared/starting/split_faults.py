"""What is wrong with a split by time: parts without both outcomes, columns that begin too late."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from shared.schema.reading import plain_column
from shared.starting import moments
from shared.starting.moments import Borders, TimeColumn
from shared.starting.targets import Target


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


def columns_without_values(
    sample: pa.Table, features: Iterable[str], time: TimeColumn, borders: Borders
) -> list[str]:
    """Name the features that have no value in the sample's rows to learn from."""
    sampled = moments.read_times(time.name, plain_column(sample[time.name]))
    assert sampled
    train = sample.filter(pa.array(sampled.seconds < borders.validation.timestamp()))
    return [
        f"{name} has no value before {borders.validation:%Y-%m-%d}, where the rows to learn from "
        "end: nothing is learnt of it"
        for name in features
        if train[name].null_count == train.num_rows
    ]
