"""Texts that stand for no value are named: a model would take them for one."""

from shared.starting.looking.empty_texts import texts_for_nothing
from tests.starting.looks import loans, look


def test_texts_that_stand_for_nothing_are_named_with_their_share() -> None:
    colours = ["n/a", "red", " N/A", "-", None] + ["None"] * 95
    table = look("loan applied late", **loans(colour=colours, town=["Nancy"] * 100))
    assert texts_for_nothing(table, ["colour", "town", "age"]) == [
        "colour is ' N/A' or '-' or 'n/a' in 3.0% of the rows looked at, each a value of its own: "
        "where it stands for none, empty these cells and begin anew"
    ]
