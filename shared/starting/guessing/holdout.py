"""How many of the newest rows a new problem holds out: as many as prove a model, and no more.

No model learns of them: what changes is learnt, by a model that is trained anew, once it is older
than the holdout is long.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from shared.kinds import TARGET_TYPES, Kind
from shared.schema.reading import plain_column
from shared.starting.looking.moments import DAY

MOST_SHARE = 0.2
# A month has all days of a week four times; so many windows show how scores vary between them.
FEWEST_DAYS, FEWEST_WINDOWS = 28, 8
FEWEST_ROWS = 2_000
# With fewer rows of its rarest value, a small gain is hardly told from chance.
FEWEST_OF_A_VALUE: Mapping[str, int] = {"boolean": 200, "category": 30}


def holdout_share(
    seconds: np.ndarray, outcomes: pa.ChunkedArray, kind: Kind, window_days: float
) -> float:
    """Return the share of the rows with an outcome to hold out: a fifth, or less where it will do.

    `seconds` are the rows' moments, shape (n,), and `outcomes` their targets.
    """
    age = seconds.max() - seconds
    days = max(FEWEST_DAYS, FEWEST_WINDOWS * window_days)
    enough = max(int((age < days * DAY).sum()), FEWEST_ROWS)
    if fewest := FEWEST_OF_A_VALUE.get(TARGET_TYPES[kind]):
        newest_first = plain_column(outcomes).take(pa.array(np.argsort(age, kind="stable")))
        codes = newest_first.combine_chunks().dictionary_encode().indices.to_numpy()
        for code in np.unique(codes):
            places = np.flatnonzero(codes == code)
            enough = max(enough, int(places[min(fewest, len(places)) - 1]) + 1)
    return min(MOST_SHARE, enough / len(seconds))
