"""The code of a new problem's source adds what its table lacks, and nothing else."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.starting.guessing.guess import MADE_DAYS, guess_problem
from shared.starting.looking import table_look
from shared.starting.writing.settings_file import settings_text
from shared.starting.writing.source_file import source_code
from tests.starting.looks import loans, look


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def code(whole: str, columns: dict[str, Any], file: str = "rows.csv") -> str | None:
    """Return the code for a table in the working folder, in which it is written."""
    pd.DataFrame(columns).to_csv(file, index=False)
    found = guess_problem(look(whole, str(Path.cwd() / file), **columns), "late")
    return source_code(found, Path("problems/mine"), "2024-01-01")


def run(text: str | None) -> pd.DataFrame:
    """Return the table of a source, as if its file stood in the problem's folder."""
    assert text
    space: dict[str, Any] = {"__file__": str(Path.cwd() / "problems" / "mine" / "source.py")}
    exec(compile(text, "source.py", "exec"), space)
    made: pd.DataFrame = space["table"]()
    return made


def test_a_table_that_lacks_nothing_needs_no_source() -> None:
    assert code("loan applied late", loans()) is None


def test_a_row_without_key_and_time_has_its_place_and_a_day_that_follows_from_it() -> None:
    columns = loans(loan=[1, 2] * 50, applied=[1, 2, 3, 4] * 25)
    text = code("late", columns)
    made = run(text)
    assert made["row"].tolist() == [f"rows.csv:{place}" for place in range(1, 101)]
    start = datetime(2024, 1, 1, tzinfo=UTC)
    assert made["arrived"].between(start, start + timedelta(days=MADE_DAYS)).all()
    assert made["arrived"].nunique() == 100
    assert not made["arrived"].is_monotonic_increasing
    pd.DataFrame(columns)[:50].to_csv("rows.csv", index=False)
    assert run(text)["arrived"].tolist() == made["arrived"][:50].tolist()
    renamed = code("late", columns, "rows-2025.csv")
    assert run(renamed)["row"][0] == "rows-2025.csv:1"
    assert run(renamed)["arrived"].tolist() == made["arrived"].tolist()


def test_rows_of_a_folder_have_a_day_by_their_file_and_their_place() -> None:
    Path("rows").mkdir()
    columns = loans(loan=[1] * 100, applied=["x"] * 100)
    for name in ("a.csv", "b.csv"):
        pd.DataFrame(columns).to_csv(f"rows/{name}", index=False)
    found = guess_problem(look("late", str(Path.cwd() / "rows"), **columns), "late")
    made = run(source_code(found, Path("problems/mine"), "2024-01-01"))
    assert made["row"].iloc[[0, 100]].tolist() == ["a.csv:1", "b.csv:1"]
    assert made["arrived"].nunique() == 200


def test_a_key_of_digits_is_a_text() -> None:
    columns = loans(loan=[str(row) for row in range(100, 200)], applied=[1, 2, 3, 4] * 25)
    assert run(code("loan late", columns))["loan"].tolist() == columns["loan"]


def test_a_time_in_seconds_is_read_by_the_contract() -> None:
    columns = loans(ts=[1_700_000_000 + 86_400 * row for row in range(100)])
    del columns["applied"]
    found = guess_problem(look("loan ts late", **columns), "late")
    assert source_code(found, Path("problems/mine"), "2024-01-01") is None
    settings = tomllib.loads(settings_text("mine", found, False))
    assert settings["contract"] == {"ts": {"format": "seconds"}}
    assert settings["split"]["start"] == date(2023, 11, 14)


def test_texts_that_stand_for_no_outcome_are_emptied() -> None:
    columns = loans(late=["Y", "N", "N/A", "Y"] * 25)
    pd.DataFrame(columns).to_parquet("rows.parquet", index=False)
    opened = table_look.open_table(str(Path.cwd() / "rows.parquet"))
    found = guess_problem(table_look.look(*opened, "late"), "late")
    assert (found.target.kind, found.target.positive) == ("binary", None)
    words = "late is missing where it holds 'N/A' (25 rows): where that is a class, take it out of"
    assert any(warning.startswith(f"{words} source.py") for warning in found.warnings)
    made = run(source_code(found, Path("problems/mine"), "2024-01-01"))
    assert made["late"].fillna("").tolist() == ["Y", "N", "", "Y"] * 25


@pytest.mark.parametrize(
    "file", ["my rows.csv", 'the "best" rows.csv', 'a""" \\n.csv', "rows {1}.csv"]
)
def test_a_table_is_found_whatever_its_name(file: str) -> None:
    assert len(run(code("late applied", loans(loan=[1, 2] * 50), file))) == 100


def test_a_table_elsewhere_or_on_s3_is_named_in_full() -> None:
    for address, line in (
        ("/data/rows.csv", 'TABLE = Path("/data/rows.csv")'),
        ("s3://bucket/rows.csv", "TABLE = 's3://bucket/rows.csv'"),
    ):
        found = guess_problem(look("applied late", address, **loans(loan=[1, 2] * 50)), "late")
        text = source_code(found, Path("problems/mine"), "2024-01-01")
        assert text
        assert line in text
