"""What differs between two runs is found: tables, rows, settings, and which metric is better."""

from shared.runs.comparing import differences
from shared.runs.comparing.sides import Side
from shared.tasks.metrics import Score
from tests.runs.runs import side


def test_facts_of_the_tables_stand_side_by_side(two_sides: list[Side]) -> None:
    facts = dict(differences.facts(two_sides))
    assert facts["Rows"] == (3_000, 3_001)
    assert facts["Fingerprint"] == ("91322b422ff4", "91322b422ff4")
    assert facts["From"] == ("2024-01-01 00:01",) * 2
    assert facts["Share positive"] == ("25.0%", "25.0%")


def test_the_same_rows_are_at_no_distance_and_changed_ones_are(two_sides: list[Side]) -> None:
    same = differences.changes(*two_sides)
    assert same.distances
    assert {number for _, number in same.distances} == {0.0}
    rows = two_sides[1].trained["evaluate"].task["reference"]
    rows.data = rows.data.assign(age=rows.data["age"] + 20)
    moved = differences.changes(*two_sides)
    assert moved.distances
    assert moved.distances[0][0] == "age"
    assert moved.distances[0][1] > 0.1


def test_settings_that_differ_are_shown_and_others_are_the_same(two_sides: list[Side]) -> None:
    assert differences.changes(*two_sides).settings == ()
    settings = two_sides[1].trained["_parameters"].task["settings"]
    settings.data = settings.data | {"seed": 8}
    fresh = side("B", "TrainFlow/2", two_sides[1].trained)
    found = differences.changes(two_sides[0], fresh)
    assert [line.text for line in found.settings if line.kind == "added"] == ['+  "seed": 8,']


def test_a_difference_is_better_or_worse_by_its_metric_and_only_beyond_its_interval() -> None:
    assert differences.better("roc_auc", Score(0.1, 0.05, 0.15)) == "good"
    assert differences.better("log_loss", Score(0.1, 0.05, 0.15)) == "bad"
    assert differences.better("log_loss", Score(0.1, -0.05, 0.15)) == "quiet"
    assert differences.better("mae", Score(float("nan"), float("nan"), float("nan"))) == "quiet"
