"""`millrace outcomes`: labels of a file."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from shared.cli import main
from shared.model.bundle import Bundle
from tests.commands import counts, done, run
from tests.conftest import loans


def test_labels_of_a_file_are_taken_and_mistakes_listed_beside_it(
    bundle: Bundle, tmp_path: Path
) -> None:
    table = loans(50)[["loan", "defaulted"]]
    table.to_csv(tmp_path / "labels.csv", index=False)
    taken = ("--bundle", str(bundle.path))
    found = counts(done(tmp_path, "outcomes", "labels.csv", *taken))
    assert (found["received"], found["added"]) == (50, int(table["defaulted"].notna().sum()))
    assert counts(done(tmp_path, "outcomes", "labels.csv", *taken))["added"] == 0
    (tmp_path / "more.csv").write_text("loan,defaulted\nA1,maybe\nA2,1\n")
    finished = run(tmp_path, "outcomes", "more.csv", *taken)
    assert finished.returncode == 1
    assert "row 1, key 'A1', label 'maybe': defaulted: not a boolean" in finished.stderr
    assert counts(finished.stdout)["added"] == 1
    assert len(pd.read_csv(tmp_path / "more.csv.refused.csv")) == 1


def test_a_file_that_is_written_otherwise_than_the_settings_say_is_taken_as_the_options_say(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels.csv").write_text("loan;defaulted;note\nA1;1;caf\xe9\nA2;0;\n", "cp1252")

    def taken(*words: str) -> Result:
        return CliRunner().invoke(
            main, ["outcomes", "labels.csv", "--bundle", str(bundle.path), *words]
        )

    assert (
        "of this file alone, --delimiter, --decimal, --thousands and --encoding say it"
        in taken().output
    )
    done = taken("--delimiter", ";", "--encoding", "cp1252")
    assert done.exit_code == 0, done.output
    assert counts(done.output)["added"] == 2
    words = (
        "note: 2 labels are of keys that no prediction in the log has; they count when one comes"
    )
    assert words in done.output.splitlines()
    Path("labels.csv").write_text("loan,defaulted\n")
    assert "note: 0 outcomes: labels.csv has no rows" in taken().output.splitlines()
    assert "--delimiter ';;': String should match" in taken("--delimiter", ";;").output
    assert "',' cannot be the delimiter and the decimal" in taken("--decimal", ",").output
