"""What is in a log is told without a contract, of SQLite and PostgreSQL."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.log import contents
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from tests.log.loans import LATE, late


def test_the_summary_counts_rows_answers_and_outcomes(named_log: PredictionLog) -> None:
    named_log.predictions.append([late(at) for at in range(4)] + [late(0, "challenger")])
    named_log.outcomes.add({"L0": True, "L1": False, "gone": True})
    found = contents.summary("loans")
    assert {name: table.rows for name, table in found.tables.items()} == {
        "predictions": 5,
        "outcomes": 3,
        "service_minutes": 0,
    }
    assert found.tables["predictions"].last == LATE + timedelta(minutes=3)
    assert [(made["role"], made["rows"]) for made in found.answers] in (
        [("champion", 4), ("challenger", 1)],
        [("challenger", 1), ("champion", 4)],
    )
    assert found.with_outcome == 2
    assert found.address == named_log.address
    assert named_log.predictions.count(["p0", "p1", "p3", "gone"]) == (3, 2)


def test_an_empty_log_has_a_summary(named_log: PredictionLog) -> None:
    found = contents.summary("loans")
    assert (found.with_outcome, found.answers, found.tables["predictions"].first) == (0, (), None)


def test_a_log_of_another_problem_is_refused_in_words(named_log: PredictionLog) -> None:
    with pytest.raises(Refusal, match=r"no log of the problem flights \(it has loans\)"):
        contents.summary("flights")


def test_where_there_is_no_log_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    with pytest.raises(Refusal, match="no prediction log at"):
        contents.summary("loans")
    assert list(tmp_path.iterdir()) == []


def test_the_logs_beside_one_that_is_not_there_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MILLRACE_LOG", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".millrace").mkdir()
    for name in ("rent", "loans"):
        (tmp_path / ".millrace" / f"{name}.db").touch()
    with pytest.raises(Refusal, match="--problem names another one, and here .* loans, rent$"):
        contents.summary("flights")


def test_whoever_looks_into_a_log_waits_for_no_import_that_only_its_rows_need() -> None:
    code = (
        "import sys; from shared.log import contents; print({'pandas', 'pyarrow'} & {*sys.modules})"
    )
    words = [sys.executable, "-c", code]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert said == "set()\n"


def test_which_problems_have_a_log_is_known_without_opening_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MILLRACE_LOG", raising=False)
    assert contents.with_log(["loans", "cars"]) == {"loans": False, "cars": False}
    (tmp_path / ".millrace").mkdir()
    (tmp_path / ".millrace" / "cars.db").write_text("no database")
    assert contents.with_log(["loans", "cars"]) == {"loans": False, "cars": True}


def test_a_database_that_all_share_says_which_problems_it_has(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'all.db'}")
    assert contents.with_log(["loans", "cars"]) == {"loans": False, "cars": False}
    log = PredictionLog("cars", bundle.contract)
    log.prepare()
    log.close()
    assert contents.with_log(["loans", "cars"]) == {"loans": False, "cars": True}
    (tmp_path / "all.db").write_text("no database" * 100)
    assert contents.with_log(["loans", "cars"]) == {"loans": False, "cars": False}
    monkeypatch.setenv("MILLRACE_LOG", "nowhere")
    assert contents.with_log(["loans"]) == {"loans": False}
