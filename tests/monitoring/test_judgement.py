"""A window, judged: an ordinary one is ok, and every odd one has its own words."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.monitoring import findings, judgement, window
from shared.monitoring.window import Window
from shared.packaging.bundle import Bundle
from shared.settings import Settings
from tests.monitoring.traffic import minute, week


@pytest.fixture
def judged(bundle: Bundle, settings: Settings, tmp_path: Path):
    """Return a function that judges a frame as a file, or a window as it is."""

    def judge(traffic: pd.DataFrame | Window) -> dict[str, Any]:
        if isinstance(traffic, pd.DataFrame):
            traffic.to_parquet(tmp_path / "week.parquet")
            traffic = window.from_file(tmp_path / "week.parquet", bundle)
        found = findings.find(traffic, bundle, settings)
        return judgement.judge(found, traffic, bundle.digest, settings)

    return judge


def logged(rows: pd.DataFrame, **facts: Any) -> Window:
    now = datetime(2024, 4, 8, tzinfo=UTC)
    quiet = pd.DataFrame([minute(now)]).iloc[:0]
    return Window(
        **({"rows": rows, "source": "sqlite:///log.db", "start": now, "until": now}
        | {"read_at": now, "minutes": quiet, "newest": now} | facts)
    )  # fmt: skip


def words(verdict: dict[str, Any]) -> list[tuple[str, str]]:
    return [(reason["level"], reason["what"]) for reason in verdict["reasons"]]


def test_an_ordinary_week_is_ok(judged, bundle: Bundle) -> None:
    verdict = judged(week())
    assert (verdict["verdict"], verdict["reasons"]) == ("ok", [])
    assert verdict["words"] == "Ok: nothing passed its threshold"
    assert verdict["notes"] == []
    assert (verdict["rows"], verdict["bundle"]) == (400, bundle.digest)
    assert verdict["start"].startswith("2024-04-01T")
    assert verdict["until"].startswith("2024-04-07T")


def test_a_change_of_units_is_watched_and_named_first(judged) -> None:
    verdict = judged(week().assign(income=lambda frame: frame["income"] * 12))
    assert verdict["verdict"] == "watch"
    assert verdict["reasons"][0]["what"] == "income has shifted"
    assert verdict["reasons"][0]["number"] > verdict["reasons"][0]["threshold"] == 0.5
    assert "income" in verdict["next_action"]


def test_an_empty_column_is_a_lost_feed_told_once(judged) -> None:
    verdict = judged(week().assign(income=np.nan))
    assert words(verdict)[0] == ("act", "income is empty: its feed is lost")
    # Here the contract forbids the gaps as well.
    verdict = judged(week().assign(region=None))
    assert words(verdict)[0] == ("act", "region is empty: its feed is lost")
    assert not [what for _, what in words(verdict)[1:] if "region" in what]


def test_a_constant_column_is_watched(judged) -> None:
    verdict = judged(week().assign(region="south"))
    assert ("watch", "region is constant") in words(verdict)


def test_a_column_that_a_file_lacks_breaks_the_contract_and_leaves_no_score(judged) -> None:
    verdict = judged(week().drop(columns="age"))
    assert words(verdict) == [("act", "age: the column is missing")]
    assert any("could not answer the file's rows" in note for note in verdict["notes"])
    assert "Quality is not judged: the rows have no probability." in verdict["notes"]


def test_new_categories_are_a_reason_or_if_few_a_note(judged) -> None:
    many = week().assign(region=lambda f: f["region"].mask(f.index < 40, "west"))
    assert ("watch", "region holds new categories (west)") in words(judged(many))
    few = judged(week().assign(region=lambda f: f["region"].mask(f.index < 4, "west")))
    assert few["verdict"] == "ok"
    assert few["notes"] == ["region: not a known category in 4 rows (1.0%), such as west."]


def test_one_row_outside_a_given_range_is_acted_upon(judged) -> None:
    verdict = judged(week().assign(age=lambda f: f["age"].mask(f.index == 7, 200)))
    assert words(verdict)[0] == ("act", "age: outside 18 to 120 (200)")


def test_a_repeated_key_is_a_note(judged) -> None:
    verdict = judged(week().assign(loan=lambda f: f["loan"].mask(f.index == 1, f["loan"][0])))
    assert verdict["verdict"] == "ok"
    assert verdict["notes"] == ["loan: not unique in 2 rows (0.5%), such as L1-000000."]


def test_a_lost_order_is_a_proven_loss_of_quality(judged) -> None:
    verdict = judged(week(1_000).assign(probability=lambda f: np.linspace(0.05, 0.6, len(f))))
    assert ("act", "quality") in [(r["level"], r["stage"]) for r in verdict["reasons"]]
    assert "promised" in verdict["words"]


def test_one_row_is_too_few_to_judge_by_shares(judged) -> None:
    verdict = judged(week().tail(1).assign(income=np.nan, guarantee=None))
    assert (verdict["verdict"], verdict["state"]) == ("watch", "too few rows")
    assert verdict["words"] == "Watch: too few rows to judge"
    assert "Shares and distances are judged from 100 rows on" in verdict["notes"][0]
    broken = judged(week().tail(1).assign(age=200))
    assert words(broken) == [("act", "age: outside 18 to 120 (200)")]


@pytest.mark.parametrize(
    ("outcome", "note"),
    [
        (np.nan, "Quality is not judged: of 400 rows due, none has an outcome."),
        (1.0, "Quality is not judged: all 400 outcomes are of one class"),
    ],
)
def test_outcomes_that_tell_nothing_are_a_note(judged, outcome: float, note: str) -> None:
    assert [n for n in judged(week().assign(defaulted=outcome))["notes"] if n.startswith(note)]


def test_a_file_without_outcomes_is_ok_with_a_note(judged) -> None:
    verdict = judged(week().drop(columns="defaulted"))
    assert verdict["verdict"] == "ok"
    assert verdict["notes"] == ["Quality is not judged: the file has no outcomes."]


def test_no_outcome_due_yet_is_a_note_with_the_time_of_the_first(judged, bundle: Bundle) -> None:
    rows = week().assign(
        applied=pd.Timestamp("2124-04-01T10:00", tz="UTC"),
        outcome=np.nan,
        probability=bundle.probabilities,
    )
    verdict = judged(logged(rows))
    assert verdict["verdict"] == "ok"
    assert verdict["notes"] == [
        "Quality is not judged yet: no outcome is due, the first at 2124-04-01 10:00 UTC."
    ]


@pytest.mark.parametrize(
    ("facts", "state", "note"),
    [
        ({"newest": None}, "no log", "There is no prediction in sqlite:///log.db."),
        ({}, "empty", "The newest row of the log is of 2024-04-08 00:00 UTC."),
        (
            {"others": 7},
            "other bundles",
            "7 rows of the span were answered by other bundles: left out here.",
        ),
    ],
)
def test_an_empty_window_says_of_which_kind_it_is(
    judged, facts: dict[str, Any], state: str, note: str
) -> None:
    verdict = judged(logged(week().iloc[:0].assign(probability=0.0, outcome=0.0), **facts))
    assert (verdict["verdict"], verdict["state"], verdict["notes"]) == ("watch", state, [note])


def test_an_empty_file_is_an_empty_window(judged) -> None:
    verdict = judged(week().iloc[:0])
    assert (verdict["words"], verdict["start"]) == ("Watch: the window is empty", None)


def test_a_service_that_went_silent_is_a_note(judged, bundle: Bundle) -> None:
    at = [datetime(2024, 4, 8, 12, number, tzinfo=UTC) for number in (0, 9)]
    rows = week().assign(probability=bundle.probabilities(week()), outcome=week()["defaulted"])
    verdict = judged(logged(rows, minutes=pd.DataFrame([minute(a) for a in at])))
    assert verdict["verdict"] == "ok"
    assert "reported nothing in 8 minutes" in verdict["notes"][0]
