"""Which column is the target, and what kind of answer its values ask for."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.kinds import Kind
from shared.schema.contract import ContractColumn
from shared.schema.reading import read_column
from shared.starting.guessing import targets
from shared.starting.guessing.targets import Target


def guessed(*values: Any, kind: Kind | None = None) -> Target:
    return targets.guess_target("late", pa.chunked_array([list(values)]), kind)


def test_a_target_is_likely_by_its_name_by_its_two_values_or_as_the_last() -> None:
    first = pa.table({"a": [1, 1], "sex": ["m", "f"], "isChurned": [0, 0], "b": [2, 2]})
    assert targets.likely_targets(first) == ["isChurned", "sex", "b"]


def test_a_target_that_is_no_column_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refusal, match="no column 'late' to be the target: it has a, b"):
        targets.refuse_no_target("late", pa.table({"a": [1], "b": [2]}))
    with pytest.raises(Refusal, match="it has day, is_late; did you mean 'is_late'?"):
        targets.refuse_no_target("islate", pa.table({"day": [1], "is_late": [2]}))
    with pytest.raises(Refusal, match="it has Report of May alone: names have to stand in a file"):
        targets.refuse_no_target("late", pa.table({"Report of May": ["day;late"]}))


def test_two_values_that_are_read_as_booleans_need_no_true_one() -> None:
    assert guessed("yes", "No", None, "No") == Target("late", "binary", "two values, No and yes")
    assert guessed(1.0, 0.0, 0.0).positive is None
    assert guessed(True, False).positive is None


def test_of_two_other_texts_the_rarer_is_true() -> None:
    found = guessed("good", "bad", "good", "good")
    assert (found.kind, found.positive) == ("binary", "bad")
    assert found.why == "two values; bad is called true, as the rarer one (25%)"
    assert guessed(1, 2, 2).positive == "1"


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        ([Decimal("1.00"), Decimal("0.00"), Decimal("0.00")], None),
        ([Decimal("3.00"), Decimal("2.00"), Decimal("2.00")], "3"),
        ([2.0, 1.0, 1.0], "2"),
        (["True", "FALSE", "0", "0"], None),
        (["Y", "y", "N", "no"], None),
        (["1.00", "0", "0.0"], None),
    ],
)
def test_the_true_one_is_named_as_it_is_read(values: list[Any], positive: str | None) -> None:
    found = guessed(*values)
    assert (found.kind, found.positive) == ("binary", positive)
    truths = (found.positive and ("0", found.positive)) or None
    read = ContractColumn(name="late", type="boolean", truths=truths)
    assert True in read_column(pa.chunked_array([values]), read).values.to_pylist()


@pytest.mark.parametrize("values", [(1.5, 2.5), (date(2024, 1, 1), date(2024, 1, 2))])
def test_two_values_that_no_text_stands_for_are_refused(values: tuple[Any, Any]) -> None:
    with pytest.raises(Refusal, match=f"'late' has two values, {values[0]} and {values[1]}, which"):
        guessed(*values)


def test_letters_of_two_pairs_are_classes() -> None:
    assert guessed("T", "F", "N").kind == "multiclass"


def test_fractions_and_many_whole_numbers_are_amounts() -> None:
    assert guessed(0.5, 1.5, 2.5).kind == "regression"
    assert guessed(*range(11)).kind == "regression"
    assert guessed(*map(float, range(11))).kind == "regression"


def test_few_whole_numbers_are_classes_and_may_be_amounts() -> None:
    found = guessed(1, 1, 2, 2, 3)
    assert (found.kind, found.classes) == ("multiclass", 3)
    assert found.why == (
        "3 classes, the rarest 3 (1 row); where they are amounts, begin anew with --kind regression"
    )


def test_a_kind_that_is_said_counts_and_a_guess_names_the_other_that_may_be() -> None:
    stars = guessed(1, 1, 2, 2, 3, kind="regression")
    assert stars == Target("late", "regression", "as --kind says; whole numbers, 3 different ones")
    codes = guessed(*range(11))
    assert codes.why == (
        "whole numbers, 11 different ones; where they are classes, begin anew with "
        "--kind multiclass"
    )
    found = guessed(*range(11), kind="multiclass")
    assert (found.kind, found.classes) == ("multiclass", 11)
    assert found.why == "as --kind says; 11 classes, the rarest 0 (1 row)"
    assert guessed(1, 2, 2, kind="regression").mostly_same
    assert guessed(0.5, 1.5, 2.5, kind="regression").why == "numbers, 3 different ones"


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("binary", [1, 2, 3], "the target 'late' has 3 values, such as 1, 2, 3, and true and"),
        ("regression", ["a", "b", "c"], "'late' holds string, such as a, b, c, and no numbers"),
        ("regression", [True, False], "'late' holds bool, such as True, False, and no numbers"),
        ("multiclass", [1, 2, 2], "the target 'late' has 2 values, and an answer has 3 to 50 cl"),
        ("multiclass", [*range(51)], "the target 'late' has 51 values, and an answer has 3 to 50"),
        ("multiclass", [0.5, 1.5, 2.0], "holds fractions, such as 0.5, 1.5, 2.0: make them whole"),
        ("ranking", [1, 0, 0], "--kind ranking is not guessed of a table: who was shown what, in"),
    ],
)
def test_a_kind_that_the_values_do_not_allow_is_refused(
    kind: Kind, values: list[Any], said: str
) -> None:
    with pytest.raises(Refusal) as refused:
        guessed(*values, kind=kind)
    assert str(refused.value).startswith(f"--kind {kind} ")
    assert said in str(refused.value)


def test_the_rarest_class_is_named_as_it_is_read() -> None:
    found = guessed(*map(Decimal, ["2.00", "2.00", "3.00", "3.00", "1.00"]))
    assert found.why.startswith("3 classes, the rarest 1 (1 row)")
    assert guessed(2.0, 2.0, 3.0, 3.0, 1.0).why.startswith("3 classes, the rarest 1 (1 row)")


@pytest.mark.parametrize("form", ["€ {:,.2f}", "{:,.2f} EUR", "CHF {:.2f}", "{:.1f} kg", "{:.1f}%"])
def test_a_target_of_numbers_that_are_written_for_people_is_said_to_be_that(form: str) -> None:
    with pytest.raises(Refusal) as refused:
        guessed(*(form.format(1_706.89 + at) for at in range(60)))
    first = form.format(1_706.89)
    assert str(refused.value) == (
        f"the target 'late' has 60 different texts, such as {first!r}, which are numbers written "
        "for people: make them numbers, in the table or by a source function"
    )


def test_more_classes_than_an_answer_has_and_a_single_value_are_refused() -> None:
    assert guessed(*(f"c{at}" for at in range(50))).classes == 50
    with pytest.raises(Refusal, match="has 51 different texts, such as 'c0', and an answer"):
        guessed(*(f"c{at}" for at in range(51)))
    with pytest.raises(Refusal, match=r"'late' holds duration\[us\], which no target can be: make"):
        guessed(timedelta(1), timedelta(2))
    with pytest.raises(Refusal, match="'late' has 1 value: nothing to learn"):
        guessed("a", "a", None)
    with pytest.raises(Refusal, match="'late' has 300 whole numbers from 2\\^53 on, whose digits"):
        guessed(*range(2**53, 2**53 + 300))
