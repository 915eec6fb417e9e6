"""The settings of a new problem are valid, and say what was guessed and why."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.sections.columns import Csv
from shared.settings_reading import typed_settings
from shared.starting.guessing.guess import Guess, guess_problem
from shared.starting.writing.settings_file import settings_text
from tests.starting.looks import FIRST, loans, look


def guessed(whole: str = "loan applied late", **columns: Any) -> Guess:
    return guess_problem(look(whole, **loans(**columns)), "late")


def read(found: Guess, has_source: bool = False) -> dict[str, Any]:
    return tomllib.loads(settings_text("mine", found, has_source))


def test_what_was_guessed_stands_in_settings_that_are_valid() -> None:
    settings = typed_settings(read(guessed(region=["north", "south"] * 50)))
    assert (settings.name, settings.kind, settings.source) == ("mine", "binary", "/data/rows.csv")
    assert (settings.key, settings.time, settings.target) == ("loan", "applied", "late")
    assert (settings.features, settings.slices) == (("age", "region"), ("region",))
    assert settings.split.start == FIRST


def test_the_search_that_is_proposed_can_be_taken_as_it_is() -> None:
    lines = settings_text("mine", guessed(), False).splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("# [search."))
    taken = [line.removeprefix("# ") for line in lines[first : first + 4]]
    settings = typed_settings(
        tomllib.loads("\n".join([*lines[:first], *taken, *lines[first + 4 :]]))
    )
    assert [*settings.search["boosting"].parameters] == ["learning_rate", "max_leaf_nodes"]


def test_each_line_fits_and_a_long_meaning_stands_above_its_setting() -> None:
    found = replace(guessed(), target=replace(guessed().target, why="word " * 30))
    lines = settings_text("mine", found, False).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[lines.index('kind = "binary"') - 1].startswith("# ")


def test_the_holdout_says_how_old_a_change_is_when_a_model_learns_of_it() -> None:
    lines = settings_text("mine", guessed(), False).splitlines()
    assert lines[lines.index("holdout = 2024-03-21") - 1] == (
        "# The holdout judges, and teaches nothing: trained anew, a model learns of a change "
        "20 days later."
    )


def test_a_table_within_the_working_folder_is_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = look("loan applied late", str(Path.cwd() / "data" / "rows.csv"), **loans())
    assert read(guess_problem(table, "late"))["source"] == "data/rows.csv"
    bucket = look("loan applied late", "s3://bucket/rows.csv", **loans())
    assert read(guess_problem(bucket, "late"))["source"] == "s3://bucket/rows.csv"


def test_without_a_time_rows_are_split_by_shares_and_the_source_makes_one() -> None:
    made = read(guessed("loan late", applied=[row % 4 for row in range(100)]), has_source=True)
    assert made["split"] == {"validation_share": 0.2, "holdout_share": 0.2}
    assert (made["source"], made["time"]) == ("source:table", "arrived")
    typed_settings(made)


def test_the_true_one_of_two_texts_is_said() -> None:
    found = guessed(late=["good", "bad", "good", "good"] * 25)
    assert read(found)["target"] == {"name": "late", "positive": "bad"}


def test_numbers_of_which_most_are_the_same_are_chosen_among_by_squared_errors() -> None:
    claims = [max(0.0, row - 60.5) for row in range(100)]
    text = settings_text("mine", guessed(late=claims), False)
    assert typed_settings(tomllib.loads(text)).select_by == "rmse"
    assert "# on validation; most rows have the same number, which no model beats by mae" in text
    assert read(guessed(late=[max(0.0, row - 40.5) for row in range(100)]))["select_by"] == "mae"


def test_what_was_left_out_and_what_is_doubtful_are_comments() -> None:
    found = replace(guessed(land=["DE"] * 100), warnings=("rows repeat",))
    lines = settings_text("mine", found, False).splitlines()
    assert '# left out: "land": it is the same in all rows looked at' in lines
    assert read(found)["ignored"] == ["land"]
    assert "# beware: rows repeat" in lines


def test_what_is_commented_out_are_settings_as_well() -> None:
    text = settings_text("mine", guessed(), False)
    for part in ("[search.boosting]", "trials", "parameters.", "[train]", "weigh_by"):
        assert f"# {part}" in text
        text = text.replace(f"# {part}", part)
    made = typed_settings(tomllib.loads(text.replace('"…"', '"seats"')))
    assert (made.search["boosting"].trials, made.train.weigh_by) == (20, "seats")


def test_of_a_time_is_said_that_its_hour_is_no_feature() -> None:
    words = "# The weekday or the hour of applied is no feature by itself"
    assert words in settings_text("mine", guessed(), False)
    timeless = guessed("loan late", applied=[row % 4 for row in range(100)])
    assert "no feature by itself" not in settings_text("mine", timeless, True)


def test_codes_of_which_most_are_numbers_are_said_to_be_categories() -> None:
    code = ["A12" if row % 9 == 0 else str(row % 8) for row in range(100)]
    found = guessed(**{"the code": code})
    assert read(found)["contract"] == {"the code": {"type": "category"}}
    text = settings_text("a", found, False)
    assert "codes, such as 'A12'; number, where that is a mistake" in text
    contract = (
        "[contract]                                 # the rest is inferred; its ranges refuse no"
    )
    assert contract in text


def test_how_csv_and_texts_of_time_are_written_is_said_only_where_it_is_unusual() -> None:
    assert not {"csv", "contract"} & set(read(guessed()))
    days = [f"{1 + row % 28:02}.{1 + row // 28:02}.2024" for row in range(100)]
    found = guessed(applied=days)
    written = replace(found.look, csv=Csv(delimiter=";", decimal=",", missing=("", "k.A.")))
    made = read(replace(found, look=written))
    assert made["csv"] == {"delimiter": ";", "decimal": ",", "missing": ["", "k.A."]}
    assert made["contract"] == {"applied": {"format": "%d.%m.%Y"}}


def test_small_windows_are_judged_with_fewer_rows() -> None:
    found = guessed()
    assert read(replace(found, window_rows=50))["monitor"]["minimum_rows"] == 30
    monitor = read(replace(found, window_rows=200))["monitor"]
    assert "minimum_rows" not in monitor
    assert monitor["minimum_outcomes"] == 120
