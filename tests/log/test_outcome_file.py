"""Labels from files: every row is accounted for, and taking a file again adds nothing."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from shared.errors import Refusal
from shared.log import outcome_file
from shared.log.outcome_file import Taken
from shared.log.prediction_log import PredictionLog
from shared.schema.contract import ContractColumn
from shared.sections.columns import Csv
from tests.log.loans import contract

CONTRACTS = {kind: contract({"income": "number"}, key=kind) for kind in ("text", "integer")}


@pytest.fixture
def log(address: str) -> Iterator[PredictionLog]:
    held = PredictionLog("loans", CONTRACTS["text"], address)
    yield held
    held.close()


def take(log: PredictionLog, path: Path, kind: str = "text") -> Taken:
    shares: list[float] = []
    taken = outcome_file.take(path, log, CONTRACTS[kind], shares.append)
    assert shares == sorted(shares)
    counted = taken.added + taken.corrected + taken.unchanged + taken.repeated + taken.unlabelled
    assert counted + len(taken.refused) == taken.received
    return taken


def standing(address: str) -> dict[Any, bool]:
    """Return the label that counts for each key."""
    engine = sa.create_engine(address)
    with engine.connect() as connection:
        query = sa.text("SELECT key, value FROM loans_outcomes ORDER BY id")
        found = {key: bool(value) for key, value in connection.execute(query)}
    engine.dispose()
    return found


def written(folder: Path, table: pd.DataFrame, kind: str) -> Path:
    path = folder / f"labels.{kind}"
    if kind == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_large_file_is_taken_once_and_again_adds_nothing(
    log: PredictionLog, address: str, tmp_path: Path, kind: str
) -> None:
    keys = [f"A{at}" for at in range(45_000)]
    labels = [None if at % 10 == 0 else at % 3 == 0 for at in range(45_000)]
    path = written(tmp_path, pd.DataFrame({"more": 1, "loan": keys, "defaulted": labels}), kind)
    taken = take(log, path)
    assert (taken.received, taken.added, taken.unlabelled) == (45_000, 40_500, 4_500)
    assert take(log, path).unchanged == 40_500
    expected = {k: v for k, v in zip(keys, labels, strict=True) if v is not None}
    assert standing(address) == expected


def test_a_correction_counts_from_then_on(log: PredictionLog, address: str, tmp_path: Path) -> None:
    log.outcomes.add({"A1": True, "A2": True})
    path = tmp_path / "labels.csv"
    path.write_text("loan,defaulted\nA1,0\nA2,1\nA3,true\nA3,FALSE\n")
    taken = take(log, path)
    assert (taken.corrected, taken.unchanged, taken.added, taken.repeated) == (1, 1, 1, 1)
    assert taken.unanswered == 2
    assert standing(address) == {"A1": False, "A2": True, "A3": False}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_labels_of_another_coding_are_refused_and_not_taken_by_halves(
    log: PredictionLog, address: str, tmp_path: Path, kind: str
) -> None:
    log.outcomes.add({"A1": False})
    path = written(tmp_path, pd.DataFrame({"loan": ["A1", "A2"], "defaulted": [1, 2]}), kind)
    with pytest.raises(Refusal) as refused:
        take(log, path)
    assert str(refused.value) == (
        f"{path}: defaulted holds 1, 2, and nothing says which of them is true: write true and "
        "false, or 1 and 0; nothing was taken"
    )
    assert standing(address) == {"A1": False}
    # Beside true and false it is a mistake in its row.
    labels = pd.DataFrame({"loan": ["A1", "A2", "A3"], "defaulted": [1, 2, 0]})
    assert len(take(log, written(tmp_path, labels, kind)).refused) == 1


def test_rows_with_a_mistake_are_listed_and_the_others_taken(
    log: PredictionLog, address: str, tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("loan,defaulted\nA1,maybe\n,1\nA2,1.0\nA3,2\nA4,\nA5,Y\n0012,N\n")
    taken = take(log, path)
    assert taken.refused == [
        (1, "A1", "maybe", "defaulted: not a boolean"),
        (2, "", "1", "loan: missing"),
        (4, "A3", "2", "defaulted: not a boolean"),
    ]
    assert standing(address) == {"A2": True, "A5": True, "0012": False}
    outcome_file.list_refused(taken, tmp_path / "refused.csv")
    assert list(pd.read_csv(tmp_path / "refused.csv")["row"]) == [1, 2, 4]


def test_labels_are_read_as_the_contract_says(
    log: PredictionLog, address: str, tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("loan,defaulted\nA1,late\nA2,on time\nA3,true\n")
    columns = [
        column.model_copy(update={"truths": ("on time", "late")})
        if column.name == "defaulted"
        else column
        for column in CONTRACTS["text"].columns
    ]
    own_texts = CONTRACTS["text"].model_copy(update={"columns": tuple(columns)})
    taken = outcome_file.take(path, log, own_texts, lambda share: None)
    assert [words for *_, words in taken.refused] == ["defaulted: neither on time nor late"]
    assert standing(address) == {"A1": True, "A2": False}


def test_labels_of_unknown_classes_are_counted_and_numbers_are_none(tmp_path: Path) -> None:
    fate = ContractColumn(name="fate", type="category", categories=("late", "paid"), nullable=True)
    columns = (*CONTRACTS["text"].columns, fate)
    classes = CONTRACTS["text"].model_copy(update={"columns": columns, "target": "fate"})
    path = tmp_path / "labels.csv"
    path.write_text("loan,fate\nA1,late\nA2,burnt\nA3,1\n")
    with closing(PredictionLog("fates", classes, f"sqlite:///{tmp_path / 'log.db'}")) as held:
        taken = outcome_file.take(path, held, classes, lambda share: None)
    assert (taken.added, dict(taken.unknown)) == (2, {"burnt": 1})
    words = "a number, where classes are texts: 'late', 'paid'"
    assert taken.refused == [(3, "A3", "1", words)]


def test_keys_that_are_whole_numbers_come_as_they_are(
    log: PredictionLog, address: str, tmp_path: Path
) -> None:
    whole = PredictionLog("loans", CONTRACTS["integer"], address)
    keys: list[object] = [7, 8.0, "9", "x", 1.5, None]
    path = written(tmp_path, pd.DataFrame({"loan": map(str, keys), "defaulted": 1.0}), "csv")
    assert [key for _, key, *_ in take(whole, path, "integer").refused] == ["x", "1.5", "None"]
    whole.close()
    assert standing(address) == {7: True, 8: True, 9: True}


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_keys_of_19_digits_keep_every_digit(
    log: PredictionLog, address: str, tmp_path: Path, kind: str
) -> None:
    whole = PredictionLog("loans", CONTRACTS["integer"], address)
    first = 1797276315284406272
    table = pd.DataFrame({"loan": [first, first + 1], "defaulted": ["Y", "n"], "more": ["x", "y"]})
    path = tmp_path / f"labels.{kind}"
    if kind == "parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False)
    assert take(whole, path, "integer").added == 2
    whole.close()
    assert standing(address) == {first: True, first + 1: False}


def test_markers_of_missing_values_are_no_labels_and_keys_of_their_own(
    log: PredictionLog, address: str, tmp_path: Path
) -> None:
    (tmp_path / "labels.csv").write_text("loan;defaulted\nNA;1\nA2;NA\n007;0\n")
    written = Csv(delimiter=";")
    path = tmp_path / "labels.csv"
    taken = outcome_file.take(path, log, CONTRACTS["text"], lambda share: None, written)
    assert (taken.added, taken.unlabelled) == (2, 1)
    assert standing(address) == {"NA": True, "007": False}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.csv", None, "no file"),
        ("labels.csv", "loan,value\nA1,1\n", "has no column 'defaulted'; it has loan, value"),
        ("labels.csv", "loan,defaulted\nA,1\nloan,defaulted\n", "line 3: the header stands there"),
        ("labels.csv", "loan,defaulted\nA,1\nB\n", "line 3: 1 cells"),
        ("labels.csv", "", "cannot be read as a table"),
        ("labels.parquet", "no parquet", "cannot be read as a table"),
    ],
)
def test_what_is_no_table_of_labels_is_refused_in_one_line(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    held = PredictionLog("loans", CONTRACTS["text"], f"sqlite:///{tmp_path / 'log.db'}")
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(Refusal, match=words):
        take(held, tmp_path / name)
    held.close()


def test_a_log_that_is_away_is_told_with_the_row(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("loan,defaulted\nA1,1\n")
    (tmp_path / "taken").write_text("")
    held = PredictionLog("loans", CONTRACTS["text"], f"sqlite:///{tmp_path / 'taken' / 'log.db'}")
    with pytest.raises(Refusal, match="the prediction log is away at row 1: .*take the file again"):
        take(held, tmp_path / "labels.csv")
    held.close()


def test_a_folder_and_a_file_with_two_columns_of_one_name_are_no_outcomes(
    log: PredictionLog, tmp_path: Path
) -> None:
    names = [CONTRACTS["text"].key, CONTRACTS["text"].target]
    twice = pa.Table.from_arrays([pa.array(["a"])] * 3, names=[*names, names[0]])
    pq.write_table(twice, tmp_path / "twice.parquet")
    with pytest.raises(Refusal, match=r"are there more than once: rename one$"):
        take(log, tmp_path / "twice.parquet")
    with pytest.raises(Refusal, match=r" is a folder: outcomes come from one file, take each by"):
        take(log, tmp_path)


def test_a_label_that_python_cannot_hold_is_refused_as_any_other(
    log: PredictionLog, tmp_path: Path
) -> None:
    names = [CONTRACTS["text"].key, CONTRACTS["text"].target]
    far = pa.array([2**31 - 1], pa.int32()).view(pa.date32())
    pq.write_table(
        pa.Table.from_arrays([pa.array(["a"]), far], names=names), tmp_path / "o.parquet"
    )
    refused = take(log, tmp_path / "o.parquet").refused
    assert refused == [(1, "a", "a date32[day]", f"{names[1]}: not a boolean")]


def test_a_column_that_is_there_but_for_a_blank_is_shown_with_it(
    log: PredictionLog, tmp_path: Path
) -> None:
    key, target = CONTRACTS["text"].key, CONTRACTS["text"].target
    (tmp_path / "o.csv").write_text(f"{key}, {target}\na,true\n")
    words = f"has no column '{target}'; it has {key}, ' {target}'; did you mean ' {target}'\\?$"
    with pytest.raises(Refusal, match=words):
        take(log, tmp_path / "o.csv")
