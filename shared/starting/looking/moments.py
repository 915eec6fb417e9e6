"""A table's time: which column may be one, how it is written, and where a split by it falls."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.contract import ContractColumn
from shared.schema.reading import read_column
from shared.starting.looking.column_names import words

DAY = 86_400
DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d.%m.%y")
# With the month's name, in English: 12-Jun-2024, Jun 12, 2024.
NAMED_DATES = tuple(
    form.replace("%b", month)
    for form in ("%d-%b-%Y", "%d %b %Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y")
    for month in ("%b", "%B")
)
# A whole month: what is finer comes before it.
MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b-%Y", "%B-%Y", "%b %Y", "%B %Y", "%b-%y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
FORMATS = (None, *(f"{date}{clock}" for date in DATES for clock in CLOCKS))
NAMED_FORMATS = tuple(f"{date}{clock}" for date in NAMED_DATES for clock in CLOCKS)
# How all of each begin, the first with ISO 8601: what does not is tried as none of them.
BEGINNINGS = {
    r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}": FORMATS,
    r"^(\d{1,2}[- ])?[A-Z][a-z]{2,8}([- ]\d{1,2},?)?[- ]\d{2,4}( |$)": (*NAMED_FORMATS, *MONTHS),
    r"^\d{1,4}[-/]\d{1,4}$": MONTHS,
}
ROWS_TRIED = 200
LEAST_READABLE = 0.9
# Whole numbers that have passed since 1970: of 2001 to 2033.
EPOCHS = {"seconds": (1e9, 2e9), "milliseconds": (1e12, 2e12)}
TIME_WORDS = frozenset(
    (
        *("time", "date", "day", "timestamp", "datetime", "at", "on", "ts", "epoch", "created"),
        *("datum", "zeit", "when", "month", "week", "opened", "applied", "ordered", "submitted"),
        *("received", "requested", "started", "start", "begin", "angelegt", "erstellt"),
    )
)
# Of moments that come after what is asked about has begun.
LATER_WORDS = frozenset(
    (
        *(
            "closed",
            "resolved",
            "ended",
            "end",
            "finished",
            "finish",
            "completed",
            "due",
            "updated",
        ),
        *("modified", "changed", "deleted", "paid", "shipped", "delivered", "solved", "expires"),
        *("expiry", "geschlossen", "beendet", "erledigt", "fällig"),
    )
)
# What moments are rounded to, in seconds.
ROUNDED_TO = (DAY, 3_600, 60, 1)
FEWEST_DAYS = 10


@dataclass(frozen=True)
class TimeColumn:
    """A column of times, and how its texts are written, or what its numbers since 1970 are.

    `seconds` are since 1970, NaN where there is no time. `also` is another form that reads it.
    """

    name: str
    format: str | None
    seconds: np.ndarray
    also: str | None = None

    @property
    def is_month(self) -> bool:
        """Tell whether its texts name months, and no days of them."""
        return self.format in MONTHS

    @property
    def missing(self) -> float:
        """The share of rows without a time that can be read."""
        return float(np.isnan(self.seconds).mean())


@dataclass(frozen=True)
class Borders:
    """The first moments of a split's parts, and the shares of the rows that they give."""

    start: datetime
    validation: datetime
    holdout: datetime
    end: datetime
    shares: tuple[float, float, float]


def may_be_time(values: pa.ChunkedArray, name: str) -> bool:
    """Tell whether a column's first values are times."""
    some = values.drop_null().slice(0, ROWS_TRIED)
    return bool(len(some)) and read_times(name, some) is not None


def read_times(name: str, values: pa.ChunkedArray) -> TimeColumn | None:
    """Read a column as times; None where most of its values are none."""
    kind = values.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return TimeColumn(name, None, _seconds(values, None))
    if pa.types.is_integer(kind) and words(name) & TIME_WORDS:
        ends = pc.min_max(values).as_py()
        for unit, (least, most) in EPOCHS.items():
            if ends["min"] is not None and least <= ends["min"] <= ends["max"] <= most:
                return TimeColumn(name, unit, _seconds(values, unit))
    if not pa.types.is_string(kind):
        return None
    some = values.drop_null().slice(0, ROWS_TRIED)
    forms = next((forms for begin, forms in BEGINNINGS.items() if _begin(some, begin)), ())
    # Whatever form is said, ISO 8601 is read as well: where it reads them, no other is tried.
    if None in forms and _readable(some, None) > LEAST_READABLE:
        forms = (None,)
    likely = [form for form in forms if _readable(some, form) > LEAST_READABLE]
    read = [TimeColumn(name, form, _seconds(values, form)) for form in likely]
    return _most_readable(read)


def days_between(seconds: np.ndarray) -> float:
    """Return how many days are between a moment and the next later one, mostly."""
    days = np.diff(np.unique(seconds[~np.isnan(seconds)])) / DAY
    return float(np.median(days)) if len(days) else 0.0


def split_borders(seconds: np.ndarray, end: float, held_out: float = 0.2) -> Borders | None:
    """Return borders that give train about 60% of the rows, and the holdout the share `held_out`.

    `seconds` are of the rows with an outcome, and `end` is the last moment of all. None where there
    are fewer than three moments.
    """
    for size in ROUNDED_TO:
        places, counts = np.unique(np.floor(seconds / size), return_counts=True)
        if len(places) >= (FEWEST_DAYS if size == DAY else 3):
            break
    else:
        return None
    before = np.concatenate(([0], np.cumsum(counts))) / counts.sum()
    first = 1 + int(np.abs(before[1:-2] - 0.6).argmin())
    second = first + 1 + int(np.abs(before[first + 1 : -1] - (1 - held_out)).argmin())
    at = (places[0], places[first], places[second], np.floor(end / size) + 1)
    shares = (before[first], before[second] - before[first], 1 - before[second])
    start, validation, holdout, last = (datetime.fromtimestamp(each * size, UTC) for each in at)
    return Borders(start, validation, holdout, last, shares)


def _most_readable(read: list[TimeColumn]) -> TimeColumn | None:
    """Return the form that reads the most; of those alike, the one whose rows are most in order."""
    if not read:
        return None
    fewest = min(column.missing for column in read)
    best = [column for column in read if column.missing == fewest]
    best.sort(key=lambda column: -_in_order(column.seconds))
    first = best[0]
    # May has one name in both forms of a month.
    others = (c for c in best[1:] if not np.array_equal(c.seconds, first.seconds, equal_nan=True))
    also = next((column.format for column in others), None)
    return TimeColumn(first.name, first.format, first.seconds, also)


def _begin(texts: pa.ChunkedArray, pattern: str) -> bool:
    share = pc.mean(pc.match_substring_regex(texts, pattern)).as_py()
    return share is not None and share > LEAST_READABLE


def _in_order(seconds: np.ndarray) -> float:
    steps = np.diff(seconds[~np.isnan(seconds)])
    return float((steps >= 0).mean()) if len(steps) else 0.0


def _readable(values: pa.ChunkedArray, form: str | None) -> float:
    return float(1 - np.isnan(_seconds(values, form)).mean())


def _seconds(values: pa.ChunkedArray, form: str | None) -> np.ndarray:
    read = read_column(values, ContractColumn(name="time", type="time", format=form)).values
    micros = read.cast(pa.int64()).cast(pa.float64(), safe=False).to_numpy()
    return np.asarray(micros / 1e6)
