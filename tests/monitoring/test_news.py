"""A verdict's incidents in words for people, and the lines that a run ends with."""

from typing import Any

from shared.events.alerts import Alert, Message
from shared.model.verdict import Verdict, read_verdict
from shared.monitoring import news

INCIDENT = {
    "subject": "temp",
    "level": "act",
    "what": "temp looks like Celsius",
    "since": "2013-05-13T00:00:00+00:00",
    "windows": 2,
    "change": "worse",
}


def verdict(**values: Any) -> Verdict:
    """Return a verdict as a run has kept it: nothing to do, but for what is given."""
    kept = {
        "verdict": "ok",
        "words": "Nothing to do",
        "reasons": [],
        "state": "judged",
        "bundle": "b" * 64,
        "source": "week.parquet",
        "other_rows": 0,
        "judged_at": "2013-06-01T00:00",
        "problem": "flights",
        "next_action": "Nothing.",
        "start": None,
        "until": None,
        "rows": 6_500,
    }
    return read_verdict(kept | values)


def test_only_news_is_sent() -> None:
    act = {"verdict": "act", "words": "Act: temp looks like Celsius", "next_action": "Ask."}
    lasting = INCIDENT | {"change": "lasting"}
    both = verdict(**act, incidents=[INCIDENT, lasting | {"subject": "dewp"}])
    told = news.message(both, "MonitorFlow/7")
    assert told is not None
    assert told.title == "[act] flights: temp looks like Celsius (got worse)"
    assert "- act, got worse, since 2013-05-13, seen in 2 windows: temp looks like" in told.body
    assert "6,500 rows. Run: MonitorFlow/7." in told.body
    assert news.message(verdict(**act, incidents=[lasting]), "MonitorFlow/7") is None


def test_a_run_ends_with_the_verdict_and_what_became_of_each_alert_and_event() -> None:
    alert = Alert(Message("temp", "closed"), "MonitorFlow/7", "hash", "json://host/", 1, None)
    event = {
        "event": {"event": "verdict.changed"},
        "to": "https://ci/…",
        "error": "it answered 503",
    }
    assert news.closing_words(verdict(), [alert], [event]) == [
        "verdict of flights: Nothing to do (6,500 rows)",
        "next: Nothing.",
        "alert to json://host/: delivered",
        "verdict.changed to https://ci/…: it answered 503",
    ]


def test_the_window_stands_behind_the_verdict_and_each_further_reason_in_a_line() -> None:
    reason = {
        "column": None,
        "stage": "inputs",
        "level": "watch",
        "number": 2.0,
        "threshold": 1.0,
        "unit": "of rows",
        "next_step": "Ask.",
    }
    reasons = [{**reason, "what": f"column {n} has shifted"} for n in range(11)]
    span = {"start": "2013-05-13T00:00:00+00:00", "until": "2013-05-20T00:00:00+00:00"}
    found = news.verdict_lines(
        verdict(words="Watch: column 0, and 10 more", reasons=reasons, **span)
    )
    assert found[0] == (
        "verdict of flights: Watch: column 0, and 10 more "
        "(2013-05-13 00:00 to 2013-05-20 00:00 UTC, 6,500 rows)"
    )
    assert found[1] == "  watch: column 1 has shifted"
    assert found[-2:] == ["  watch: column 8 has shifted", "  and 2 more, on the run's card"]
