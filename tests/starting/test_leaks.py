"""Features that give the target away, in tables with few rows of a class."""

import pyarrow as pa

from shared.starting import leaks


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
