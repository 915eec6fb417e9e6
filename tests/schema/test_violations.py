"""A table held against its contract: every violation at once, counted, with examples."""

import pandas as pd
import pyarrow as pa
import pytest

from shared.schema import violations
from shared.schema.contract import Contract, ContractColumn
from shared.schema.inference import infer_contract


def test_the_source_that_a_contract_was_inferred_from_keeps_to_it(settings, table):
    assert violations.check(table, infer_contract(table, settings)) == []


def test_every_violation_is_listed_at_once_with_count_and_examples(settings, table):
    contract = infer_contract(table, settings)
    bad = table.head(100).drop(columns="employed").copy()
    bad.loc[0, "age"] = 150
    bad.loc[1, "region"] = "mars"
    bad.loc[2, "region"] = None
    bad.loc[3, "loan"] = bad.loc[4, "loan"]
    bad["income"] = bad["income"].astype(object)
    bad.loc[5, "income"] = "plenty"
    found = {(b.column, b.problem): b for b in violations.check(bad, contract)}
    assert found["employed", "the column is missing"].enforced
    assert found["age", "outside 18 to 120"].examples == ("150",)
    assert found["region", "not a known category"].examples == ("'mars'",)
    assert not found["region", "not a known category"].enforced
    assert found["region", "missing"].rows == 1
    assert found["loan", "not unique"].rows == 2
    assert found["income", "not a number"].examples == ("'plenty'",)


def test_a_violation_is_told_by_its_rows_and_their_share() -> None:
    told = [str(violations.Violation("age", "missing", rows, rows / 3)) for rows in (1, 2, 3)]
    assert told == [
        "age: missing in 1 row (33.3%)",
        "age: missing in 2 rows (66.7%)",
        "age: missing in all 3 rows",
    ]
    assert str(violations.Violation("age", "missing", 1, 1.0)) == "age: missing in the only row"


@pytest.mark.parametrize("rows", [0, 1])
def test_an_empty_or_tiny_table_is_no_crash(settings, table, rows):
    contract = infer_contract(table, settings)
    assert violations.check(table.head(rows), contract) == []


def test_a_window_needs_no_target(settings, table):
    contract = infer_contract(table, settings)
    window = table.drop(columns="defaulted")
    assert violations.check(window, contract, target=False) == []
    assert [b.column for b in violations.check(window, contract)] == ["defaulted"]


def test_a_time_as_text_is_a_time_and_a_number_is_none(settings, table):
    contract = infer_contract(table, settings)
    texts = table.head(5).assign(applied=pd.Series(["2024-01-01T00:00:00Z"] * 5))
    assert violations.check(texts, contract) == []
    assert violations.check(texts.assign(applied=1), contract)[0].column == "applied"


def test_digits_of_a_second_that_are_cut_are_told_and_nothing_is_refused_for_them(settings, table):
    contract = infer_contract(table, settings)
    finer = table.head(4).assign(applied=pd.Timestamp("2024-05-01T10:00:00.000000001Z"))
    for came in (finer, pa.Table.from_pandas(finer), finer.astype({"applied": str})):
        found = [v for v in violations.check(came, contract) if v.column == "applied"]
        assert [(v.problem, v.rows, v.enforced) for v in found] == [(violations.FINER, 4, False)]


def test_a_number_that_is_a_code_without_its_zeros_is_shown_beside_the_code():
    station = ContractColumn(name="station", type="category", categories=("007", "012"))
    contract = Contract(
        key="station", time="station", target="hit", features=(), columns=(station,)
    )
    found = violations.check(pd.DataFrame({"station": [12, 5]}), contract, target=False)
    assert [(each.problem, each.examples) for each in found] == [
        ("not a known category", ("12 ('012' without its zeros?)", "5"))
    ]


@pytest.mark.parametrize(("keys", "rows"), [([3, 1, 3, None, None], 2), ([3, 1, 2, None, None], 0)])
def test_keys_of_whole_numbers_are_told_apart_beside_gaps(keys, rows):
    key = ContractColumn(name="id", type="integer", nullable=True)
    contract = Contract(key="id", time="id", target="hit", features=(), columns=(key,))
    found = violations.check(pa.table({"id": pa.array(keys)}), contract, target=False)
    assert sum(each.rows for each in found if each.problem == "not unique") == rows


def test_keys_of_a_dictionary_are_told_apart_as_texts_are():
    key = ContractColumn(name="id", type="text")
    contract = Contract(key="id", time="id", target="hit", features=(), columns=(key,))
    coded = pa.table({"id": pa.array(["a", "b", "a", None]).dictionary_encode()})
    found = violations.check(coded, contract, target=False)
    assert [(each.problem, each.rows, each.examples) for each in found] == [
        ("not unique", 2, ("'a'",)),
        ("missing", 1, ()),
    ]
