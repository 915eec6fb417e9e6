"""`millrace diff`: what differs between two runs, in lines."""

import re

import pytest
from click.testing import CliRunner

from shared.cli import main
from shared.cli.history import comparing
from shared.runs.comparing.sides import Side
from tests.conftest import House
from tests.runs.runs import side


def test_scores_rows_data_settings_and_code_of_two_runs(two_sides: list[Side]) -> None:
    settings = two_sides[1].trained["_parameters"].task["settings"]
    settings.data = settings.data | {"seed": 8}
    evaluation = two_sides[1].trained["evaluate"].task["evaluation"]
    unsupported = {"since": "2024-05-20", "unsupported": "cannot tell: too few rows"}
    evaluation.data = evaluation.data | {"off_policy": unsupported}
    second = side("B", "TrainFlow/2", two_sides[1].trained)
    lines = list(comparing.difference_lines([two_sides[0], second]))
    text = "\n".join(lines)
    assert lines[:2] == [
        "A  TrainFlow/1: boosting, passed",
        "B  TrainFlow/2: logistic, passed",
    ]
    assert re.search(r"^log loss +0\.\d{4} \[.*\] +0\.\d{4} \[.*\]$", text, re.MULTILINE)
    assert "\nleaderboard by log loss, on the validation rows of each" in lines
    assert re.search(r"^logistic +not there +0\.\d{4} \[.*\]$", text, re.MULTILINE)
    assert re.search(r"^broken +failed +failed$", text, re.MULTILINE)
    assert re.search(r"^boosting +0\.\d{4} \[.*\] +not there$", text, re.MULTILINE)
    assert re.search(r"^B less A on [\d,]+ rows that both held out, paired$", text, re.MULTILINE)
    assert re.search(r"^Rows +3,000 +3,001$", text, re.MULTILINE)
    assert "\noff-policy, each beside the champion of then\nB  cannot tell: too few rows" in text
    assert "Columns" not in text
    assert '\x1b[31m-  "seed": 7' in text
    assert '\x1b[32m+  "seed": 8' in text
    assert "\ncontract: the same" in lines
    assert lines[-1] == "the commit is the same"


def test_runs_without_common_rows_say_so(two_sides: list[Side]) -> None:
    rows = two_sides[1].trained["evaluate"].task["reference"]
    rows.data = rows.data.assign(loan="other " + rows.data["loan"])
    lines = list(comparing.difference_lines(two_sides))
    assert "\nno scores in pairs: no row was held out by both with the same outcome" in lines


@pytest.mark.flow
def test_a_real_run_and_its_bundle_differ_in_nothing(
    packaged_house: House, at_house: House
) -> None:
    from shared.runs import records

    packaged = next(records.newest({"flow": "PackageFlow", "problem": "loans", "state": "done"}))
    trained = packaged.facts["training_run"]
    result = CliRunner().invoke(main, ["diff", trained, packaged.facts["digest"][:12]])
    assert result.exit_code == 0, result.output
    assert f"B  {packaged.pathspec}, trained by {trained}" in result.output
    assert "settings: the same" in result.output
    assert "+0.0000 [+0.0000, +0.0000]" in result.output
    assert "\x1b" not in result.output
