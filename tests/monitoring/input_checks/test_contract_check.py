"""The contract: what it forbids of a window is a violation, be it in one row."""

from dataclasses import replace
from typing import Any

import pytest

from shared.model.bundle import Bundle
from shared.monitoring.input_checks import contract_check
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import ContractColumn
from shared.schema.violations import Violation
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week, words


def test_a_broken_contract_is_acted_upon_be_it_in_one_row() -> None:
    violation = Violation("age", "above 120", 1, 0.001, ("200",))
    (reason,) = contract_check.contract_reasons([violation])
    assert (reason.level, reason.what, reason.column) == ("act", "age: above 120 (200)", "age")
    assert reason.next_step == "Fix what feeds age: it violates the bundle's contract."


@pytest.mark.parametrize("problem", ["missing", "not a time"])
@pytest.mark.parametrize(
    ("source", "share", "more"),
    [
        (
            "problems.days.source:table",
            1.0,
            " Rows for training come from problems.days.source:table, which may make it: give what "
            "it returns.",
        ),
        ("problems.days.source:table", 0.5, ""),
        ("days.csv", 1.0, ""),
    ],
)
def test_of_what_a_source_may_make_the_source_is_named(
    source: str, share: float, more: str, problem: str
) -> None:
    violation = Violation("row", problem, 30, share)
    (reason,) = contract_check.contract_reasons([violation], {("row", problem)}, source)
    fix = "Fix what feeds row: it violates the bundle's contract."
    assert reason.next_step == f"{fix}{more}"


def test_what_cannot_be_read_is_acted_upon_in_the_words_of_every_door(judged) -> None:
    ages = week()["age"].astype(str)
    verdict = judged(week().assign(age=ages.mask(ages.index < 4, " ")))
    assert words(verdict) == [("act", "age: not a whole number in 4 rows, such as ' '")]


@pytest.mark.parametrize(
    ("now", "likely"),
    [
        ("incomes", "renamed: income → incomes"),
        ("INCOME", "renamed: income → INCOME"),
        (" income", "renamed: income → ' income'"),
        ("shoe size", None),
    ],
)
def test_a_column_that_comes_by_another_name_is_named_with_it(judged, now, likely) -> None:
    reason = judged(week().rename(columns={"income": now})).reasons[0]
    assert (reason.what, reason.likely_cause) == ("income: the column is missing", likely)


def test_many_columns_by_other_names_are_named_with_some_of_these(judged, bundle: Bundle) -> None:
    upper = {name: name.upper() for name in bundle.contract.features}
    reason = judged(week().rename(columns=upper)).reasons[0]
    assert reason.likely_cause == (
        "renamed: income → INCOME, age → AGE, region → REGION, employed → EMPLOYED and 1 more"
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"applied": None}, "applied is missing, but is required"),
        ({"loan": None}, "loan is missing, but is required"),
        (
            {"loan": lambda f: f["loan"].mask(f.index < 2)},
            "loan is missing in 2 rows, but is required",
        ),
        (
            {"applied": "soon"},
            f"applied: {NOT_OF_TYPE['time']} in 233 rows, such as 'soon'",
        ),
        (
            {"applied": lambda f: f["applied"].dt.strftime("%d/%m/%Y").where(f.index > 0)},
            f"applied: {NOT_OF_TYPE['time']} in 232 rows, such as "
            "'01/04/2024', '02/04/2024', '03/04/2024'",
        ),
    ],
)
def test_a_key_or_a_time_that_is_missing_or_unreadable_is_acted_upon(
    judged, change: dict[str, Any], what: str
) -> None:
    verdict = judged(week().assign(**change))
    assert verdict.level == "act"
    assert ("act", what) in words(verdict)
    assert verdict.reasons[0].column == next(iter(change))


def test_a_key_or_a_time_that_is_no_column_is_acted_upon(judged) -> None:
    for name in ("applied", "loan"):
        verdict = judged(week().drop(columns=name))
        assert words(verdict)[0] == ("act", f"{name} is missing, but is required")


def test_one_row_outside_a_given_range_is_acted_upon(judged) -> None:
    verdict = judged(week().assign(age=lambda f: f["age"].mask(f.index == 7, 200)))
    assert words(verdict) == [("act", "age: outside 18 to 120 (200)")]


def test_a_column_that_a_file_lacks_breaks_the_contract_and_leaves_no_score(judged) -> None:
    verdict = judged(week().drop(columns="age"))
    assert words(verdict) == [("act", "age: the column is missing")]
    another = judged(week()[["loan", "applied"]])
    said = "5 columns are missing: income, age, region, employed and 1 more"
    assert words(another) == [("act", said)]
    assert another.reasons[0].beside == ("age", "region", "employed", "guarantee")
    assert another.next_action.startswith("Check whether these rows are of another table")
    assert any("could not answer the file's rows" in note for note in verdict.notes)
    assert "Quality is not judged: the rows have no answers." in verdict.notes


def test_a_refused_category_that_has_lost_its_zeros_is_named_with_them(
    bundle: Bundle, settings: Settings
) -> None:
    window = read_case(week(20), bundle, settings).window
    unseen = replace(window, profile=replace(window.profile, unseen={"shop": {"7": 1, "12": 3}}))
    column = ContractColumn(name="shop", type="category", categories=("012", "100"))
    assert contract_check._outside(column, unseen) == (
        "not a known category",
        "12 ('012' without its zeros?), 7",
    )
