"""A verdict's incidents in words for people, and the lines that a run ends with."""

from shared.events.alerts import Alert, Message
from shared.model.verdict import read_verdict
from shared.monitoring import news


def test_only_news_is_sent() -> None:
    incident = {
        "subject": "temp",
        "level": "act",
        "what": "temp looks like Celsius",
        "since": "2013-05-13T00:00:00+00:00",
        "windows": 2,
        "change": "worse",
    }
    kept = {
        "verdict": "act",
        "words": "Act: temp looks like Celsius",
        "reasons": [],
        "state": "judged",
        "bundle": "b" * 64,
        "source": "week.parquet",
        "other_rows": 0,
        "judged_at": "2013-06-01T00:00",
        "problem": "flights",
        "next_action": "Ask.",
        "start": None,
        "until": None,
        "rows": 6_500,
        "incidents": [incident, {**incident, "subject": "dewp", "change": "lasting"}],
    }
    told = news.message(read_verdict(kept), "MonitorFlow/7")
    assert told is not None
    assert told.title == "[act] flights: temp looks like Celsius (got worse)"
    assert "- act, got worse, since 2013-05-13, seen in 2 windows: temp looks like" in told.body
    assert "6,500 rows. Run: MonitorFlow/7." in told.body
    kept["incidents"] = [{**incident, "change": "lasting"}]
    assert news.message(read_verdict(kept), "MonitorFlow/7") is None


def test_a_run_ends_with_the_verdict_and_what_became_of_each_alert_and_event() -> None:
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
    alert = Alert(Message("temp", "closed"), "MonitorFlow/7", "hash", "json://host/", 1, None)
    event = {
        "event": {"event": "verdict.changed"},
        "to": "https://ci/…",
        "error": "it answered 503",
    }
    assert news.closing_words(read_verdict(kept), [alert], [event]) == [
        "verdict of flights: Nothing to do",
        "next: Nothing.",
        "alert to json://host/: delivered",
        "verdict.changed to https://ci/…: it answered 503",
    ]
