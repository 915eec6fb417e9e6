"""A single prediction is found in the log by its id or its key, of SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.log import look_up
from shared.log.prediction_log import PredictionLog
from tests.log.loans import LATE, MakeLog, late


def test_a_prediction_is_found_by_its_id_in_each_role(named_log: PredictionLog) -> None:
    named_log.predictions.append([late(1), late(2), late(1, "challenger")])
    found = look_up.find("loans", "p1")
    assert [(one.row["key"], one.row["role"]) for one in found] == [
        ("L1", "challenger"),
        ("L1", "champion"),
    ]
    row = found[0].row
    assert (row["region"], row["income"], row["prediction"], row["probability"]) == (
        *("süd", 2.5),
        *(False, 0.25),
    )
    assert row["time"].tzinfo == UTC
    assert (row["time"] - LATE).total_seconds() == 60


def test_a_key_has_all_its_predictions_the_newest_first(named_log: PredictionLog) -> None:
    named_log.predictions.append([late(at) | {"key": "again"} for at in (3, 5, 4)] + [late(6)])
    assert [one.row["prediction_id"] for one in look_up.find("loans", "again")] == [
        *("p5", "p4", "p3")
    ]
    assert len(look_up.find("loans", "again", most=2)) == 2


def test_the_outcome_that_counts_comes_first_and_what_it_corrected_after(
    named_log: PredictionLog,
) -> None:
    named_log.predictions.append([late(1)])
    assert look_up.find("loans", "p1")[0].outcomes == ()
    named_log.outcomes.add({"L1": False})
    named_log.outcomes.add({"L1": True})
    (found,) = look_up.find("loans", "L1")
    assert [value for value, _ in found.outcomes] == [True, False]
    assert all(at.tzinfo == UTC for _, at in found.outcomes)


@pytest.mark.parametrize("wanted", ["nobody", "", "p1' OR '1'='1", "%", "ü" * 300, "p1\0"])
def test_what_is_not_there_is_not_found(named_log: PredictionLog, wanted: str) -> None:
    named_log.predictions.append([late(1)])
    assert look_up.find("loans", wanted) == ()


def test_a_key_that_is_a_number_is_found_as_one(
    make_log: MakeLog, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", address)
    log = make_log({"income": "number", "region": "category"}, key="integer")
    log.predictions.append([late(1) | {"key": 17}, late(2) | {"key": -3}])
    assert [one.row["key"] for one in look_up.find("loans", "17")] == [17]
    assert [one.row["key"] for one in look_up.find("loans", "-3")] == [-3]
    for wanted in ("seventeen", "17.0", "9" * 40, "--3", "-", "²"):
        assert look_up.find("loans", wanted) == ()


def test_without_a_log_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILLRACE_LOG", raising=False)
    monkeypatch.chdir(tmp_path)
    find: Callable[[str, str], object] = look_up.find
    with pytest.raises(Refusal, match="no prediction log at"):
        find("loans", "p1")
    assert not (tmp_path / ".millrace").exists()
