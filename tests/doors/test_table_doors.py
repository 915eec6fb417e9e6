"""Every value at every type, in the files that it can be in, put to every door of tables.

A door takes a file whose rows hold values of one of Arrow's types, and returns by the row's key
what each became and the words that refuse it.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.ingestion import plan, read
from shared.log import outcome_file
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring.windows import column_faults
from shared.schema import violations
from shared.schema.cells import cells_of_contract
from shared.schema.column_reading import ARROW_TYPES, NOT_OF_TYPE
from shared.schema.contract import ColumnType
from shared.schema.reading import typed_frame
from shared.schema.times import OUT_OF_YEARS
from shared.scoring.answers import Scorer
from shared.sections.columns import Csv
from shared.settings_reading import typed_settings
from shared.tables import file_rows, sources, table_files
from tests import values
from tests.doors import problem
from tests.doors.problem import Outcome, feature

Outcomes = dict[str, Outcome]
AT = datetime(2024, 5, 1, 12)
# What Arrow has no type for, or a CSV file cannot say.
NOT_IN_PARQUET = ("an object",)
NOT_IN_CSV = ("a text with a null character",)
MARKERS = {*Csv().missing}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return problem.bundle(tmp_path_factory.mktemp("doors") / "bundle")


def batches(path: Path, bundle: Bundle) -> Iterator[pa.Table]:
    cells = cells_of_contract(bundle.contract, Csv())
    yield from file_rows.read_batches(
        str(path), table_files.list_files(str(path)).files, cells=cells
    )


def ingestion(path: Path, kind: ColumnType, bundle: Bundle) -> Outcomes:
    """Stage a file's rows, and read what is accepted and what is not."""
    origin = {"origin": str(path), "table": str(path.with_suffix("")) + "/table"}
    settings = typed_settings(problem.settings().model_dump(mode="json") | {"ingest": origin})
    planned = plan.plan_ingest(settings, "1")
    done = read.stage_part(planned, planned.parts[0], settings)
    found: Outcomes = {}
    if done.accepted:
        rows = sources.read_table(f"{planned.staging}/rows")
        assert isinstance(rows, pa.Table)
        found |= {row["id"]: (row[feature(kind)], None) for row in rows.to_pylist()}
    if done.rejected:
        rejected = sources.read_table(f"{planned.staging}/rejected")
        assert isinstance(rejected, pa.Table)
        found |= {row["id"]: (None, row["reason"]) for row in rejected.to_pylist()}
    return found


def scoring(path: Path, kind: ColumnType, bundle: Bundle) -> Outcomes:
    found: Outcomes = {}
    for table in batches(path, bundle):
        screened = SCORERS.setdefault(bundle.digest, Scorer(bundle, features=True)).answer(table)
        rows = screened.screened.rows
        taken = zip(rows["id"].to_pylist(), rows[feature(kind)].to_pylist(), strict=True)
        found |= {key: (value, None) for key, value in taken}
        refused = screened.screened.rejected["id"].to_pylist()
        found |= {k: (None, w) for k, w in zip(refused, screened.screened.reasons, strict=True)}
    return found


SCORERS: dict[str, Scorer] = {}


def judging(path: Path, kind: ColumnType, bundle: Bundle) -> Outcomes:
    found: Outcomes = {}
    for table in batches(path, bundle):
        for at in range(table.num_rows):
            row = column_faults.read_table(table.slice(at, 1), bundle.contract)
            words = [f"{name}: {said}" for name, said in row.faults]
            value = row.table[feature(kind)][0].as_py()
            found[row.table["id"][0].as_py()] = (value, words[0] if words else None)
    return found


def checking(path: Path, kind: ColumnType, bundle: Bundle) -> Outcomes:
    """Check rows as training does before it begins."""
    source = sources.read_source(str(path), cells=cells_of_contract(bundle.contract, Csv()))
    found: Outcomes = {}
    for at in range(len(source)):
        row = source.iloc[[at]]
        broken = [one for one in violations.check(row, bundle.contract) if one.enforced]
        words = next((f"{one.column}: {one.problem}" for one in broken), None)
        typed = pa.array(typed_frame(row, bundle.contract)[feature(kind)], from_pandas=True)
        value = typed.cast(ARROW_TYPES[kind])[0].as_py()
        found[row["id"].iloc[0]] = (value, words)
    return found


DOORS: dict[str, Callable[[Path, ColumnType, Bundle], Outcomes]] = {
    "ingestion": ingestion,
    "scoring": scoring,
    "judging": judging,
    "checking": checking,
}


@pytest.mark.parametrize("kind", values.TYPES)
@pytest.mark.parametrize("door", DOORS)
def test_a_value_in_parquet_is_taken_or_refused_alike_at_every_door(
    bundle: Bundle, tmp_path: Path, door: str, kind: ColumnType
) -> None:
    differing: dict[str, Any] = {}
    for number, (names, table) in enumerate(parquet_tables(kind)):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(table, path)
        found = DOORS[door](path, kind, bundle)
        differing |= difference(found, {name: values.outcome(name, kind) for name in names}, kind)
    assert differing == {}


@pytest.mark.parametrize("kind", values.TYPES)
@pytest.mark.parametrize("door", DOORS)
def test_a_date_that_python_has_none_of_is_refused_alike_at_every_door(
    bundle: Bundle, tmp_path: Path, door: str, kind: ColumnType
) -> None:
    far = pa.chunked_array([pa.array([2**31 - 1], pa.int32()).view(pa.date32())])
    pq.write_table(table_of(["far"], far, kind), tmp_path / "t.parquet")
    words = OUT_OF_YEARS if kind == "time" else NOT_OF_TYPE[kind]
    found = DOORS[door](tmp_path / "t.parquet", kind, bundle)
    assert difference(found, {"far": (None, words)}, kind) == {}


