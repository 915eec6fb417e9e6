"""`millrace new`: what it refuses in one line, where it writes, and what it says."""

import subprocess
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from shared import command_words, problems
from shared.cli import main
from tests.conftest import ROOT, loans


@pytest.fixture(autouse=True)
def _beside_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with nothing but a table."""
    monkeypatch.setenv(problems.VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    loans(600).to_csv("loans.csv", index=False)


def new(*words: str) -> Result:
    return CliRunner().invoke(main, ["new", *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Loans loans.csv --target defaulted", "'Loans' is no name of a problem"),
        ("loans none.csv --target defaulted", "there is no file or folder "),
        (
            "loans loans.csv --target late",
            "the table has no column 'late' to be the target: it has",
        ),
        ("loans loans.csv", "which column is to be predicted? Say --target, likely defaulted, "),
        ("loans loans.csv --yes", "which column is to be predicted? Say --target, likely "),
        ("loans text.xlsx --target a", "text.xlsx is neither a .parquet, .csv"),
        ("loans head.csv --target a", "head.csv has no rows: nothing can be guessed of them"),
        (
            "loans loans.csv --target region --kind regression",
            "--kind regression does not fit: the target 'region' holds string, such as ",
        ),
        ("loans one.csv --target a", "the target 'a' has 1 value: nothing to learn"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_written(
    words: str, said: str
) -> None:
    Path("text.xlsx").write_text("a,b\n1,2\n")
    Path("head.csv").write_text("a,b\n")
    Path("one.csv").write_text("a,b\n1,2\n1,3\n")
    result = new(*words.split())
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.splitlines()) == 1
    assert not Path("problems").exists()


def test_make_refuses_a_wrong_table_before_it_sets_up_anything() -> None:
    # A set-up would be refused for its Python.
    words = ["new", "NAME=mine", "TABLE=none.csv", "READY=none", "PYTHON=false"]
    command = ["make", "--no-print-directory", "-f", str(ROOT / "Makefile"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = f"Error: there is no file or folder none.csv (looked in {Path.cwd()})"
    assert (done.returncode, done.stdout, done.stderr.splitlines()[0]) == (2, "", said)


def test_a_checkout_has_it_among_its_problems_and_it_is_never_overwritten() -> None:
    Path("flows/problems").mkdir(parents=True)
    assert new("mine", "loans.csv", "--target", "defaulted").exit_code == 0
    assert Path("flows/problems/mine/problem.toml").is_file()
    again = new("mine", "loans.csv", "--target", "defaulted")
    assert again.exit_code == 1
    assert again.output == (
        "Error: flows/problems/mine exists already: give another name, or remove it\n"
    )


def test_a_column_filled_only_where_the_outcome_is_known_is_left_out() -> None:
    made = loans(600)
    made.loc[500:, "defaulted"] = None
    made["paid"] = made["age"].where(made["defaulted"].notna())
    made.to_csv("loans.csv", index=False)
    result = new("mine", "loans.csv", "--target", "defaulted")
    assert result.exit_code == 0, result.output
    assert "left out    paid: it is filled only where the outcome is known" in result.output
    assert problems.load_problem("mine").monitor.outcome_delay_days > 5


def test_rows_that_are_there_twice_are_counted() -> None:
    made = loans(600).assign(loan=range(600))
    made[:100] = made[100:200].to_numpy()
    made["loan"] = range(600)
    made.to_csv("loans.csv", index=False)
    result = new("mine", "loans.csv", "--target", "defaulted")
    assert "beware      100 of 600 rows looked at repeat another but for the key" in result.output


def test_the_kind_that_is_said_is_the_one_that_models_are_made_for() -> None:
    made = loans(600)
    made["stars"] = 1 + (made["age"] // 20)
    made.to_csv("loans.csv", index=False)
    asked = ("loans.csv", "--target", "stars")
    guessed = new("classes", *asked)
    assert "target      stars: multiclass (4 classes, the rarest " in guessed.output
    assert "; where they are amounts, begin anew with --kind regression)" in guessed.output
    said = new("amounts", *asked, "--kind", "regression")
    assert said.exit_code == 0, said.output
    assert "target      stars: regression (as --kind says; whole numbers, 4 diff" in said.output
    settings = problems.load_problem("amounts")
    assert (settings.kind, settings.select_by) == ("regression", "mae")
    assert settings.candidates[0].estimator == "sklearn.linear_model.Ridge"


def test_a_folder_of_files_is_a_table() -> None:
    for part in range(2):
        Path("parts").mkdir(exist_ok=True)
        loans(600)[part * 300 :][:300].to_parquet(f"parts/{part}.parquet", index=False)
    result = new("mine", "parts", "--target", "defaulted")
    assert result.exit_code == 0, result.output
    assert "table       600 rows, 8 columns" in result.output
    assert problems.load_problem("mine").source == "parts"


def test_a_key_of_uuids_is_one_and_blanks_among_numbers_are_missing() -> None:
    made = loans(600)
    columns = {
        "case": pa.array([uuid.UUID(int=at).bytes for at in range(600)], pa.uuid()),
        "applied": made["applied"],
        "age": made["age"],
        "defaulted": made["defaulted"],
    }
    pq.write_table(pa.table(columns), "cases.parquet")
    assert new("cases", "cases.parquet", "--target", "defaulted").exit_code == 0
    assert problems.load_problem("cases").key == "case"
    made["income"] = made["income"].astype(str).where(made["income"].notna(), "  ")
    made.to_csv("loans.csv", index=False)
    assert new("mine", "loans.csv", "--target", "defaulted").exit_code == 0
    assert problems.load_problem("mine").csv.missing[-1] == "  "
    assert "income" in problems.load_problem("mine").features


def test_names_that_no_settings_take_are_left_out_or_refused_with_nothing_written() -> None:
    named = {"income": 'in"come', "age": "Loan", "region": "probability"}
    loans(600).rename(columns=named).to_csv("loans.csv", index=False)
    result = new("mine", "loans.csv", "--target", "defaulted")
    assert result.exit_code == 0, result.output
    assert problems.load_problem("mine").features == ("employed", "guarantee")
    assert "left out    Loan: its name differs only in case from loan: rename it" in result.output
    loans(600).rename(columns={"defaulted": 'de"faulted'}).to_csv("loans.csv", index=False)
    refused = new("other", "loans.csv", "--target", 'de"faulted')
    assert refused.exit_code == 1
    assert "hold quotes, backslashes or control characters" in refused.output
    assert not Path("problems/other").exists()


def test_what_is_wrong_is_to_be_mended_before_anything_is_trained() -> None:
    table = loans(600)
    table["applied"] = table["applied"].astype(str).where(table.index != table.index[5], "soon")
    table.to_csv("loans.csv", index=False)
    done = new("loans_in_time", "loans.csv", "--target", "defaulted")
    assert done.exit_code == 1
    assert "wrong       applied: not a time" in done.output
    assert "next: mend what is wrong, in the table or here, and read " in done.output
    then = command_words.make_target("check", "PROBLEM=loans_in_time")
    assert done.output.splitlines()[-1] == f"then: {then}"
