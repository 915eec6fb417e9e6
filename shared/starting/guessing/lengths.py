"""How long a new problem's windows and its holdout are: as long as proves a model, and no longer.

No model learns of the rows held out: what changes is learnt, by a model that is trained anew, once
it is older than the holdout is long.
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
WINDOW_DAYS = (1, 7, 14, 30, 91, 182, 366)
WINDOW_ROWS = 400


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


def guess_window(rows: int, days: float, apart: float) -> tuple[float, int]:
    """Return how long a window is in days, and about how many rows it has.

    It is longer than moments are `apart`, as months are, so that none is without rows.
    """
    longer = [each for each in WINDOW_DAYS if each > apart]
    fitting = [each for each in longer if days / each >= FEWEST_WINDOWS]
    if not fitting and apart > 1:
        fitting = longer[:1]
    enough = [each for each in fitting if rows * each / days >= WINDOW_ROWS]
    # Four digits are enough of what is guessed.
    window = float(min(enough) if enough else max(fitting, default=days / FEWEST_WINDOWS))
    window = float(f"{window:.4g}")
    return window, max(1, int(rows * window / days))