@pytest.mark.parametrize("door", DOORS)
def test_two_columns_of_one_name_are_refused_alike_at_every_door(
    bundle: Bundle, tmp_path: Path, door: str
) -> None:
    rows = table_of(["a"], pa.chunked_array([["7"]]), "text")
    twice = rows.append_column(feature("text"), pa.array(["8"]))
    pq.write_table(twice, tmp_path / "t.parquet")
    with pytest.raises(Refusal, match=r"t.parquet: columns \['text_value'\] are there more than"):
        DOORS[door](tmp_path / "t.parquet", "text", bundle)


@pytest.mark.parametrize("kind", values.TYPES)
@pytest.mark.parametrize("door", DOORS)
def test_a_cell_of_csv_is_taken_or_refused_alike_at_every_door(
    bundle: Bundle, tmp_path: Path, door: str, kind: ColumnType
) -> None:
    expected = csv_cells(tmp_path / "t.csv", kind)
    assert difference(DOORS[door](tmp_path / "t.csv", kind, bundle), expected, kind) == {}


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_outcomes_of_a_file_are_taken_or_refused_alike(
    bundle: Bundle, tmp_path: Path, form: str
) -> None:
    log = PredictionLog("doors", bundle.contract, f"sqlite:///{tmp_path / 'log.db'}")
    if form == "csv":
        files = [(tmp_path / "t.csv", csv_cells(tmp_path / "t.csv", "boolean", column="hit"))]
    else:
        files = []
        for number, (names, table) in enumerate(parquet_tables("boolean")):
            files.append(
                (
                    tmp_path / f"{number}.parquet",
                    {name: values.outcome(name, "boolean") for name in names},
                )
            )
            held = table.select(["id", feature("boolean")]).rename_columns(["id", "hit"])
            pq.write_table(held, files[-1][0])
    for path, expected in files:
        taken = outcome_file.take(path, log, bundle.contract, lambda share: None)
        refused = {key: words.removeprefix("hit: ") for _, key, _, words in taken.refused}
        assert refused == {name: words for name, (_, words) in expected.items() if words}
        assert taken.unlabelled == sum(each == (None, None) for each in expected.values())
        counted = taken.added + taken.unchanged
        assert counted == sum(value is not None for value, _ in expected.values())
    log.close()


def difference(found: Outcomes, expected: Outcomes, kind: ColumnType) -> dict[str, Any]:
    plain = {
        key: (value, words and words.removeprefix(f"{feature(kind)}: "))
        for key, (value, words) in found.items()
    }
    assert plain.keys() == expected.keys()
    return {
        key: (plain[key], expected[key])
        for key in expected
        if repr(plain[key]) != repr(expected[key])
    }


def parquet_tables(kind: ColumnType) -> Iterator[tuple[list[str], pa.Table]]:
    """Yield a table for each of Arrow's types, with the values that are of it; of texts two."""
    by_type: dict[str, list[tuple[str, pa.Array]]] = {}
    for name, value in values.VALUES.items():
        if name not in NOT_IN_PARQUET:
            array = arrow_of(value)
            by_type.setdefault(str(array.type), []).append((name, array))
    for held in by_type.values():
        names = [name for name, _ in held]
        column = pa.chunked_array([array for _, array in held])
        yield names, table_of(names, column, kind)
        if pa.types.is_string(column.type):
            yield names, viewed(table_of(names, column, kind))


def viewed(table: pa.Table) -> pa.Table:
    """Return a table with its texts as views, as Polars writes them."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(at, field.name, table[field.name].cast(pa.string_view()))
    return table


def arrow_of(value: Any) -> pa.Array:
    if isinstance(value, int) and value >= 2**63:
        return pa.array([value], pa.uint64() if value < 2**64 else pa.decimal128(38, 0))
    return pa.array([value])


def table_of(names: list[str], column: pa.ChunkedArray, kind: ColumnType) -> pa.Table:
    nothing = pa.nulls(len(names))
    others = {feature(other): nothing for other in values.TYPES if other != kind}
    rows = len(names)
    held = {"id": names, "at": [AT] * rows, "hit": [True] * rows, feature(kind): column}
    return pa.table(held | others)


def csv_cells(path: Path, kind: ColumnType, column: str = "") -> Outcomes:
    """Write the texts among the values as cells; returns what is to become of each."""
    column = column or feature(kind)
    names = [n for n, v in values.VALUES.items() if isinstance(v, str) and n not in NOT_IN_CSV]
    others = [feature(other) for other in values.TYPES if feature(other) != column]
    columns = [*dict.fromkeys(["id", "at", "hit", *others, column])]
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, columns, restval="")
        rows.writeheader()
        for name in names:
            rows.writerow({"id": name, "at": AT, "hit": "true", column: values.VALUES[name]})
    return {name: cell_outcome(name, kind) for name in names}


def cell_outcome(name: str, kind: ColumnType) -> Outcome:
    """Return what a cell becomes: an empty one is missing, and a marker where no text is wanted."""
    value = values.VALUES[name]
    if value == "" or (value in MARKERS and kind not in ("text", "category")):
        return None, None
    return values.outcome(name, kind)
