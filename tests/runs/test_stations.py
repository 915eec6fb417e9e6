"""How runs of each flow stand, in the flow's own words."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from metaflow.exception import MetaflowException, MetaflowExceptionWrapper

from shared.errors import Refusal
from shared.lineage import endings
from shared.runs import stations


def judged(level: str) -> dict[str, Any]:
    """Return what a MonitorFlow run keeps of its verdict on a week."""
    text = dict.fromkeys(("words", "next_action", "problem", "bundle", "source", "judged_at"), "")
    span = {"start": "2024-06-03T00:00:00+00:00", "until": "2024-06-10T00:00:00+00:00"}
    rows = {"rows": 9, "other_rows": 0, "state": "judged", "reasons": ()}
    return text | span | rows | {"verdict": level}


@pytest.mark.parametrize(
    ("flow", "found", "stands"),
    [
        ("TrainFlow", {"evaluation": {"passed": True}}, ("good", "may be packaged")),
        ("TrainFlow", {"evaluation": {"passed": False}}, ("bad", "may not be packaged")),
        ("PackageFlow", {}, ("good", "verified")),
        ("ReviewFlow", {"decision": {"decision": "approve"}}, ("good", "approved")),
        ("ReviewFlow", {"decision": {"decision": "reject"}}, ("bad", "rejected")),
        ("ReviewFlow", {"decision": {"decision": "rollback"}}, ("warn", "rolled back")),
        ("IngestFlow", {"ingested": {"new": 1_200, "rejected": 0}}, ("good", "1,200 new")),
        ("ScoreFlow", {"answered": {"answered": 7, "refused": 1}}, ("warn", "7 answered")),
        ("MonitorFlow", {"verdict": judged("ok")}, ("good", "3 to 9 June 2024, ok")),
        ("MonitorFlow", {"verdict": judged("act")}, ("bad", "3 to 9 June 2024, act")),
        ("MonitorFlow", {"verdict": judged("watch") | {"start": None}}, ("warn", "watch")),
    ],
)
def test_a_run_is_told_in_its_stations_own_word(
    flow: str, found: dict[str, Any], stands: tuple[str, str]
) -> None:
    assert stations.mood_and_word(flow, found) == stands


def test_a_flow_is_meant_by_its_name_or_its_file() -> None:
    assert {stations.flow_named(word) for word in ("train", "TrainFlow", "TRAIN")} == {"TrainFlow"}
    with pytest.raises(Refusal, match="no flow 'training'; there are ingest, train, package"):
        stations.flow_named("training")


@pytest.mark.parametrize(
    ("state", "minutes", "settled"),
    [
        ("done", 0, True),
        ("failed", 14, False),
        ("failed", 16, True),
        # Nothing says when: it cannot be read, or has failed just now.
        ("failed", None, False),
        ("running", None, False),
        ("running", 16, False),
    ],
)
def test_nothing_changes_of_what_is_done_or_failed_a_while_ago(
    state: str, minutes: int | None, settled: bool
) -> None:
    now = datetime(2024, 6, 3, 12, tzinfo=UTC)
    ended = (now - timedelta(minutes=minutes)).isoformat() if minutes is not None else None
    stands = stations.Standing(state, "bad", state, finished=ended)
    assert stands.is_settled(now - timedelta(hours=1), now) is settled
    assert stands.is_settled(now - timedelta(days=3), now)


def failed(exception: Any) -> Any:
    """Return a run with one step and one task, which failed so."""
    return [[SimpleNamespace(exception=exception)]]


def test_a_run_that_failed_says_why_in_one_line() -> None:
    try:
        raise MetaflowException("the source is not there\n\nno file at loans.parquet\n")
    except MetaflowException as error:
        wrapped = MetaflowExceptionWrapper(error)
    assert endings.failure(failed(wrapped)) == "no file at loans.parquet"
    assert endings.failure(failed(None)) == ""
    assert endings.failure(failed(ValueError())) == "it failed"
