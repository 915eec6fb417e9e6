"""Sources are read as the settings say, whole, and known by a fingerprint."""

import gzip
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from problems.flights import source

from shared.errors import Refusal
from shared.schema.cells import Cells
from shared.schema.contract import ContractColumn
from shared.schema.reading import read_column
from shared.tables import sources
from tests.tables.days import ROWS


def test_a_fingerprint_ignores_the_order_of_rows_and_sees_one_changed_value():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]})
    print_ = sources.fingerprint(frame)
    assert sources.fingerprint(frame.iloc[::-1]) == print_
    assert sources.fingerprint(frame.assign(a=[1, 2, 4])) != print_
    assert sources.fingerprint(frame.rename(columns={"a": "c"})) != print_


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("nowhere.parquet", "no file nowhere.parquet"),
        ("loans", r"neither a .parquet, .* or .tsv.gz file, nor a folder of them \(looked in /"),
        ("nowhere.csv", r"no file nowhere.csv \(looked in /.* and beside the settings for what"),
        ("problems.flights.source:nothing", "cannot be imported"),
        ("no_such_module:table", "cannot be imported"),
    ],
)
def test_a_source_that_cannot_be_read_is_told_in_one_line(source, told):
    with pytest.raises(Refusal, match=told):
        sources.read_source(source)


def test_a_file_that_is_no_table_is_told(tmp_path):
    (tmp_path / "loans.parquet").write_text("not parquet")
    with pytest.raises(Refusal, match="cannot be read as a table"):
        sources.read_source(str(tmp_path / "loans.parquet"))


