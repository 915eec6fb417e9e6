"""Columns that nearly are a key, a time or a category are named, with what keeps them from it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.starting.guessing import guess
from shared.starting.guessing.guess import Guess
from shared.starting.looking import near_misses, table_look
from tests.conftest import loans
from tests.starting import looks


def guessed(rows: pd.DataFrame, folder: Path) -> Guess:
    rows.to_csv(folder / "rows.csv", index=False)
    files, csv, first = table_look.open_table(str(folder / "rows.csv"))
    return guess.guess_problem(table_look.look(files, csv, first, "defaulted"), "defaulted")


def plain() -> pd.DataFrame:
    """Return loans with a code each, asked for at one time and paid back at a later one."""
    made = loans()
    asked = made["applied"].dt.tz_localize(None)
    return pd.DataFrame(
        {
            "ticket": [f"L-{row:05}" for row in range(len(made))],
            "opened": asked.dt.strftime("%Y-%m-%d %H:%M"),
            "closed at": (asked + pd.Timedelta(days=9)).dt.strftime("%Y-%m-%d %H:%M"),
            "region": made["region"],
            "income": made["income"],
            "defaulted": made["defaulted"],
        }
    )


def test_a_table_without_dirt_gives_no_warning(tmp_path: Path) -> None:
    found = guessed(plain(), tmp_path)
    assert found.time
    assert (found.key, found.time.name, found.warnings) == ("ticket", "opened", ())


@pytest.mark.parametrize(("largest", "named"), [(5e9, True), (900_000.0, False)])
def test_one_number_that_is_more_than_all_others_together_is_named(
    largest: float, named: bool
) -> None:
    prices = np.random.default_rng(0).lognormal(12, 0.5, 1_000).round()
    prices[400] = largest
    found = near_misses.far_outliers("price", pa.chunked_array([pa.array(prices)]))
    words = (
        "price is 5,000,000,000 in one of 1,000 rows, which makes 100.0% of its squared "
        "deviations: models may follow that row alone, so mend or drop it where it is a mistake"
    )
    assert found == ([words] if named else [])
    assert near_misses.far_outliers("price", pa.chunked_array([pa.array([1.0] * 99)])) == []


def test_a_few_numbers_that_are_far_from_all_others_are_named_and_a_long_tail_is_not() -> None:
    rng = np.random.default_rng(0)
    prices = rng.lognormal(12, 0.5, 1_000).round()
    prices[[400, 500, 600]] *= 1_000
    (words,) = near_misses.far_outliers("price", pa.chunked_array([pa.array(prices)]))
    assert words == (
        f"price is {prices.max():,.15g}, or as far from the others, in 3 of 1,000 rows, which make "
        "100.0% of its squared deviations: models may follow those rows alone, so mend or drop "
        "them where they are mistakes"
    )
    for tail in (rng.lognormal(0, 1, 5_000), np.repeat([0.0, 5.0], [990, 10])):
        assert near_misses.far_outliers("price", pa.chunked_array([pa.array(tail)])) == []


@pytest.mark.parametrize(
    ("number", "others", "named"),
    [
        (-999, (50, 149), True),
        (9999.0, (0.5, 80.5), True),
        (99, (0, 98), False),
        (-1, (0, 5), False),
        (-9, (-8, 8), False),
    ],
)
def test_nines_far_from_all_others_are_named_as_standing_for_nothing(
    number: float, others: tuple[float, float], named: bool
) -> None:
    rows = loans()
    rows["bonus"] = np.linspace(*others, len(rows)).round(1 if number == 9999 else 0)
    rows.loc[::20, "bonus"] = number
    found = near_misses.numbers_for_nothing(looks.look("", **rows), ("bonus", "region"))
    words = (
        f"bonus is {number:g} in 5.0% of the rows looked at, and otherwise {others[0]:g} to "
        f"{others[1]:g}: where that stands for no value, empty it in the table, and send null when "
        "the model is asked"
    )
    assert found == ([words] if named else [])


@pytest.mark.parametrize(
    ("name", "values", "named"),
    [
        ("zip_code", (10, 60), True),
        ("PLZ", (10, 60), True),
        ("postcode", (0, 2), False),
        ("rooms", (10, 60), False),
    ],
)
def test_whole_numbers_that_are_named_as_a_code_are_said_to_be_read_as_numbers(
    name: str, values: tuple[int, int], named: bool
) -> None:
    rows = loans()
    rows[name] = np.arange(len(rows)) % (values[1] - values[0]) + values[0]
    found = near_misses.codes_as_numbers(looks.look("", **rows), (name,))
    words = (
        f"{name} is read as a number, and its name says a code: where 12 is no less than 13, say "
        f'[contract] {name} = {{ type = "category" }}'
    )
    assert found == ([words] if named else [])


@pytest.mark.parametrize("cell", ["yesterday", ""])
def test_an_earlier_time_that_lacks_a_few_rows_is_named(cell: str, tmp_path: Path) -> None:
    rows = plain()
    rows.loc[[30, 400], "opened"] = cell
    such = f" (such as {cell!r})" if cell else ""
    assert guessed(rows, tmp_path).warnings[0] == (
        f"opened comes before closed at, but has no time that can be read in 2 rows{such}: mend "
        "them and begin anew, where a model is asked then"
    )


def test_a_later_time_that_lacks_rows_is_not_missed(tmp_path: Path) -> None:
    rows = plain().rename(columns={"opened": "opened at", "closed at": "closed"})
    rows.loc[[30, 400], "closed"] = ""
    found = guessed(rows, tmp_path)
    assert found.time
    assert (found.time.name, found.warnings) == ("opened at", ())


def test_a_key_that_a_few_rows_repeat_is_named(tmp_path: Path) -> None:
    rows = plain()
    found = guessed(pd.concat([rows, rows[7:9]]), tmp_path)
    assert found.key is None
    assert found.warnings[0] == (
        "ticket would be the key, but 2 rows looked at repeat a value, such as L-00007: drop them "
        "and begin anew, where each row should have its own"
    )


def test_texts_that_differ_only_in_case_or_blanks_are_named(tmp_path: Path) -> None:
    rows = plain()
    rows.loc[5, "region"] = "North "
    assert guessed(rows, tmp_path).warnings == (
        "region has 'North ', 'north': each is a category of its own until they are one",
    )


@pytest.mark.parametrize(("first", "second"), [("opened", "resolved at"), ("seen", "date closed")])
def test_a_time_named_as_a_later_one_comes_last(first: str, second: str, tmp_path: Path) -> None:
    found = guessed(plain().rename(columns={"opened": first, "closed at": second}), tmp_path)
    assert found.time
    assert found.time.name == first
    assert second in found.left_out


@pytest.mark.parametrize("parts", [["year"], ["Year", "month", "day", "hour"]])
def test_a_time_that_stands_in_several_columns_is_named(parts: list[str], tmp_path: Path) -> None:
    rows = plain().drop(columns="closed at")
    asked = pd.to_datetime(rows.pop("opened"))
    for part in parts:
        rows[part] = getattr(asked.dt, part.lower()) + (
            asked.dt.day % 2 if part.lower() == "year" else 0
        )
    rows["day of the year"] = asked.dt.dayofyear
    found = guessed(rows, tmp_path)
    say, them = "year may say", "it"
    if len(parts) > 1:
        say, them = "Year, month, day and hour say", "them"
    assert (found.time, found.warnings[0]) == (
        None,
        f"{say} when a row is from, and no column is a time: make one of "
        f"{them} in source.py and give [split] its dates, so that a model is tried on later rows "
        "than it learnt from",
    )


def test_a_day_of_birth_is_not_the_time(tmp_path: Path) -> None:
    rows = plain().drop(columns="closed at")
    days = np.random.default_rng(0).integers(0, 15_000, len(rows))
    born = pd.Timestamp("1950-01-01") + pd.to_timedelta(days, unit="D")
    rows["date_of_birth"] = born.strftime("%Y-%m-%d")
    found = guessed(rows, tmp_path)
    assert found.time
    assert found.time.name == "opened"
    assert found.left_out["date_of_birth"].startswith("a day of birth: the age")


@pytest.mark.parametrize(
    ("texts", "alike"),
    [
        (["yes", "no", "Y", "N"], "'N', 'no' and 'Y', 'yes'"),
        (["yes", "no"], ""),
        (["T", "F"], ""),
        (["N", "F", "M"], ""),
        (["n", "f"], ""),
    ],
)
def test_texts_that_stand_for_the_same_truth_are_named(
    texts: list[str], alike: str, tmp_path: Path
) -> None:
    rows = plain()
    rows["employed"] = [texts[row % len(texts)] for row in range(len(rows))]
    listed = f"employed has {alike}: each is a category of its own"
    warned = [words for words in guessed(rows, tmp_path).warnings if words.startswith("employed")]
    assert len(warned) == bool(alike)
    assert all(words.startswith(listed) for words in warned)


@pytest.mark.parametrize(("odd", "is_told"), [(0, False), (2, True), (60, False)])
def test_what_would_be_a_number_but_for_a_few_cells_is_named(
    odd: int, is_told: bool, tmp_path: Path
) -> None:
    rows = plain()
    rows["income"] = [f"{at},99" if at < odd else f"{at}.99" for at in range(len(rows))]
    told = [said for said in guessed(rows, tmp_path).warnings if said.startswith("income ")]
    words = (
        "income would be a number, but 2 cells looked at are none, such as '0,99': mend them and "
        "begin anew, as they make a text of it"
    )
    assert told == ([words] if is_told else [])


def test_each_group_of_texts_that_are_one_is_named(tmp_path: Path) -> None:
    rows = plain()
    names = ["north", "North ", "SOUTH", "south", "east"]
    rows["region"] = [names[at % len(names)] for at in range(len(rows))]
    assert guessed(rows, tmp_path).warnings == (
        "region has 'North ', 'north' and 'SOUTH', 'south': each is a category of its own until "
        "they are one",
    )
