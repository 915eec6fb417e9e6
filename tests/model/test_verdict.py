"""A verdict comes back as it was kept, and those of older versions are read."""

from shared.model.verdict import read_verdict

OLD = {
    "verdict": "act",
    "words": "Act: log loss is 0.756 where 0.490 was promised",
    "reasons": [
        {
            "level": "act",
            "stage": "quality",
            "what": "log loss is 0.756 where 0.490 was promised",
            "column": None,
            "number": 0.266,
            "threshold": 0.127,
            "unit": "lost",
            "next_step": "Train again.",
            "usual": "the largest of 16 ordinary spans of 7 days was 0.0766",
            "likely": "inputs have other outcomes now",
            "beside": [],
        }
    ],
    "next_action": "Train again.",
    "challengers": [
        {
            "challenger": "c" * 64,
            "rows": 900,
            "received": 800,
            "own": {"log_loss": {"value": 0.7, "low": 0.6, "high": 0.8}},
            "theirs": {"log_loss": {"value": 0.6, "low": 0.5, "high": 0.7}},
            "differences": {"log_loss": {"value": -0.1, "low": -0.2, "high": -0.05}},
            "better": ["log_loss"],
            "worse": [],
        }
    ],
    "notes": [],
    "state": "judged",
    "problem": "flights",
    "bundle": "b" * 64,
    "source": "week.parquet",
    "start": "2013-06-24T00:00:00+00:00",
    "until": "2013-07-01T00:00:00+00:00",
    "rows": 6_702,
    "other_rows": 0,
    "judged_at": "2013-07-02T00:00:00+00:00",
}


def test_a_verdict_of_an_older_version_is_read_by_its_keys_of_then() -> None:
    verdict = read_verdict(OLD)
    (reason,) = verdict.reasons
    assert (verdict.level, verdict.incidents) == ("act", None)
    assert reason.baseline == "the largest of 16 ordinary spans of 7 days was 0.0766"
    assert (reason.likely_cause, reason.subject) == ("inputs have other outcomes now", "quality")
    assert verdict.comparisons[0].differences["log_loss"].value == -0.1


def test_what_a_run_keeps_is_plain_and_comes_back_equal() -> None:
    verdict = read_verdict(OLD)
    assert read_verdict(verdict.plain()) == verdict
    assert verdict.plain()["verdict"] == "act"
    assert "usual" not in verdict.plain()["reasons"][0]


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert read_verdict(OLD | {"colour": "red"}) == read_verdict(OLD)
