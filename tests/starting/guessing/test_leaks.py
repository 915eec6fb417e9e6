"""Features that give the target away, in tables with few rows of a class."""

import numpy as np
import pyarrow as pa
import pytest

from shared.kinds import Kind
from shared.starting.guessing import leaks


def test_nothing_is_tried_where_a_class_has_a_single_row() -> None:
    table = pa.table({"words": range(8), "late": ["N"] * 7 + ["Y"]})
    assert leaks.single_feature_scores(table, ["words"], "late", "binary") == {}


def test_a_class_of_a_single_row_does_not_hide_a_feature_that_tells_the_others() -> None:
    kinds = ["a"] * 30 + ["b"] + ["c"] * 30
    table = pa.table({"told": [ord(kind) for kind in kinds], "kind": kinds})
    scores = leaks.single_feature_scores(table, ["told"], "kind", "multiclass")
    assert scores["told"] > 0.9


def test_what_is_true_or_false_in_several_spellings_is_told_as_such() -> None:
    late = ["Y", "N", "n", "y"] * 100
    age = [40 if text in "Yy" else 30 for text in late]
    sample = pa.table({"age": age, "late": late})
    assert leaks.single_feature_scores(sample, ["age"], "late", "binary") == {"age": 1.0}


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_many_rows_are_told_as_trees_tell_them(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = np.random.default_rng(0)
    told, noise = seed.uniform(-2, 2, (2, 1_200))
    level = np.array([3, 0, 2, 1])[np.digitize(told, [-1, 0, 1])]
    targets = {"binary": level > 2, "multiclass": level.astype(str), "regression": 7 * told}
    sample = pa.table({"told": told, "noise": noise, "target": targets[kind]})
    found = leaks.single_feature_scores(sample, ["told", "noise"], "target", kind)
    assert leaks.gives_away(found["told"], kind)
    assert not leaks.gives_away(found["noise"], kind)
    monkeypatch.setattr(leaks, "FEWEST_GROUPED", 10_000)
    assert leaks.single_feature_scores(sample, ["told"], "target", kind)["told"] == found["told"]


def test_a_number_larger_than_a_tree_computes_with_is_tried() -> None:
    sample = pa.table({"size": [1e300, 1.0] * 20, "late": [True, False] * 20})
    assert leaks.single_feature_scores(sample, ["size"], "late", "binary") == {"size": 1.0}


def test_rows_are_repeated_where_every_digit_is() -> None:
    ids = [1e9 + 1, 1e9 + 2, 1e9 + 2]
    assert leaks.repeated_rows(pa.table({"id": ids, "size": [1, 1, 1]}), set()) == 1


@pytest.mark.parametrize(
    ("of_filled", "of_others", "is_told"),
    [
        (["yes"] * 60, ["no"] * 150 + ["yes"] * 10, True),
        (["yes"] * 60 + ["no"] * 10, ["no"] * 150 + ["yes"] * 10, False),
        # So few, and so many of the others too, are of one class by chance.
        (["yes"] * 8, ["no"] * 80 + ["yes"] * 80, False),
        (["no"] * 60, ["no"] * 150 + ["yes"] * 10, False),
    ],
)
def test_what_is_filled_in_rows_of_one_class_alone_is_known_afterwards(
    of_filled: list[str], of_others: list[str], is_told: bool
) -> None:
    reasons = ["price", "moved", "other"] * len(of_filled)
    column = [*reasons[: len(of_filled)], *[None] * len(of_others)]
    sample = pa.table({"reason": column, "churned": [*of_filled, *of_others]})
    said = leaks.filled_of_one_class(sample, "reason", "churned", "binary")
    words = (
        "in all of the 60 rows in which it is filled, churned is yes: is it known only afterwards?"
    )
    assert said == (words if is_told else "")
