"""Checks that cannot find anything are named, with their columns, and no others."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.baseline.statistics import Statistic
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.wording.blind_checks import blind_notes
from shared.profiles.gram import HOUR
from tests.profiles.rows import PLAN

VARIED = "in the model's history, or by chance in so few rows,"
ENDS = "varied so much that no such window would stand out."


def told(*deviations: tuple[str, str, float]) -> list[str]:
    found = tuple(
        Deviation(Statistic(check, column), 0.1, threshold, 0.5, 24, 30)
        for check, column, threshold in deviations
    )
    case: Any = SimpleNamespace(baseline=SimpleNamespace(plan=PLAN))
    findings: Any = SimpleNamespace(deviations=found)
    return blind_notes(case, findings)


def test_columns_of_which_nothing_can_be_found_are_named_by_what_is_not_judged() -> None:
    assert told(
        ("distance", "x", 0.49),
        ("distance", "colour", 0.982),
        ("distance", HOUR, 1.0),
        ("missing", "y", 0.97),
        ("dependence", "x", 4.2),
    ) == [
        f"It cannot be judged how much of y is missing: {VARIED} it {ENDS}",
        f"It cannot be judged whether the values of at, colour and x have shifted: {VARIED} they "
        f"{ENDS}",
        f"It cannot be judged how x and other columns depend on each other: {VARIED} that {ENDS}",
    ]


@pytest.mark.parametrize(
    ("check", "threshold"),
    [("distance", 0.4), ("dependence", 3.9), ("linear dependence", 80.0), ("new", 1.0)],
)
def test_what_can_be_found_is_not_named(check: str, threshold: float) -> None:
    assert told((check, "x", threshold)) == []