def test_a_csv_is_read_like_a_parquet(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert sources.read_source(str(tmp_path / "t.csv")).equals(frame)


def test_the_flights_are_a_year_with_a_unique_key_and_nothing_known_only_afterwards():
    rows = source.table()
    assert len(rows) == 336_776
    assert rows["flight_id"].is_unique
    assert rows["scheduled"].is_monotonic_increasing
    assert str(rows["scheduled"].dt.tz) == "UTC"
    assert not {"dep_delay", "dep_time", "arr_time", "arr_delay", "air_time"} & set(rows.columns)
    by_month = rows.groupby(rows["scheduled"].dt.tz_convert("America/New_York").dt.month)["late"]
    shares = [round(100 * float(late.eq(True).mean())) for _, late in by_month]
    assert shares == [22, 22, 22, 27, 21, 30, 30, 23, 13, 17, 17, 31]
    assert rows["late"].isna().sum() == 9_430


def test_of_a_folder_only_the_columns_that_are_asked_for_are_read(tmp_path):
    address = str(tmp_path / "t")
    ROWS.to_parquet(address, partition_cols=["day"], index=False)
    assert list(sources.read_source(address, columns=["x", "day", "id"])) == ["id", "x", "day"]
    # Who asks for what is not there is told by all that is.
    assert list(sources.read_source(address, columns=["id", "y"])) == ["id", "x", "region", "day"]


def test_a_parquet_file_keeps_its_types_and_every_digit(tmp_path):
    table = pa.table(
        {
            "whole": pa.array([2**53 + 1, None], pa.int64()),
            "large": pa.array([2**64 - 1, None], pa.uint64()),
            "money": pa.array([Decimal("12345678901234567890.12"), None]),
            "text": pa.array(["a", None], pa.string_view()),
            "digits": ["007", "1"],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = sources.read_table(str(tmp_path / "t.parquet"))
    assert found.to_pydict() == table.to_pydict()
    assert found.schema.field("large").type == pa.uint64()
    (tmp_path / "many").mkdir()
    pq.write_table(table, tmp_path / "many" / "t.parquet")
    assert sources.read_table(str(tmp_path / "many"), None, ["whole", "digits"]).to_pydict() == {
        "whole": [2**53 + 1, None],
        "digits": ["007", "1"],
    }


@pytest.mark.parametrize("address", ["days.csv", "days", "of/days", "/of/days.csv", "/of/days"])
def test_a_task_on_a_cluster_that_finds_no_table_says_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with pytest.raises(Refusal) as here:
        sources.read_table(address)
    assert "S3" not in str(here.value)
    monkeypatch.setenv("METAFLOW_RUNTIME_ENVIRONMENT", "kubernetes")
    with pytest.raises(Refusal) as there:
        sources.read_table(address)
    assert "a task on a cluster has no files of the machine that started it. Put the table" in str(
        there.value
    )


def test_a_frame_of_a_file_keeps_every_digit_also_beside_gaps(tmp_path):
    ids = [1_797_276_315_284_406_273, None]
    table = pa.table({"id": pa.array(ids), "large": pa.array([2**64 - 1, None], pa.uint64())})
    pq.write_table(table.append_column("age", [[41, None]]), tmp_path / "t.parquet")
    frame = sources.read_source(str(tmp_path / "t.parquet"))
    assert frame["id"].tolist() == ids
    assert frame["large"].tolist() == [2**64 - 1, None]
    assert frame["age"].dtype == "float64"


def test_all_files_of_a_folder_decide_what_their_cells_are(tmp_path):
    (tmp_path / "t" / "part=07").mkdir(parents=True)
    (tmp_path / "t" / "part=07" / "1.csv").write_text("id,a,b\n1,1,NA\n")
    (tmp_path / "t" / "part=07" / "2.csv.gz").write_bytes(gzip.compress(b"id,a,b\n2,x,2\n"))
    found = sources.read_table(str(tmp_path / "t"), cells=Cells(types={"id": "text"}))
    assert found.to_pydict() == {
        "id": ["1", "2"],
        "a": ["1", "x"],
        "b": [None, 2],
        "part": ["07", "07"],
    }


def test_only_csv_files_have_cells_whose_gaps_the_settings_name(tmp_path):
    frame = pd.DataFrame({"a": [1]})
    for folder, ending in (("typed", "parquet"), ("written", "csv")):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / f"rows.{ending}"
        frame.to_parquet(file) if ending == "parquet" else frame.to_csv(file)
        assert sources.has_cells(str(file)) is (ending == "csv")
        assert sources.has_cells(str(file.parent)) is (ending == "csv")
    assert not sources.has_cells("source:table")


def test_columns_of_one_name_are_refused_of_a_file_and_of_a_function(tmp_path, monkeypatch):
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(twice, tmp_path / "t.parquet")
    (tmp_path / "made_twice.py").write_text(
        "import pandas\n\ndef rows():\n    return pandas.DataFrame([[1, 2]], columns=['a', 'a'])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for place in (str(tmp_path / "t.parquet"), str(tmp_path), "made_twice:rows"):
        with pytest.raises(
            Refusal,
            match=r": columns \['a'\] are there more than once: rename one$",
        ):
            sources.read_source(place)


def test_columns_of_a_function_s_frame_that_are_numbered_are_named_by_their_digits(
    tmp_path, monkeypatch
):
    (tmp_path / "made_numbered.py").write_text(
        "import pandas as pd\n\ndef rows():\n    return pd.DataFrame([[1, 2]])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert sources.read_source("made_numbered:rows").to_dict("list") == {"0": [1], "1": [2]}


def test_a_date_that_python_has_none_of_is_read(tmp_path):
    dates = pa.array([19_844, 2**31 - 1], pa.int32()).view(pa.date32())
    pq.write_table(pa.table({"at": dates}), tmp_path / "t.parquet")
    found = sources.read_source(str(tmp_path / "t.parquet"))["at"]
    assert found.dt.year.tolist() == [2024, 5_881_580]


def test_files_that_hold_a_column_of_a_known_type_each_in_its_own_way_are_read(tmp_path):
    at = pd.Timestamp("2024-05-01 12:00", tz="Europe/Berlin")
    held = {"naive": at.tz_convert("UTC").tz_localize(None), "zoned": at}
    for name, moment in held.items():
        pd.DataFrame({"at": [moment], "code": ["7"]}).to_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / "texts.csv").write_text("at,code\n2024-05-01T10:00Z,7\n,7\n")
    known = Cells(types={"at": "time", "code": "category"})
    table = sources.read_table(str(tmp_path), cells=known)
    read = read_column(table["at"], ContractColumn(name="at", type="time")).values
    assert read.drop_null().unique().to_pylist() == [at.to_pydatetime()]
    assert (len(read), read.null_count) == (4, 1)


def test_files_of_which_nothing_tells_the_type_of_a_column_are_refused(tmp_path):
    pd.DataFrame({"code": ["7"]}).to_parquet(tmp_path / "texts.parquet")
    pd.DataFrame({"code": [7]}).to_parquet(tmp_path / "whole.parquet")
    with pytest.raises(Refusal, match=r"or say its type in \[contract\]$"):
        sources.read_table(str(tmp_path))
    known = Cells(types={"code": "integer"})
    assert sources.read_table(str(tmp_path), cells=known)["code"].to_pylist() == ["7", "7"]


def test_what_a_function_makes_is_read_alike_for_training_and_ingestion(
    tmp_path, monkeypatch, settings
):
    (tmp_path / "made_odd.py").write_text(
        "import pandas\n\ndef nothing():\n    return None\n\n"
        "def sparse():\n"
        "    return pandas.DataFrame({'a': pandas.arrays.SparseArray([0, 0, 7])})\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    def batches(made):
        told = settings.model_copy(update={"source": made})
        return pa.concat_tables(sources.source_batches(told, (), sources.BEGINNING, 10))

    for door in (sources.read_source, batches):
        with pytest.raises(Refusal, match=r"'made_odd:nothing' makes a NoneType, not a DataFrame$"):
            door("made_odd:nothing")
    assert sources.read_source("made_odd:sparse")["a"].tolist() == [0, 0, 7]
    assert batches("made_odd:sparse")["a"].to_pylist() == [0, 0, 7]
