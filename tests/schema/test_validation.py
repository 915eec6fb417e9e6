"""Rows screened in columns: typed, refused one by one, and as the contract's checks would."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from shared.schema import arrow, validation, violations
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import Contract, ContractColumn

NAMES = ["id", "at", "n", "w", "c", "b", "hit"]
CONTRACT = Contract(
    key="id",
    time="at",
    target="hit",
    features=("n", "w", "c", "b"),
    columns=(
        ContractColumn(name="id", type="text"),
        ContractColumn(name="at", type="time"),
        ContractColumn(name="n", type="number", minimum=0, maximum=10, outside="refuse"),
        ContractColumn(name="w", type="integer", nullable=True, minimum=0, maximum=5),
        ContractColumn(name="c", type="category", categories=("x", "y"), outside="refuse"),
        ContractColumn(name="b", type="boolean", nullable=True),
        ContractColumn(name="hit", type="boolean", nullable=True),
    ),
)
GOOD = {"id": "a", "at": "2024-01-01T10:00:00Z", "n": 1.5, "w": 3, "c": "x", "b": True, "hit": 0}


def screened(*rows: dict[str, object]) -> validation.Screened:
    frame = pd.DataFrame([GOOD | row for row in rows])
    return validation.screen(arrow.table(frame), CONTRACT, NAMES)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": None}, "id: missing"),
        ({"at": "soon"}, f"at: {NOT_OF_TYPE['time']}"),
        ({"at": None}, "at: missing"),
        ({"n": "many"}, "n: not a number"),
        ({"n": float("inf")}, "n: not a number"),
        ({"n": 11}, "n: outside 0 to 10"),
        ({"n": None}, "n: missing"),
        ({"w": 2.5}, "w: not a whole number"),
        ({"c": "z"}, "c: not a known category"),
        ({"b": 2}, "b: not a boolean"),
        ({"n": -1, "c": "z"}, "n: outside 0 to 10; c: not a known category"),
    ],
)
def test_a_row_that_breaks_the_contract_is_refused_with_every_reason(row, reason) -> None:
    found = screened({"id": "first"}, row, {"id": "last"})
    assert found.reasons == [reason]
    assert found.rows["id"].to_pylist() == ["first", "last"]
    assert found.kept is not None
    assert found.kept.tolist() == [0, 2]
    assert found.rejected.num_rows == 1


def test_what_the_contract_only_describes_is_kept() -> None:
    found = screened({"w": 99}, {"w": None}, {"b": None, "hit": None})
    assert (found.reasons, found.kept) == ([], None)
    assert found.rows["w"].to_pylist() == [99, None, 3]


def test_texts_that_read_as_numbers_truths_and_times_are_taken_as_such() -> None:
    texts = {name: str(value) for name, value in GOOD.items()}
    found = screened(texts)
    assert found.reasons == []
    row = found.rows.to_pylist()[0]
    assert (row["n"], row["w"], row["b"], row["hit"]) == (1.5, 3, True, False)
    assert str(row["at"]) == "2024-01-01 10:00:00+00:00"


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
@tries(max_examples=40)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "n": st.sampled_from([1.0, -1.0, 10.5, float("inf"), None]),
                "w": st.sampled_from([1, 2.5, 7, None]),
                "c": st.sampled_from(["x", "q", None]),
                "b": st.sampled_from([True, False, 3, None]),
                "at": st.sampled_from(["2024-01-01", "never", None]),
            }
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_table_is_refused_rows_just_where_the_checks_enforce_something(rows) -> None:
    frame = pd.DataFrame([GOOD | row | {"id": str(at)} for at, row in enumerate(rows)])
    broken = [b for b in violations.check(frame, CONTRACT) if b.enforced]
    found = validation.screen(arrow.table(frame), CONTRACT, NAMES)
    told = {reason for reasons in found.reasons for reason in reasons.split("; ")}
    assert bool(told) == bool(broken)
    assert {reason.split(":")[0] for reason in told} == {b.column for b in broken}
