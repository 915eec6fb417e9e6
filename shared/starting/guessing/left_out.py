"""Columns that are no features of a new problem: ids, constants, and what is known afterwards."""

import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.doubts import are_amounts
from shared.schema.inference import MOST_CATEGORIES
from shared.schema.numbers import fit_floats
from shared.schema.reading import plain_column
from shared.starting.guessing import leaks
from shared.starting.guessing.targets import Target, fits_columns, way_out
from shared.starting.looking import moments
from shared.starting.looking.column_names import ID_WORDS, is_birth, is_id, name_fault, words
from shared.starting.looking.table_look import TableLook

# A month, a week or a quarter of a year.
SPAN = r"^(19|20)\d\d-?(0[1-9]|1[0-2]|W[0-5]\d|Q[1-4])$"
ROW_NUMBERS = "it numbers the rows: newer ones have numbers that no model has seen"
FURTHER_TIME = "a further time: what a model learns of it never comes again"
# Different values of a column whose name says that it tells things apart, before it does so.
FEWEST_IDS = 50
NEARLY_ALL = 0.98


def reasons_left_out(look: TableLook, target: Target, taken: set[str | None]) -> dict[str, str]:
    """Return why columns are no features, by their names; those `taken` are something else."""
    found: dict[str, str] = {}
    seen = {name.casefold(): name for name in taken if name}
    for name in look.sample.column_names:
        if name in taken:
            continue
        alike = seen.setdefault(name.casefold(), name)
        if alike != name:
            found[name] = f"its name differs only in case from {alike}: rename it"
        elif reason := _unfit(look, name, target):
            found[name] = reason
    rest = [name for name in look.sample.column_names if name not in {*taken, *found}]
    scores = leaks.single_feature_scores(look.sample, rest, target.name, target.kind)
    for name in rest:
        if reason := (
            leaks.known_afterwards(look.sample, name, target.name)
            or leaks.gives_away(scores.get(name, 0.0), target.kind)
            or leaks.filled_of_one_class(look.sample, name, target.name, target.kind)
        ):
            found[name] = reason
    return found


def _unfit(look: TableLook, name: str, target: Target) -> str:
    if fault := name_fault(name, target.kind):
        return fault
    if name in look.whole and _numbers_rows(plain_column(look.whole[name])):
        return ROW_NUMBERS
    return _unfit_values(name, look.sample[name], name in look.whole)


def _unfit_values(name: str, values: pa.ChunkedArray, is_special: bool) -> str:
    if values.null_count == len(values):
        return "it has no value in the rows looked at"
    plain = plain_column(values)
    if not fits_columns(plain.type):
        return f"it holds {values.type}, which no feature can be{way_out(plain.type)}"
    is_time = is_special and moments.may_be_time(plain, name)
    if is_time and is_birth(name):
        return "a day of birth: the age, as a column of its own, can be a feature"
    if is_time or (pa.types.is_string(plain.type) and _all_match(plain, SPAN)):
        return FURTHER_TIME
    distinct = len(plain.drop_null().unique())
    if distinct == 1 and not values.null_count:
        return "it is the same in all rows looked at"
    return _id_or_text(name, plain, distinct)


def _numbers_rows(values: pa.ChunkedArray) -> bool:
    """Tell whether whole numbers only rise, as an index does of which some rows were dropped."""
    if not pa.types.is_integer(values.type) or values.null_count or len(values) <= FEWEST_IDS:
        return False
    numbers = values.to_numpy()
    return bool((numbers[1:] > numbers[:-1]).all()) and fit_floats(values)


def _all_match(texts: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts.drop_null(), pattern)).as_py())


def _id_or_text(name: str, plain: pa.ChunkedArray, distinct: int) -> str:
    is_text = pa.types.is_string(plain.type)
    if is_text and distinct > FEWEST_IDS and are_amounts(plain):
        return (
            f"numbers that are written for people, such as {plain.drop_null()[0].as_py()!r}: make "
            "them numbers in the table or in source.py"
        )
    if distinct > MOST_CATEGORIES and is_text:
        return f"a text with {distinct:,} different values: an id, or free text"
    if distinct > MOST_CATEGORIES and not fit_floats(plain):
        return f"an id ({distinct:,} different values): a model computes with fewer digits"
    if (is_text or pa.types.is_integer(plain.type)) and distinct > FEWEST_IDS:
        if distinct == len(plain) and is_text:
            return "an id: no value comes twice"
        # A code or a number may be one of few things; nearly each row's own tells rows apart.
        if words(name) & (ID_WORDS - {"code", "number", "no", "nr"}) or (
            is_id(name) and distinct > NEARLY_ALL * len(plain)
        ):
            return f"an id ({distinct:,} different values), which would be learnt by heart"
    return ""
