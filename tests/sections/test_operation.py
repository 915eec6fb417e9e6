"""The settings of flows and of the server say what contradicts."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.sections.operation import Ingest, Monitor, Review
from shared.sections.section import Section


@pytest.mark.parametrize(
    ("section", "values", "words"),
    [
        (
            Review,
            {"reviewers": ("Ada", " ada "), "approvals": 2},
            "the reviewers that are named: 1",
        ),
        (Ingest, {"origin": "a.csv", "query": "SELECT 1"}, "not both"),
        (Monitor, {"schedule": "daily"}, "pattern"),
    ],
)
def test_a_contradiction_is_refused(
    section: type[Section], values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        section(**values)


def test_no_schedule_is_a_schedule() -> None:
    assert Monitor(schedule="").schedule == ""
