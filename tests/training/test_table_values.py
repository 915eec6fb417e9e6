"""What values of a source become in training: read as the contract's types, or refused in words."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.settings_reading import typed_settings
from shared.training import contract_checks, table

TIMES = ["2024-05-01T10:00:00Z", "2024-05-02T10:00:00.250Z", "2024-05-03T10:00:00Z"]


def load(source: Path, amount: str | None = None) -> tuple[pd.DataFrame, list[Any]]:
    """Load three rows with a feature `amount`, which is of the type that is given."""
    settings = typed_settings(
        {
            "name": "lent",
            "source": str(source),
            "key": "loan",
            "time": "applied",
            "target": "late",
            "features": ["amount"],
            "candidates": [{"name": "one", "estimator": "sklearn.dummy.DummyClassifier"}],
            "contract": {"amount": {"type": amount}} if amount else {},
        }
    )
    found, _, violations = table.load(settings)
    return found, violations


def csv(folder: Path, *amounts: str) -> Path:
    rows = [f"L{at},{TIMES[at]},{amount},{at == 0}" for at, amount in enumerate(amounts)]
    (folder / "t.csv").write_text("\n".join(["loan,applied,amount,late", *rows]))
    return folder / "t.csv"


def parquet(
    folder: Path, amounts: pa.Array | pa.ChunkedArray, keys: pa.Array | None = None
) -> Path:
    held = {"loan": keys or ["a", "b", "c"], "applied": TIMES, "amount": amounts}
    pq.write_table(pa.table(held | {"late": [True, False, False]}), folder / "t.parquet")
    return folder / "t.parquet"


def test_a_blank_in_a_column_of_numbers_is_refused_in_one_line(tmp_path: Path) -> None:
    _, violations = load(csv(tmp_path, "1.5", " ", "2"), "number")
    with pytest.raises(Refusal) as refused:
        contract_checks.refuse_broken(violations)
    assert str(refused.value) == (
        "the source breaks its contract in 1 way: amount: not a number in 1 row (33.3%), such as "
        "' '. Fix the source, or the [contract] in the settings"
    )


def test_a_text_that_is_too_long_to_be_served_is_refused_in_one_line(tmp_path: Path) -> None:
    _, violations = load(csv(tmp_path, "short", "x" * 1_001, "x" * 1_000))
    with pytest.raises(
        Refusal, match="amount: a text of more than 1,000 characters in 1 row"
    ) as it:
        contract_checks.refuse_broken(violations)
    assert "\n" not in str(it.value)
    assert len(str(it.value)) < 300


def test_decimals_are_numbers(tmp_path: Path) -> None:
    found, violations = load(parquet(tmp_path, pa.array([Decimal("1.50"), None, Decimal("2.25")])))
    assert violations == []
    assert found["amount"].dropna().tolist() == [1.5, 2.25]


def test_times_of_which_some_have_a_fraction_are_all_read(tmp_path: Path) -> None:
    found, violations = load(csv(tmp_path, "1", "2", "3"))
    assert violations == []
    assert found["applied"].tolist() == [pd.Timestamp(each) for each in TIMES]


def test_a_whole_number_beside_a_gap_is_a_category_without_a_point(tmp_path: Path) -> None:
    pd.DataFrame(
        {
            "loan": ["a", "b", "c"],
            "applied": pd.to_datetime(TIMES, format="ISO8601"),
            "amount": [10001, None, 501],
            "late": [True, False, False],
        }
    ).to_parquet(tmp_path / "t.parquet")
    found, violations = load(tmp_path / "t.parquet", "category")
    assert violations == []
    assert found["amount"].dropna().tolist() == ["10001", "501"]


def test_unsigned_keys_keep_every_digit(tmp_path: Path) -> None:
    keys = pa.array([2**64 - 1, 2**64 - 2, 7], pa.uint64())
    found, violations = load(parquet(tmp_path, pa.array([1, 2, 3]), keys))
    assert violations == []
    assert found["loan"].tolist() == [str(2**64 - 1), str(2**64 - 2), "7"]


def test_texts_of_a_dictionary_are_a_category_and_texts(tmp_path: Path) -> None:
    kinds = [pa.array(["a", None]).dictionary_encode(), pa.array(["b"]).dictionary_encode()]
    found, violations = load(parquet(tmp_path, pa.chunked_array(kinds)))
    assert violations == []
    assert found["amount"].dtype == object
    assert found["amount"].dropna().tolist() == ["a", "b"]
