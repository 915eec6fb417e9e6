"""A table is looked at: its files, its first rows, a sample, and a few columns whole."""

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.sections.columns import Csv
from shared.starting.looking import table_look
from shared.starting.looking.table_look import SAMPLE_ROWS, TableLook


def looked_at(file: Path, target: str = "late", **columns: Any) -> TableLook:
    if file.suffix == ".csv":
        pd.DataFrame(columns).to_csv(file, index=False)
    else:
        pq.write_table(pa.table(columns), file)
    return table_look.look(*table_look.open_table(str(file)), target)


def test_what_may_be_key_or_time_and_the_target_are_there_whole(tmp_path: Path) -> None:
    found = looked_at(
        tmp_path / "rows.csv",
        loan=["a", "b", "c"],
        asked=["2024-01-01", "2024-01-01", "2024-01-02"],
        age=[40, 40, 41],
        gap=["a", None, "b"],
        late=["yes", "yes", "no"],
    )
    assert list(found.whole) == ["loan", "late", "asked"]
    assert found.sample.column_names == ["loan", "asked", "age", "gap", "late"]
    assert found.sample["age"].to_pylist() == [40, 40, 41]


def test_a_sample_has_rows_of_the_whole_table_where_it_is_read_at_once(tmp_path: Path) -> None:
    rows = 60_000
    found = looked_at(tmp_path / "rows.parquet", place=range(rows), late=[True, False] * 30_000)
    places = found.sample["place"].to_numpy()
    assert SAMPLE_ROWS <= len(places) <= 2 * SAMPLE_ROWS
    assert places[:5_000].tolist() == list(range(5_000))
    assert abs(places[5_000:].mean() - (rows + 5_000) / 2) < 10


def test_uuids_may_be_a_key(tmp_path: Path) -> None:
    cases = pa.array([uuid.UUID(int=at).bytes for at in range(3)], pa.uuid())
    found = looked_at(tmp_path / "rows.parquet", case=cases, late=[True, False, True])
    assert list(found.whole) == ["case", "late"]


@pytest.mark.parametrize(("kind", "kept"), [((12, 0), ["case", "late"]), ((12, 2), ["late"])])
def test_decimals_without_a_fraction_may_be_a_key(
    tmp_path: Path, kind: tuple[int, int], kept: list[str]
) -> None:
    cases = pa.array([Decimal(at) for at in range(3)], pa.decimal128(*kind))
    found = looked_at(tmp_path / "rows.parquet", case=cases, late=[True, False, True])
    assert list(found.whole) == kept


def test_a_target_of_uuids_is_read_as_texts(tmp_path: Path) -> None:
    kinds = [uuid.UUID(int=at % 2) for at in range(4)]
    held = pa.array([kind.bytes for kind in kinds], pa.uuid())
    found = looked_at(tmp_path / "rows.parquet", case=["a", "b", "c", "d"], late=held)
    assert found.whole["late"].to_pylist() == [str(kind) for kind in kinds]


@pytest.mark.parametrize(
    "kind", [pa.float64(), pa.float16(), pa.dictionary(pa.int8(), pa.float64())]
)
def test_nans_are_missing_as_nulls_are(tmp_path: Path, kind: pa.DataType) -> None:
    late = pa.array([0.0, 1.0, float("nan"), None]).cast(pa.float64())
    values = (
        late.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else late.cast(kind)
    )
    void = [float("nan")] * 4
    found = looked_at(tmp_path / "rows.parquet", late=values, void=void)
    assert found.whole["late"].to_pylist() == [0.0, 1.0, None, None]
    assert found.sample["late"].to_pylist() == [0.0, 1.0, None, None]
    assert found.sample["void"].null_count == 4


def test_files_whose_types_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    for name, codes in (("0", [1, 2]), ("1", ["a", "b"])):
        pq.write_table(
            pa.table({"code": codes, "late": [True, False]}), tmp_path / f"{name}.parquet"
        )
    opened = table_look.open_table(str(tmp_path))
    with pytest.raises(
        Refusal, match="do not fit together: .* code has .*: int64 vs string; write them alike"
    ):
        table_look.look(*opened, "late")


def test_a_long_table_is_sampled_evenly_to_its_end_and_counted_whole(tmp_path: Path) -> None:
    rows = 8 * SAMPLE_ROWS
    found = looked_at(
        tmp_path / "rows.parquet", row=list(range(rows)), late=[True, False] * (rows // 2)
    )
    assert (found.rows, len(found.whole["row"])) == (rows, rows)
    sampled = found.sample["row"].to_pylist()
    assert len(sampled) <= 2 * SAMPLE_ROWS
    assert sampled[:100] == list(range(100))
    assert sampled[-1] > rows - 100


def test_texts_that_stand_for_missing_are_named_and_their_column_is_of_numbers(
    tmp_path: Path,
) -> None:
    found = looked_at(tmp_path / "rows.csv", age=["40", "41", "k.A."], late=["a", "b", "a"])
    assert "k.A." in found.csv.missing
    assert found.sample["age"].to_pylist() == [40, 41, None]


def test_what_is_no_table_or_has_no_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("a,b\n1,2\n")
    (tmp_path / "head.csv").write_text("a,b\n")
    with pytest.raises(Refusal, match="text.xlsx is neither a "):
        table_look.open_table(str(tmp_path / "text.xlsx"))
    with pytest.raises(Refusal, match="head.csv has no rows: nothing can be guessed"):
        table_look.open_table(str(tmp_path / "head.csv"))


@pytest.mark.parametrize(
    ("late", "unlabelled", "missing", "added"),
    [
        (["Y", "N", "N/A", "Y"], {"N/A": 1}, 1, set()),
        (["Y", "N", "?", "-"], {"?": 1, "-": 1}, 2, {"?", "-"}),
        (["None", "Severe", "None", "Severe"], {}, 0, set()),
        (["a", "b", "c", "N/A"], {"N/A": 1}, 1, set()),
        (["a", "b", "c", "None"], {}, 0, set()),
        (["1", "2", "3", "?"], {}, 1, {"?"}),
        (["Y", "N", "Y", "N"], {}, 0, set()),
    ],
)
def test_usual_markers_beside_the_texts_of_a_target_are_missing(
    tmp_path: Path, late: list[str], unlabelled: dict[str, int], missing: int, added: set[str]
) -> None:
    found = looked_at(tmp_path / "rows.csv", loan=["a", "b", "c", "d"], late=late)
    assert found.unlabelled == unlabelled
    assert (found.whole["late"].null_count, found.sample["late"].null_count) == (missing, missing)
    assert {*found.csv.missing} - {*Csv().missing} == added
    assert not {*found.csv.missing} & {*found.whole["late"].to_pylist()} or late[0] == "a"
    typed = looked_at(tmp_path / "rows.parquet", loan=["a", "b", "c", "d"], late=late)
    if late[0] != "1":
        assert (typed.unlabelled, typed.emptied) == (unlabelled, tuple(unlabelled))
        assert typed.whole["late"].to_pylist() == found.whole["late"].to_pylist()
