"""`millrace check`: what would be refused later is said before anything is trained."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.cli import main
from shared.cli.problem import checking
from tests.conftest import LOANS, loans
from tests.kinds import MULTICLASS, REGRESSION, Kind


def checked(folder: Path, replaced: str = "", by: str = "", *options: str) -> Result:
    text = LOANS.format(source=folder / "loans.parquet").replace(replaced, by)
    text = text[: text.index('[[candidates]]\nname = "broken"')] if not options else text
    (folder / "problem.toml").write_text(text)
    return CliRunner().invoke(main, ["check", str(folder / "problem.toml"), *options])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    loans(600).to_parquet(tmp_path / "loans.parquet", index=False)
    return tmp_path


def test_what_is_inferred_is_shown_and_the_next_command(folder: Path) -> None:
    result = checked(folder)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "settings    loans: 5 features, 2 candidates"
    assert "column      loan (key): text" in lines
    assert "column      region: category, east, north, south" in lines
    assert lines[-1] == f"next: make train PROBLEM={folder / 'problem.toml'}"
    named = CliRunner().invoke(main, ["check", "--problem", str(folder), "--no-rows"])
    assert named.output.splitlines()[-1] == f"next: make train PROBLEM={folder / 'problem.toml'}"


def test_limits_of_a_part_of_the_rows_are_said_to_be_of_these(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for rows in (600, 100):
        monkeypatch.setattr(checking, "ROWS_CHECKED", rows)
        (line,) = (one for one in checked(folder).output.splitlines() if " age: " in one)
        told.append(line.endswith(" in the rows looked at"))
    assert told == [False, True]


def test_of_a_table_that_is_sampled_the_rows_that_training_reads_are_checked(folder: Path) -> None:
    result = checked(folder, "seed = 7", "seed = 7\ntrain = { rows = 200 }")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[1].endswith("loans.parquet: its first and last rows, 200 in all")
    assert lines[2] == "sample      [train] rows: 200 of 600 rows, evenly over time are read"
    # The windows that are judged have all rows: of 600 in 90 days about 47 in a week.
    (window,) = (line for line in lines if line.startswith("window"))
    assert window.startswith("window      about 47 rows in 7 days")


@pytest.mark.parametrize("kind", [MULTICLASS, REGRESSION], ids=lambda kind: kind.name)
def test_candidates_of_other_kinds_are_fitted_on_the_rows_checked(
    tmp_path: Path, kind: Kind
) -> None:
    kind.claims(600, 0).to_parquet(tmp_path / "claims.parquet", index=False)
    text = kind.text.replace("claims.parquet", str(tmp_path / "claims.parquet"))
    (tmp_path / "problem.toml").write_text(text)
    result = CliRunner().invoke(main, ["check", str(tmp_path / "problem.toml")])
    assert result.exit_code == 0, result.output
    assert "candidate   boosting: fitted on the rows checked" in result.output


def test_a_target_that_no_float_holds_is_not_to_be_a_category(tmp_path: Path) -> None:
    claims = REGRESSION.claims(600, 0)
    claims.loc[4, "amount"] = float("inf")
    claims.to_parquet(tmp_path / "claims.parquet", index=False)
    text = REGRESSION.text.replace("claims.parquet", str(tmp_path / "claims.parquet"))
    (tmp_path / "problem.toml").write_text(text)
    result = CliRunner().invoke(main, ["check", str(tmp_path / "problem.toml")])
    assert result.exit_code == 1
    assert (
        "wrong       amount: not a number in 1 row (0.2%), such as inf: so a number is read that "
        "no float holds, as 1e999 is; mend or empty it in the table"
    ) in result.output.splitlines()


def test_a_column_that_is_ignored_and_not_there_is_named_with_the_nearest(folder: Path) -> None:
    loans(600).assign(branch="north").to_parquet(folder / "loans.parquet", index=False)
    result = checked(folder, "seed = 7", 'seed = 7\nignored = ["branch", "brnch"]')
    assert result.exit_code == 0, result.output
    (doubt,) = (line for line in result.output.splitlines() if line.startswith("doubt"))
    assert doubt == (
        "doubt       brnch: ignored in the settings, but no column of the source; did you mean "
        "'branch'?"
    )


def test_a_column_of_numbers_and_an_odd_text_is_named(folder: Path) -> None:
    texts = [" " if at % 9 == 4 else f"{at}.5" for at in range(600)]
    table = loans(600).assign(guarantee=texts)
    table.to_parquet(folder / "loans.parquet", index=False)
    result = checked(folder)
    assert "doubt       guarantee is no number, as ' ' is none, but 89% of its values" in (
        result.output
    )
    words = '[contract] guarantee = { type = "number" } says that it is one'
    assert words in result.output
    contract = '[contract]\nguarantee = { type = "category" }\n\n'
    first = '[[candidates]]\nname = "logistic"'
    codes = checked(folder, first, contract + first)
    assert codes.exit_code == 0, codes.output
    assert "doubt" not in codes.output


def test_a_number_that_no_float_holds_is_named_with_what_to_do(folder: Path) -> None:
    texts = ["1e999" if at == 4 else f"{at}.5" for at in range(600)]
    loans(600).assign(guarantee=texts).to_csv(folder / "loans.csv", index=False)
    result = checked(folder, "loans.parquet", "loans.csv")
    assert result.exit_code == 1
    assert (
        "wrong       guarantee: not a number in 1 row (0.2%), such as inf: so a number is read "
        "that no float holds, as 1e999 is; mend or empty it in the table, or say [contract] "
        'guarantee = { type = "category" } where these are codes'
    ) in result.output.splitlines()


def test_codes_with_zeros_in_front_are_not_taken_for_numbers(folder: Path) -> None:
    texts = ["N/A" if at % 9 == 4 else f"{at % 20:05d}" for at in range(600)]
    loans(600).assign(guarantee=texts).to_parquet(folder / "loans.parquet", index=False)
    assert "doubt" not in checked(folder).output


def test_what_is_to_be_written_of_a_column_is_toml_whatever_its_name(folder: Path) -> None:
    table = loans(600).rename(columns={"guarantee": "Umsatz (€)"})
    table["Umsatz (€)"] = ["-" if at % 9 == 4 else f"{at}.5" for at in range(600)]
    table.to_parquet(folder / "loans.parquet", index=False)
    result = checked(folder, '"guarantee"', '"Umsatz (€)"')
    assert '[contract] "Umsatz (€)" = { type = "number" }' in result.output


def test_times_that_are_no_iso_8601_are_told_with_how_to_say_their_format(folder: Path) -> None:
    table = loans(600)
    table["applied"] = table["applied"].dt.strftime("%d.%m.%Y %H:%M")
    table.to_parquet(folder / "loans.parquet", index=False)
    words = '[contract] applied = { format = "%d.%m.%Y %H:%M" }'
    assert words in checked(folder).output
    said = checked(folder, "seed = 7", "seed = 7\n" + words.replace("] ", "]\n"))
    assert said.exit_code == 0, said.output


def test_a_few_times_that_cannot_be_read_are_to_be_mended(folder: Path) -> None:
    table = loans(600)
    table["applied"] = table["applied"].dt.strftime("%Y-%m-%d %H:%M")
    table.loc[[3, 4], "applied"] = "yesterday"
    table.to_parquet(folder / "loans.parquet", index=False)
    said = checked(folder).output
    words = "in 2 rows (0.3%), such as 'yesterday': mend them in the table, or drop them in its"
    assert words in said
    assert "format" not in said


def test_windows_that_hold_too_few_rows_to_be_judged_are_named(folder: Path) -> None:
    result = checked(folder)
    words = (
        "window      about 47 rows in 7 days ([monitor] window_days): columns are judged from 100 "
        "rows up (minimum_rows), quality from 200 outcomes (minimum_outcomes)"
    )
    assert words in result.output.splitlines()
    long = checked(folder, "seed = 7", "seed = 7\n\n[monitor]\nwindow_days = 40")
    assert "window  " not in long.output


def test_windows_are_counted_in_all_rows_that_were_read(folder: Path) -> None:
    loans(3_000).to_parquet(folder / "loans.parquet", index=False)
    assert "window  " not in checked(folder).output


def test_a_folder_that_is_named_counts_beside_a_log_of_another_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "elsewhere" / ".millrace").mkdir(parents=True)
    (folder / "elsewhere" / ".millrace" / "shop.db").touch()
    monkeypatch.chdir(folder / "elsewhere")
    monkeypatch.delenv("MILLRACE_PROBLEM", raising=False)
    assert checked(folder).output.startswith("settings    loans: 5 features, 2 candidates")


def test_a_candidate_with_a_typo_is_told_beside_those_that_fit(folder: Path) -> None:
    search = "[search.logistic]\nparameters = { c = [1, 2], max_iter = [200] }\n"
    result = checked(folder, "{ max_iter = 30 }", f"{{ max_itr = 30 }}\n{search}")
    assert result.exit_code == 1
    assert "candidate   logistic: fitted on the rows checked" in result.output
    assert "wrong       candidate 'boosting': HistGradientBoostingClassifier has no parameter" in (
        result.output
    )
    (line,) = [line for line in result.output.splitlines() if "logistic with" in line]
    assert line == (
        "wrong       candidate 'logistic with c = 1': LogisticRegression has no parameter 'c'; did "
        "you mean 'C'?"
    )


def test_a_broken_contract_is_told_with_rows_and_examples(folder: Path) -> None:
    table = loans(600).astype({"income": object})
    table.loc[3, "income"] = " "
    table["income"] = table["income"].map(str)
    table.to_parquet(folder / "loans.parquet", index=False)
    result = checked(folder, "seed = 7", 'seed = 7\n[contract]\nincome = { type = "number" }\n')
    assert result.exit_code == 1
    assert "wrong       income: not a number in" in result.output


@pytest.mark.parametrize("classes", [["paid", "", "v2.0"], [3, 1, 2]])
def test_classes_of_texts_and_of_numbers_are_fitted(folder: Path, classes: list[object]) -> None:
    fates = [classes[row % len(classes)] for row in range(600)]
    loans(600).assign(defaulted=fates).to_parquet(folder / "loans.parquet")
    result = checked(folder, 'name = "loans"', 'name = "loans"\nkind = "multiclass"')
    assert result.exit_code == 0, result.output
    assert "candidate   logistic: fitted on the rows checked" in result.output
    listed = ", ".join(str(text) or "''" for text in sorted(classes, key=str))
    assert f"column      defaulted (target): category, may be missing, {listed}" in result.output


def test_a_target_of_two_classes_is_refused_for_several(folder: Path) -> None:
    fates = ["paid" if row % 2 else "late" for row in range(600)]
    loans(600).assign(defaulted=fates).to_parquet(folder / "loans.parquet")
    result = checked(folder, 'name = "loans"', 'name = "loans"\nkind = "multiclass"')
    assert result.exit_code == 1
    assert "wrong       the target 'defaulted' has 2 classes (late, paid): " in result.output


def test_a_target_of_one_value_is_refused(folder: Path) -> None:
    loans(600).assign(defaulted=1.0).to_parquet(folder / "loans.parquet")
    result = checked(folder)
    assert result.exit_code == 1
    assert "wrong       train has 360 rows with 1 class of 'defaulted'; both are needed" in (
        result.output
    )


def test_a_class_that_only_rows_in_between_have_is_known(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "ROWS_CHECKED", 50)
    late = [row % 5 == 2 and 50 <= row < 550 for row in range(600)]
    loans(600).assign(defaulted=late).to_parquet(folder / "loans.parquet")
    result = checked(folder)
    assert result.exit_code == 0, result.output
    assert (
        "loans.parquet: its first and last rows and some of each rarer class, 120 in all"
        in result.output
    )
    assert "candidate   logistic: fitted on the rows checked" in result.output


def test_the_split_is_said_and_what_it_cannot_be(folder: Path) -> None:
    lines = checked(folder).output.splitlines()
    train, _, holdout = (line for line in lines if line.startswith("split "))
    assert train == (
        "split       train: 353 rows, 2024-01-01 00:02 to 2024-02-23 07:34 (positive: 47.3%)"
    )
    assert holdout.startswith("split       holdout: 118 rows, 2024-03-")
    split = "split = { validation = 2031-01-01, holdout = 2031-02-01 }"
    result = checked(folder, "seed = 7", f"seed = 7\n{split}")
    assert result.exit_code == 1
    assert (
        "wrong       validation has 0 rows with 0 classes of 'defaulted'; both are needed: move "
        "the dates or shares in [split]"
    ) in result.output


def test_a_third_outcome_in_between_is_refused_as_training_refuses_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "ROWS_CHECKED", 50)
    texts = ["perhaps" if row == 300 else ("no", "yes")[row % 2] for row in range(600)]
    loans(600).assign(defaulted=texts).to_parquet(folder / "loans.parquet")
    result = checked(folder)
    assert result.exit_code == 1
    assert "holds values beside true and false: 'perhaps' (1)" in result.output
    two = ["late" if row == 300 else "paid" for row in range(600)]
    loans(600).assign(defaulted=two).to_parquet(folder / "loans.parquet")
    result = checked(folder, 'name = "loans"', 'name = "loans"\nkind = "multiclass"')
    assert "wrong       the target 'defaulted' has 2 classes (late, paid): " in result.output


def test_without_rows_the_source_is_not_read(folder: Path) -> None:
    (folder / "loans.parquet").unlink()
    result = checked(folder, "", "", "--no-rows")
    assert "source " not in result.output
    assert "NoSuchModel" in result.output


def test_who_learns_from_all_rows_is_said_in_vain_where_no_rows_are_sampled(folder: Path) -> None:
    name = 'name = "logistic"\n'
    found = checked(folder, name, f'{name}learns_from = "all"\n', "--no-rows")
    assert (
        "doubt       candidate 'logistic': learns_from = \"all\" has no effect without `rows` in "
        "[train]: each candidate learns from all rows"
    ) in found.output
    assert "no effect" not in checked(folder, "", "", "--no-rows").output
