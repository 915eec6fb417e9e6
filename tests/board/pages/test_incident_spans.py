"""Incidents over time."""

from typing import Any

from shared.board.pages.incident_spans import incident_spans
from shared.model.verdict import Incident, Verdict
from tests.runs.test_stations import judged


def verdict(day: int, **changes: Any) -> Verdict:
    """Return a verdict on a day of June with incidents: subjects, each with what became of it."""
    found = Verdict.model_validate(judged("watch") | {"until": f"2024-06-{day:02}T00:00:00+00:00"})
    incidents = tuple(
        Incident(
            subject=subject,
            level="watch",
            what=f"{subject} moved",
            since="2024-06-01T00:00:00+00:00",
            windows=day,
            change=change,
        )
        for subject, change in changes.items()
    )
    return found.model_copy(update={"incidents": incidents})


def test_an_incident_is_told_from_its_first_window_to_its_last() -> None:
    trail = [
        verdict(2, age="opened"),
        verdict(3, age="lasting", region="opened"),
        verdict(4, age="closed", region="worse"),
    ]
    spans = list(incident_spans(trail))
    assert [(s.subject, s.closed, s.until, s.windows) for s in spans] == [
        ("region", False, "2024-06-04", 2),
        ("age", True, "2024-06-03", 3),
    ]


def test_one_that_only_its_end_is_left_of_is_not_told() -> None:
    assert list(incident_spans([verdict(2, age="closed")])) == []


def test_one_that_comes_back_is_told_twice() -> None:
    trail = [verdict(2, age="opened"), verdict(3, age="closed"), verdict(4, age="opened")]
    assert [s.closed for s in incident_spans(trail)] == [False, True]
