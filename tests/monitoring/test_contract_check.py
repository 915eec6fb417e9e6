"""The contract: what it forbids of a window is a violation, be it in one row."""

from shared.monitoring import contract_check
from shared.schema.violations import Violation
from tests.monitoring.traffic import week, words


def test_a_broken_contract_is_acted_upon_be_it_in_one_row() -> None:
    violation = Violation("age", "above 120", 1, 0.001, ("200",))
    (reason,) = contract_check.contract_reasons([violation])
    assert (reason.level, reason.what, reason.column) == ("act", "age: above 120 (200)", "age")
    assert reason.next_step == "Fix what feeds age: it violates the bundle's contract."


def test_one_row_outside_a_given_range_is_acted_upon(judged) -> None:
    verdict = judged(week().assign(age=lambda f: f["age"].mask(f.index == 7, 200)))
    assert words(verdict) == [("act", "age: outside 18 to 120 (200)")]


def test_a_column_that_a_file_lacks_breaks_the_contract_and_leaves_no_score(judged) -> None:
    verdict = judged(week().drop(columns="age"))
    assert words(verdict) == [("act", "age: the column is missing")]
    assert any("could not answer the file's rows" in note for note in verdict.notes)
    assert "Quality is not judged: the rows have no probability." in verdict.notes
