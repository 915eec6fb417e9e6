"""Labels of outcomes: a new class is one, and a number among classes of texts is none."""

import pytest

from shared.schema.contract import ContractColumn
from shared.schema.labels import label_fault, unknown_labels

FATES = ContractColumn(name="fate", type="category", categories=("paid", "late", "3 months late"))
GRADES = ContractColumn(name="grade", type="category", categories=("1", "2", "none"))
BROKEN = ContractColumn(name="broken", type="boolean")


@pytest.mark.parametrize("label", ["paid", "burnt", "3 months late", "3rd", ""])
def test_a_text_is_a_class_be_it_known_or_new(label: str) -> None:
    assert label_fault(FATES)(label) is None


@pytest.mark.parametrize("label", ["3", "-1", "3.0", "2,5"])
def test_a_number_is_none_where_all_classes_are_texts(label: str) -> None:
    words = "a number, where classes are texts: 'paid', 'late', '3 months late'"
    assert label_fault(FATES)(label) == words
    assert label_fault(GRADES)(label) is None
    assert label_fault(BROKEN)(label) is None


def test_of_many_classes_the_first_are_shown() -> None:
    many = FATES.model_copy(update={"categories": tuple("abcdefg")})
    words = "a number, where classes are texts: 'a', 'b', 'c', 'd', 'e', and 2 more"
    assert label_fault(many)("0") == words


def test_labels_of_unknown_classes_are_counted_by_name() -> None:
    labels = ["paid", "burnt", "late", "burnt"]
    assert unknown_labels(labels, FATES) == {"burnt": 2}
    assert unknown_labels(labels, BROKEN) == {}
