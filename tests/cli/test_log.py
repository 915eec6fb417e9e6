"""`millrace outcomes`: labels of a file."""

import subprocess
from pathlib import Path

import pandas as pd

from shared.model.bundle import Bundle
from tests.conftest import loans
from tests.serving.processes import MILLRACE, clean, counts, done


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
    finished = subprocess.run(
        [str(MILLRACE), "outcomes", "more.csv", *taken],
        cwd=tmp_path,
        env=clean(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "row 1, key 'A1', label 'maybe': defaulted: not a boolean" in finished.stderr
    assert counts(finished.stdout)["added"] == 1
    assert len(pd.read_csv(tmp_path / "more.csv.refused.csv")) == 1
