"""Things in words."""

import pytest

from shared.words import (
    in_form,
    list_of,
    names_with_counts,
    nearest_name,
    nearest_names,
    number_of,
    quoted_if_odd,
)


@pytest.mark.parametrize(("count", "words"), [(0, "0 rows"), (1, "1 row"), (1_200, "1,200 rows")])
def test_one_thing_is_one(count: int, words: str) -> None:
    assert number_of(count, "row") == words


def test_what_several_are_called_can_be_said() -> None:
    assert [number_of(n, "class", "classes") for n in (1, 2)] == ["1 class", "2 classes"]


def test_the_most_frequent_names_stand_first_and_the_rest_is_a_number() -> None:
    assert names_with_counts({"fog": 2, "hail": 30}) == "'hail' (30), 'fog' (2)"
    assert names_with_counts(dict.fromkeys("gfedcba", 1)) == (
        "'a' (1), 'b' (1), 'c' (1), 'd' (1), 'e' (1), and 2 more"
    )


def test_the_nearest_name_is_suggested_and_of_none_that_is_near_all_are_listed() -> None:
    assert nearest_name("regoin", {"income", "region"}) == "; did you mean 'region'?"
    assert nearest_name("x", {"income", "region"}) == "; known are income, region"
    # In capitals, and with a blank, it is nearer than by its letters.
    assert nearest_name("loan_id", {"LOAN_ID", "loan_if"}) == "; did you mean 'LOAN_ID'?"
    assert nearest_names(["late"], ["lates", " late"]) == "; did you mean ' late'?"


def test_of_several_names_those_that_are_nearly_known_ones_are_suggested() -> None:
    known = ["postcode", "claim_no", "age"]
    assert nearest_names(["postcod", "x", "claimno"], known) == (
        "; did you mean 'postcode' and 'claim_no'?"
    )
    assert nearest_names(["x"], known) == ""


def test_of_many_names_a_few_are_listed() -> None:
    assert [list_of(names) for names in ([], ["a"], ["a", "b"])] == ["", "a", "a and b"]
    assert list_of(list("abcdefg"), most=4) == "a, b, c, d and 3 more"


@pytest.mark.parametrize(
    ("number", "form", "written"),
    [
        (11_841.3, ",.4g", "11,840"),
        (780_300.0, ",.4g", "780,300"),
        (0.50125, ",.4g", "0.5012"),
        (-1_483_970.0, "g", "-1,483,970"),
        (2.5e-7, ".3g", "2.5e-07"),
        (4.2e9, ",.4g", "4.2e+09"),
    ],
)
def test_a_number_below_a_milliard_has_no_power_of_ten(
    number: float, form: str, written: str
) -> None:
    assert in_form(number, form) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Île-de-France", "Île-de-France"),
        ("", "''"),
        (" home", "' home'"),
        ("Innere Med.", "'Innere Med.'"),
        ("Bern, Stadt", "'Bern, Stadt'"),
        ("\x1b[31mred", r"'\x1b[31mred'"),
        ("Ã\x8ele", r"'Ã\x8ele'"),
    ],
)
def test_a_text_that_would_not_be_seen_in_a_sentence_stands_in_quotes(
    value: str, written: str
) -> None:
    assert quoted_if_odd(value) == written
