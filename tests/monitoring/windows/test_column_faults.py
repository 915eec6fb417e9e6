"""Faults of columns: what the contract cannot read is counted in its words, with examples."""

import pyarrow as pa

from shared.monitoring.windows import column_faults
from shared.monitoring.windows.column_faults import Fault
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import Contract, ContractColumn

CONTRACT = Contract(
    key="id",
    time="at",
    target="hit",
    features=("depth", "kind"),
    columns=(
        ContractColumn(name="id", type="text"),
        ContractColumn(name="at", type="time"),
        ContractColumn(name="depth", type="number", nullable=True),
        ContractColumn(name="kind", type="category", nullable=True),
        ContractColumn(name="hit", type="boolean", nullable=True),
    ),
)
NO_TIME = NOT_OF_TYPE["time"]


def test_a_table_is_read_by_the_contract_and_what_is_unreadable_is_counted() -> None:
    table = pa.table(
        {
            "id": [7, 8, 9, None],
            "at": ["2024-05-01", "01/05/2024", "02/05/2024", None],
            "depth": ["1.5", " ", None, "many"],
            "kind": pa.array(["a", "b", "a", None]).dictionary_encode(),
            "colour": ["red"] * 4,
        }
    )
    read = column_faults.read_table(table, CONTRACT)
    assert read.table["id"].to_pylist() == ["7", "8", "9", None]
    assert read.table["depth"].to_pylist() == [1.5, None, None, None]
    assert pa.types.is_dictionary(read.table["kind"].type)
    assert read.table["colour"].to_pylist() == ["red"] * 4
    assert read.unreadable["depth"].tolist() == [False, True, False, True]
    assert read.faults == {
        ("at", NO_TIME): Fault(2, ("'01/05/2024'", "'02/05/2024'")),
        ("depth", "not a number"): Fault(2, ("' '", "'many'")),
        ("id", "missing"): Fault(1),
        ("at", "missing"): Fault(1),
    }


def test_a_key_and_a_time_that_are_no_columns_are_missing_in_every_row() -> None:
    read = column_faults.read_table(pa.table({"depth": [1.0, 2.0]}), CONTRACT)
    assert read.faults == {("id", "missing"): Fault(2), ("at", "missing"): Fault(2)}
    assert column_faults.read_table(pa.table({}), CONTRACT).faults == {}


def test_faults_add_up_with_the_first_few_examples() -> None:
    one, other = Fault(2, ("'a'", "'b'")), Fault(3, ("'b'", "'c'", "'d'"))
    key = "depth", "not a number"
    whole = column_faults.merged({key: one}, {key: other, ("id", "missing"): Fault(1)})
    assert whole == {key: Fault(5, ("'a'", "'b'", "'c'")), ("id", "missing"): Fault(1)}
    assert whole[key].words == "5 rows, such as 'a', 'b', 'c'"
    assert Fault(1).words == "1 row"


def test_values_that_python_cannot_hold_or_are_long_are_no_obstacle() -> None:
    far = pa.table({"at": pa.array([2**60], pa.timestamp("s")), "depth": ["9" * 60 + "x"]})
    faults = column_faults.read_table(far, CONTRACT).faults
    assert faults["at", "a time before 1900 or after 2200"] == Fault(1, ("a timestamp[s]",))
    assert faults["depth", "not a number"] == Fault(1, (f"'{'9' * 39}…",))
