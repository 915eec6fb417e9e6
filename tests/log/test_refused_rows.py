"""Rows that were refused are kept by column and rule, whatever callers make up."""

from shared.log.refused_rows import (
    BODY,
    LONGEST_EXAMPLE,
    MOST_KEPT,
    RefusedRows,
    RowFault,
    faults_of,
    refused_rows,
)

MISSING, OUTSIDE = ("age", "missing"), ("age", "outside 18 to 120")


def test_rows_and_faults_add_up_and_the_first_example_stays() -> None:
    found = refused_rows(10, {OUTSIDE: RowFault(1, "17")})
    found.add(5, {OUTSIDE: RowFault(5, "200"), MISSING: RowFault(2)})
    assert found == RefusedRows(15, {OUTSIDE: RowFault(6, "17"), MISSING: RowFault(2)})


def test_what_is_kept_is_read_as_it_was_counted() -> None:
    found = refused_rows(3, {OUTSIDE: RowFault(3, "17"), BODY: RowFault(1, "ä")})
    text = found.text()
    assert text is not None
    assert text.isascii()
    assert faults_of(text) == found.faults
    assert RefusedRows().text() is None


def test_an_example_is_short_and_printable_however_long_a_caller_makes_it() -> None:
    found = refused_rows(1, {BODY: RowFault(1, "a\n\x00" + "b" * 1_000_000)})
    assert found.faults[BODY].example == "a??" + "b" * (LONGEST_EXAMPLE - 3) + "…"


def test_of_very_many_faults_the_most_frequent_are_kept() -> None:
    found = refused_rows(1, {(f"c{at}", "missing"): RowFault(at + 1) for at in range(5_000)})
    kept = faults_of(found.text() or "[]")
    assert len(kept) == MOST_KEPT
    assert min(fault.rows for fault in kept.values()) == 4_901
