"""What a column of a new table would be, were it not for a few of its cells."""

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema import arrow
from shared.schema.booleans import FALSE_TEXTS, TRUE_TEXTS
from shared.schema.inference import MOST_CATEGORIES
from shared.schema.reading import plain_column
from shared.schema.times import YEARS
from shared.settings_text import settings_key
from shared.starting.looking import moments
from shared.starting.looking.column_names import is_id, words
from shared.starting.looking.csv_dialect import odd_texts
from shared.starting.looking.moments import TimeColumn
from shared.starting.looking.table_look import TableLook
from shared.words import number_of

# The share of the rows that may be mended by hand.
FEW = 0.01
FEWEST_ROWS = 50
# More than all other rows together.
MOST_OF_VARIANCE = 0.5
FAR_TIMES = 5
# What stands for no value in many a table: 99, -999, 9999 and the like.
NINES = (10.0 ** np.arange(1, 8)) - 1
FEWEST_NINES = 0.002
MOST_TEXTS = 1_000
# Names of codes, which are no sizes although they may be whole numbers.
CODE_WORDS = frozenset(("code", "plz", "postal", "postcode", "postleitzahl", "zip", "zipcode"))
FEWEST_CODES = 3
# Groups of texts that are named.
MOST_GROUPS = 3
# Names of columns that hold a part of a time each.
PARTS_OF_A_TIME = (
    ("year", "jahr"),
    ("month", "monat"),
    ("day", "tag"),
    ("hour", "stunde"),
    ("minute",),
)


def earlier_times(look: TableLook, chosen: TimeColumn, others: list[TimeColumn]) -> list[str]:
    """Return the times that come before the chosen one, and lack a few rows alone."""
    return [
        f"{other.name} comes before {chosen.name}, but has no time that can be read in "
        f"{_rows_without(look, other)}: mend them and begin anew, where a model is asked then"
        for other in others
        if 0 < other.missing <= FEW and np.nanmedian(chosen.seconds - other.seconds) > 0
    ]


def times_in_parts(look: TableLook) -> list[str]:
    """Return a warning where a table without a time has its year, and more of it, in columns."""
    parts = [
        name
        for names in PARTS_OF_A_TIME
        for name in look.sample.column_names
        if name.casefold() in names and pa.types.is_integer(plain_column(look.sample[name]).type)
    ]
    if not parts or parts[0].casefold() not in PARTS_OF_A_TIME[0]:
        return []
    years = pc.min_max(look.sample[parts[0]]).as_py()
    if years["min"] is None or not YEARS.start <= years["min"] < years["max"] < YEARS.stop:
        return []
    say, them = f"{parts[0]} may say", "it"
    if len(parts) > 1:
        say, them = f"{', '.join(parts[:-1])} and {parts[-1]} say", "them"
    return [
        f"{say} when a row is from, and no column is a time: make one of "
        f"{them} in source.py and give [split] its dates, so that a model is tried on later rows "
        "than it learnt from"
    ]


def almost_keys(look: TableLook) -> list[str]:
    """Return the columns that would be a key, had not a few of the rows looked at their values."""
    return [
        f"{name} would be the key, but {number_of(repeated, 'row')} looked at "
        f"{'repeats' if repeated == 1 else 'repeat'} a value, such as {value}: drop them and begin "
        "anew, where each row should have its own"
        for name in look.sample.column_names
        for repeated, value in [_repeated(name, plain_column(look.sample[name]))]
        if 0 < repeated <= FEW * look.sample.num_rows
    ]


def almost_numbers(look: TableLook, names: tuple[str, ...]) -> list[str]:
    """Return the columns that would be numbers, were it not for a few cells of other texts."""
    found = []
    for name in names:
        plain = plain_column(look.sample[name])
        odd = odd_texts(plain, look.csv)
        rows = pc.sum(pc.is_in(plain, pa.array(odd, pa.string()))).as_py() if odd else 0
        if 0 < rows <= FEW * look.sample.num_rows:
            found.append(
                f"{name} would be a number, but {number_of(rows, 'cell')} looked at "
                f"{'is' if rows == 1 else 'are'} none, such as {odd[0]!r}: mend them and begin "
                "anew, as they make a text of it"
            )
    return found


def alike_texts(look: TableLook, features: tuple[str, ...]) -> list[str]:
    """Return the features with texts that differ only in case, in blanks, or as yes and Y do."""
    found = []
    for name in features:
        plain = plain_column(look.sample[name])
        if pa.types.is_string(plain.type) and (same := _alike(plain)):
            listed = " and ".join(", ".join(map(repr, group)) for group in same[:MOST_GROUPS])
            more = f" and {len(same) - MOST_GROUPS} more such" if len(same) > MOST_GROUPS else ""
            found.append(
                f"{name} has {listed}{more}: each is a category of its own until they are one"
            )
    return found


