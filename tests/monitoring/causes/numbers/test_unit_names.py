"""Units in columns' names: conversions of another quantity are ruled out."""

import pytest

from shared.monitoring.causes import transformations
from shared.monitoring.causes.numbers import unit_names


def test_a_small_factor_is_that_of_a_unit_where_the_name_says_its_quantity() -> None:
    miles, percent = "kilometres instead of miles: x · 1.609", "a hundred times what it was"
    assert unit_names.is_likely(miles, 1.609344, "trip_distance")
    assert not unit_names.is_likely(miles, 1.609344, "calls")
    assert not unit_names.is_likely(miles, 1.609344, "price")
    assert unit_names.is_likely(percent, 100.0, "calls")
    assert unit_names.is_likely("inches instead of centimetres: x / 2.54", 1 / 2.54, "x")


@pytest.mark.parametrize(
    ("name", "ruled_out", "left"),
    [
        (
            "outlet_temp_f",
            "miles instead of kilometres: x / 1.609",
            "Celsius instead of Fahrenheit",
        ),
        (
            "load_lb",
            "metres instead of feet: x · 0.3048",
            "kilograms instead of pounds: x · 0.4536",
        ),
        ("beltMiles", "kilograms instead of pounds", "kilometres instead of miles: x · 1.609"),
        ("wind_speed", "feet instead of metres", "miles per hour instead of metres per second"),
        ("share", "kilometres instead of miles", "a hundred times what it was"),
        ("visits", "pounds instead of kilograms", "ten times what it was"),
        ("price", "feet instead of metres: x / 0.3048", "a tenth of what it was"),
        (
            "living_area",
            "metres instead of feet: x · 0.3048",
            "square feet instead of square metres",
        ),
        ("tenure", "square feet instead of square metres", "months instead of years: x · 12"),
        ("length", "square metres instead of square feet", "feet instead of metres"),
        ("days_since_visit", "months instead of years: x · 12", "hours instead of days: x · 24"),
        ("tenure_months", "hours instead of days: x · 24", "years instead of months: x / 12"),
        ("trip_km", "feet instead of metres: x / 0.3048", "miles instead of kilometres: x / 1.609"),
        ("pressure", "metres instead of feet", "inches of mercury instead of hectopascals"),
    ],
)
def test_a_quantity_in_a_name_rules_out_others(name: str, ruled_out: str, left: str) -> None:
    assert not unit_names.may_be(ruled_out, name)
    assert unit_names.may_be(left, name)
    assert unit_names.may_be("a thousand times what it was", name)


@pytest.mark.parametrize("name", ["income", "dewp", "f", "template", "Blight", "ämm"])
def test_other_names_rule_nothing_out(name: str) -> None:
    assert all(unit_names.may_be(words, name) for words in transformations.OF_FACTORS)


def test_what_is_tried_of_a_temperature_is_no_length() -> None:
    tried = [t.words for t in transformations.changes_of_numbers(["temp"], {"temp": 3.0})]
    assert any("Celsius" in words for words in tried)
    assert not any("kilometres" in words for words in tried)


@pytest.mark.parametrize(
    ("name", "words", "of_it"),
    [
        ("miles", "kilometres instead of miles: x · 1.609", True),
        ("trip_mi", "kilometres instead of miles: x · 1.609", True),
        ("miles", "miles instead of kilometres: x / 1.609", False),
        ("load_lb", "kilograms instead of pounds: x · 0.4536", True),
        ("load", "kilograms instead of pounds: x · 0.4536", False),
        ("days_since_visit", "hours instead of days: x · 24", True),
        ("sqft_living", "square metres instead of square feet: x / 10.764", True),
        ("wind_mph", "knots instead of miles per hour: x / 1.151", True),
    ],
)
def test_a_name_may_say_the_unit_that_numbers_had(name: str, words: str, of_it: bool) -> None:
    assert unit_names.is_of(words, name) == of_it


@pytest.mark.parametrize(
    ("name", "of_it"), [("tenure", True), ("size", False), ("living_area", False)]
)
def test_a_name_may_say_the_quantity_of_a_conversion(name: str, of_it: bool) -> None:
    assert unit_names.is_of_quantity("months instead of years: x · 12", name) == of_it
    assert not unit_names.is_of_quantity("ten times what it was", name)
