"""Each column of a new table is looked at: what it is, what was guessed, and how it is spread."""

from shared.starting.guessing.guess import guess_problem
from shared.starting.looking.column_look import BINS, ColumnLook, column_looks
from tests.starting.looks import loans, look


def looks() -> dict[str, ColumnLook]:
    """Return the looks at a hundred loans, by column."""
    columns = loans(
        region=["north", "south", None, "south"] * 25,
        amount=[float(row) for row in range(99)] + [1e9],
        office=["here"] * 100,
        note=[None] * 100,
    )
    found = guess_problem(look("loan applied late", **columns), "late")
    return {each.name: each for each in column_looks(found)}


def test_every_column_is_there_with_what_was_guessed_of_it() -> None:
    found = looks()
    assert {name: (each.kind, each.role) for name, each in found.items()} == {
        "loan": ("text", "key"),
        "applied": ("time", "time"),
        "age": ("whole number", "feature"),
        "late": ("true or false", "target: binary"),
        "region": ("text", "feature"),
        "amount": ("number", "feature"),
        "office": ("text", "left out"),
        "note": ("nothing", "left out"),
    }
    assert found["office"].warnings == ("it is the same in all rows looked at",)


def test_what_is_missing_and_different_is_counted_and_the_most_frequent_come_first() -> None:
    found = looks()
    region, note = found["region"], found["note"]
    assert (region.missing, region.distinct, region.values) == (0.25, 2, "south, north")
    assert region.bars == (("south", 50), ("north", 25))
    assert (note.missing, note.distinct, note.values, note.bars) == (1, None, "", ())


def test_numbers_and_times_are_spread_from_the_least_to_the_largest() -> None:
    amount, applied = looks()["amount"], looks()["applied"]
    assert (amount.values, len(amount.bars)) == ("0 to 1e+09", BINS)
    # A number that is far from all others leaves the rest to be seen.
    assert max(rows for _, rows in amount.bars) < 10
    assert sum(rows for _, rows in amount.bars) == 100
    assert applied.values == "2024-01-01 to 2024-04-09"
    assert applied.bars[0][0] == "2024-01-01"


def test_numbers_with_nothing_between_them_are_spread_as_far_as_they_go() -> None:
    ids = [2**60 + row % 60 for row in range(100)]
    near = [2.0**60 + 256 * (row % 30) for row in range(100)]
    found = {
        each.name: each
        for each in column_looks(
            guess_problem(look("loan applied late", **loans(sensor=ids, near=near)), "late")
        )
    }
    for name in ("sensor", "near"):
        assert sum(rows for _, rows in found[name].bars) == 100
