"""What is guessed of a problem by its table, with the reason for each guess."""

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.kinds import TARGET_TYPES, Kind
from shared.schema.numbers import fit_floats, is_whole
from shared.schema.reading import plain_column
from shared.settings_text import settings_key
from shared.starting.guessing import leaks, slates, split_faults
from shared.starting.guessing.left_out import reasons_left_out
from shared.starting.guessing.lengths import guess_window, holdout_share
from shared.starting.guessing.targets import Target, guess_target
from shared.starting.looking import empty_texts, moments, near_misses
from shared.starting.looking.column_names import is_birth, is_id, name_fault, words
from shared.starting.looking.moments import DAY, Borders, TimeColumn
from shared.starting.looking.table_look import TableLook
from shared.words import number_of

MOST_SLICED = 10
# Days over which rows are spread that have no time.
MADE_DAYS = 100


@dataclass(frozen=True)
class Guess:
    """A problem's settings as they are guessed.

    `key` and `time` are columns that the table has, or None. `left_out` has why a column is no
    feature; `warnings` are to be read before a model is trusted.
    """

    look: TableLook
    target: Target
    key: str | None
    time: TimeColumn | None
    borders: Borders | None
    features: tuple[str, ...]
    slices: tuple[str, ...]
    left_out: dict[str, str]
    warnings: tuple[str, ...]
    window_days: float
    window_rows: int
    delay_days: int
    made: dict[str, str] = field(default_factory=dict)

    @property
    def key_name(self) -> str:
        """The key's column, of the table or added to it."""
        return self.key or self.made["key"]

    @property
    def time_name(self) -> str:
        """The time's column, of the table or added to it."""
        return self.time.name if self.time else self.made["time"]


def guess_problem(look: TableLook, target_name: str, kind: Kind | None = None) -> Guess:
    """Guess a problem's settings, the kind of answer too unless it is said.

    Raises `Refusal` where the target cannot be of that kind, or nothing is left to learn from.
    """
    typed = look.whole[target_name]
    target = guess_target(target_name, typed, kind)
    time, warnings = _time(look, target_name)
    warnings += _unlabelled(look, target)
    warnings += slates.slate_words(look, target)
    if TARGET_TYPES[target.kind] == "number":
        warnings += near_misses.far_outliers(target_name, plain_column(typed))
    key = _key(look, {target_name, time.name if time else target_name})
    labelled = np.asarray(plain_column(typed).is_valid())
    borders, delay, days = None, 0, float(MADE_DAYS)
    if time:
        has_both = labelled & ~np.isnan(time.seconds)
        known = time.seconds[has_both]
        last = float(np.nanmax(time.seconds))
        apart = moments.days_between(time.seconds)
        if len(known):
            spanned = max((last - float(known.min())) / DAY, 1e-3)
            lasts, _ = guess_window(look.rows, spanned, apart)
            outcomes = plain_column(typed).filter(pa.array(has_both))
            share = holdout_share(known, outcomes, target.kind, lasts)
            borders = moments.split_borders(known, last, share)
        if borders is None:
            warnings.append(f"{time.name} has fewer than three moments: it cannot split the rows")
            time = None
        else:
            warnings += split_faults.parts_without_classes(time, borders, typed, target)
            delay = int(np.ceil((last - known.max()) / DAY - 0.5)) if not labelled.all() else 0
            days = spanned
    taken = {key, target_name, time.name if time else None}
    left_out = reasons_left_out(look, target, taken)
    if time and borders:
        rest = [name for name in look.sample.column_names if name not in {*taken, *left_out}]
        left_out |= split_faults.columns_that_never_come_again(look.sample, rest, time, borders)
    features = tuple(name for name in look.sample.column_names if name not in {*taken, *left_out})
    if not features:
        why = _listed(left_out) or "there is none but the target, the key and the time"
        raise Refusal(f"no column of {look.address} can be a feature: {why}")
    if time and borders:
        warnings += split_faults.columns_without_values(look.sample, features, time, borders)
    warnings += split_faults.rare_in_holdout(time, borders, typed, target)
    window, rows = guess_window(look.rows, days, apart if time else 0)
    found = Guess(
        look, target, key, time, borders, features, _slices(look, features), left_out,
        (*warnings, *_warnings(look, key, features, left_out)), window, rows, max(0, delay),
    )  # fmt: skip
    return replace(found, made=_made(found))