def far_outliers(name: str, values: pa.ChunkedArray) -> list[str]:
    """Return a warning of a few numbers, or of one, from which a target has most of its variance.

    Few are far from all the others; one need not be.
    """
    found = arrow.numbers(values)[0]
    found = found[np.isfinite(found)]
    apart = np.abs(found - np.median(found)) if len(found) else found
    order = np.argsort(-apart)
    if len(found) < FEWEST_ROWS or not apart.any():
        return []
    far = apart[order[: max(1, int(FEW * len(found))) + 1]]
    # What no other number comes near to, where they are not all the same.
    gaps = np.divide(far[:-1], far[1:], out=np.ones(len(far) - 1), where=far[1:] > 0)
    few = int(gaps.argmax()) + 1 if gaps.max() >= FAR_TIMES else 1
    squares = apart[order] ** 2
    share = squares[:few].sum() / squares.sum()
    if share <= MOST_OF_VARIANCE:
        return []
    largest, rows = f"{found[order[0]]:,.15g}", number_of(len(found), "row")
    if few == 1:
        return [
            f"{name} is {largest} in one of {rows}, which makes {share:.1%} of its squared "
            "deviations: models may follow that row alone, so mend or drop it where it is a mistake"
        ]
    return [
        f"{name} is {largest}, or as far from the others, in {few:,} of {rows}, which make "
        f"{share:.1%} of its squared deviations: models may follow those rows alone, so mend or "
        "drop them where they are mistakes"
    ]


def numbers_for_nothing(look: TableLook, features: tuple[str, ...]) -> list[str]:
    """Return the features with a number such as -999 that is far from all their others."""
    found = []
    for name in features:
        plain = plain_column(look.sample[name])
        if pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type):
            found += _nines(name, arrow.numbers(plain)[0])
    return found


def codes_as_numbers(look: TableLook, features: tuple[str, ...]) -> list[str]:
    """Return the features with whole numbers that are named as codes."""
    return [
        f"{name} is read as a number, and its name says a code: where 12 is no less than 13, say "
        f'[contract] {settings_key(name)} = {{ type = "category" }}'
        for name in features
        if words(name) & CODE_WORDS
        and pa.types.is_integer((values := plain_column(look.sample[name])).type)
        and FEWEST_CODES <= len(values.drop_null().unique()) <= MOST_CATEGORIES
    ]


def _nines(name: str, values: np.ndarray) -> list[str]:
    known = values[np.isfinite(values)]
    for number in np.unique(known)[[0, -1]] if len(known) else ():
        others = known[known != number]
        if abs(number) not in NINES or len(np.unique(others)) < 2:
            continue
        least, most = others.min(), others.max()
        share = 1 - len(others) / len(known)
        # Further from the others than these are from each other.
        if min(abs(others - number)) > most - least and share >= FEWEST_NINES:
            return [
                f"{name} is {number:.15g} in {share:.1%} of the rows looked at, and otherwise "
                f"{least:,.6g} to {most:,.6g}: where that stands for no value, empty it in the "
                "table, and send null when the model is asked"
            ]
    return []


def _rows_without(look: TableLook, column: TimeColumn) -> str:
    unread = np.isnan(column.seconds)
    texts = plain_column(look.whole[column.name]).filter(pa.array(unread)).drop_null()
    such = f" (such as {texts[0].as_py()!r})" if len(texts) else ""
    return f"{number_of(int(unread.sum()), 'row')}{such}"


def _repeated(name: str, values: pa.ChunkedArray) -> tuple[int, object]:
    """Return how many values of what may be a key came before, and the first that did."""
    is_text = pa.types.is_string(values.type)
    if not (is_text or (pa.types.is_integer(values.type) and is_id(name))):
        return 0, None
    if values.null_count or len(values) < FEWEST_ROWS or moments.may_be_time(values, name):
        return 0, None
    # As of a key: texts with blanks or of numbers are something else.
    if is_text and pc.any(pc.match_substring_regex(values, r"\s|^\d+[.,]\d")).as_py():
        return 0, None
    counts = Counter(values.to_pylist())
    return len(values) - len(counts), counts.most_common(1)[0][0]


def _alike(values: pa.ChunkedArray) -> list[list[str]]:
    """Return the texts that are one but for case and blanks; none where there are many texts.

    Where all stand for true or false, and both are there, those are one that stand for the same.
    """
    texts = sorted(values.drop_null().unique().to_pylist())
    plain = {text: text.strip().casefold() for text in texts if len(texts) <= MOST_TEXTS}
    true = {each: each in TRUE_TEXTS for each in plain.values()}
    are_truths = true.keys() <= {*TRUE_TEXTS, *FALSE_TEXTS} and len({*true.values()}) > 1
    groups = defaultdict(list)
    for text, each in plain.items():
        groups[true[each] if are_truths else each].append(text)
    return [group for group in groups.values() if len(group) > 1]
