"""`millrace show`: a run with what it made, what it came from and what came of it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from shared import command_words
from shared.cli import main
from shared.cli.history import showing
from shared.runs.one_run.run_contents import RunContents, StepState
from shared.runs.one_run.run_description import RunDescription
from tests.conftest import House
from tests.runs.runs import record

SCORE = {"value": 0.5, "low": 0.4, "high": 0.6}
EVALUATION = {"passed": True, "candidate": "boosting", "rows": 1_200, "scores": {"roc_auc": SCORE}}


def test_a_run_is_shown_in_lines_that_each_say_one_thing() -> None:
    unsupported = {"since": "2024-05-20T00:00+00:00", "unsupported": "cannot tell: too few rows"}
    explored = {"rows": 9, "explored": 2, "judged": 1, "unsupported": "cannot tell: 2 rows"}
    more = {"off_policy": unsupported, "explored": explored}
    trained = record("TrainFlow/1", evaluation=EVALUATION | more)
    steps = (
        StepState("load", 1, 1, 0, ("facts", "table")),
        StepState("fit", 3, 2, 1, ("result",)),
        StepState("evaluate", 1, 0, 1, ()),
    )
    given = {"data": "latest", "until": None, "served": False}
    made = record("PackageFlow/22", digest="b" * 64)
    offspring, data = (("packaged by", made),), {"source": "loans.parquet", "rows": 3_000}
    contents = RunContents(steps, (), given, "", "c0ffee")
    described = RunDescription(trained, contents, (), offspring, data)
    assert list(showing.described_lines(described)) == [
        "TrainFlow/1  done",
        "problem      loans, on user.ada, by ada",
        "began        2024-06-01 10:00 UTC",
        "step         load: facts, table",
        "step         fit, 2 of 3 done: result",
        "step         evaluate, 0 of 1 done: nothing kept",
        "parameter    data = latest",
        "data         source: loans.parquet",
        "data         rows: 3000",
        "code         commit c0ffee",
        "model        boosting, which passed its gates",
        "judged       on 1,200 rows held out, with 95% intervals",
        "             ROC AUC                   0.5000 [0.4000, 0.6000]",
        "off-policy   cannot tell: too few rows",
        "explored     cannot tell: 2 rows",
        "packaged by  PackageFlow/22, done",
        "cards        none",
        "\nin Python:",
        "  from metaflow import Run, namespace",
        "  from shared import lineage  # reads frames that runs keep as Parquet",
        "  namespace(None)",
        '  run = Run("TrainFlow/1")',
        '  run["fit"].task.data.result',
        "again, with the same settings:",
        f"  {command_words.millrace('settings', 'TrainFlow/1')} > then.toml",
        f"  {command_words.flow('train')} --config settings then.toml run --data latest",
    ]


def test_a_decision_is_not_offered_to_be_made_again() -> None:
    contents = RunContents((), (), {"decision": "approve"}, "", None)
    decided = RunDescription(record("ReviewFlow/3"), contents, (), (), {})
    assert not [line for line in showing.described_lines(decided) if "again" in line]


@pytest.mark.flow
def test_a_real_run_is_shown_by_its_number_and_its_cards_are_written(
    trained_house: House, at_house: House, tmp_path: Path
) -> None:
    from shared.runs import records

    run = next(records.newest({"flow": "TrainFlow", "problem": "loans"})).run
    result = CliRunner().invoke(main, ["show", run, "--cards", str(tmp_path / "cards")])
    assert result.exit_code == 0, result.output
    assert f"TrainFlow/{run}  may be packaged" in result.output
    assert "log loss" in result.output
    pages = [line.split()[1] for line in result.output.splitlines() if line.startswith("card ")]
    assert f"{tmp_path}/cards/TrainFlow-{run}-evaluate-evaluation.html" in pages
    assert all(Path(page).is_file() for page in pages)


def test_an_unknown_run_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["show", "7"], ["settings", "7"], ["diff", "7", "8"]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1
        assert result.output == (
            "Error: no run '7' is here: give FLOW/RUN, a run's number, or 8 digits of a bundle or "
            f"more; `{command_words.millrace('runs')}` lists them\n"
        )