def _time(look: TableLook, target: str) -> tuple[TimeColumn | None, list[str]]:
    """Return the earliest of the complete times: first those named as one, last as a later one,
    and months only where there is nothing finer.
    """
    read = [
        moments.read_times(name, plain_column(values))
        for name, values in look.whole.items()
        if name != target and not is_birth(name)
    ]
    found = [column for column in read if column and column.missing < 1]
    if not found:
        return None, near_misses.times_in_parts(look)
    found.sort(
        key=lambda c: (
            c.missing > 0,
            c.is_month,
            bool(words(c.name) & moments.LATER_WORDS),
            not words(c.name) & moments.TIME_WORDS,
            np.nanmedian(c.seconds),
        )
    )
    best, warnings = _with_time_of_day(found[0], found[1:]), []
    if best.missing:
        warnings.append(
            f"{best.name}, the only time, is missing or unreadable in {best.missing:.2%} of the "
            "rows: training refuses them until the table has it"
        )
    if best.also:
        warnings.append(f"{best.name} is read as {best.format}, and could be {best.also} as well")
    return best, warnings + near_misses.earlier_times(
        look, best, [one for one in found if one is not best]
    )


def _with_time_of_day(best: TimeColumn, others: list[TimeColumn]) -> TimeColumn:
    """Return, instead of a column of days, the first one that has their times of day as well."""
    days = best.seconds
    for other in (one for one in others if not words(one.name) & moments.LATER_WORDS):
        whole_days = np.floor(other.seconds / DAY) * DAY
        is_finer = not np.array_equal(other.seconds, whole_days, equal_nan=True)
        if is_finer and np.array_equal(whole_days, days, equal_nan=True):
            return other
    return best


def _key(look: TableLook, taken: set[str]) -> str | None:
    """Return a column that has no value twice in all rows: one named as a key, or else first."""
    unique = [
        name
        for name, values in look.whole.items()
        if name not in taken
        and name
        and not name_fault(name, "binary")
        and values.null_count == 0
        and pc.count_distinct(plain_column(values)).as_py() == look.rows
    ]
    unique = [name for name in unique if is_id(name) or _is_code(look, name)]
    return min(unique, key=lambda name: not is_id(name), default=None)


def _is_code(look: TableLook, name: str) -> bool:
    """Tell whether a column without a key's name is one: texts like codes, or whole numbers in
    a row, or so large that a model does not tell them apart.
    """
    values = plain_column(look.whole[name])
    if is_whole(values.type):
        ends = pc.min_max(values).as_py()
        return bool(ends["max"] - ends["min"] == look.rows - 1 or not fit_floats(values))
    return not pc.any(pc.match_substring_regex(values.cast(pa.string()), r"\s|^\d+[.,]\d")).as_py()


def _slices(look: TableLook, features: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first categories of few values, of which each can be evaluated by itself."""
    found = []
    for name in features:
        plain = plain_column(look.sample[name])
        if pa.types.is_string(plain.type) and 2 <= len(plain.unique()) <= MOST_SLICED:
            found.append(name)
    return tuple(found[:2])


def _unlabelled(look: TableLook, target: Target) -> list[str]:
    """Say which texts of a target of others are read as missing: they may be classes."""
    shown = " and ".join(f"{t!r} ({number_of(n, 'row')})" for t, n in look.unlabelled.items())
    if not shown:
        return []
    where = "source.py" if look.emptied else "[csv] missing"
    mend = f"take it out of {where}"
    if not target.classes:
        mend += ' and say kind = "multiclass"'
    elif not look.emptied:
        mend = (
            f"list all classes, [contract] {settings_key(target.name)} = {{ categories = [ … ] }}"
        )
    return [f"{target.name} is missing where it holds {shown}: where that is a class, {mend}"]


def _warnings(
    look: TableLook, key: str | None, features: tuple[str, ...], left_out: dict[str, str]
) -> list[str]:
    found = [] if key else near_misses.almost_keys(look)
    if repeated := leaks.repeated_rows(look.sample, {key or "", *left_out}):
        repeat = "repeats" if repeated == 1 else "repeat"
        found.append(
            f"{repeated:,} of {look.sample.num_rows:,} rows looked at {repeat} another but for the "
            "key and what is left out: where such rows fall into train and holdout, the verdict is "
            "too good"
        )
    found += near_misses.numbers_for_nothing(look, features)
    found += empty_texts.texts_for_nothing(look, features)
    found += near_misses.codes_as_numbers(look, features)
    found += near_misses.almost_numbers(look, (*features, *left_out))
    return found + near_misses.alike_texts(look, features)


def _made(found: Guess) -> dict[str, str]:
    """Return the columns that the source is to add: a key, a time."""
    taken = {name.casefold() for name in found.look.sample.column_names}
    lacking = {"key": "row"} if not found.key else {}
    lacking |= {} if found.time else {"time": "arrived"}
    return {role: name + "_" * (name in taken) for role, name in lacking.items()}


def _listed(left_out: dict[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
