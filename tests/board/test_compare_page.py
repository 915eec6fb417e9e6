"""Runs are compared side by side: on the same rows, slice by slice, with all that differs."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.board import compare_page, sides
from shared.board.records import Record
from shared.board.rendering import Pages
from shared.board.sides import Side
from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.tasks.metrics import Score
from tests.board.runs import client, record, request, trained
from tests.conftest import House, bundle_of

HISTORY = [
    record("PackageFlow/22", digest="b" * 64, training_run="TrainFlow/2"),
    record("TrainFlow/2"),
    record("TrainFlow/1"),
    record("TrainFlow/3", "failed"),
    record("TrainFlow/4", "running"),
    record("TrainFlow/5", problem="flights"),
    record("ReviewFlow/6"),
    *(record(f"TrainFlow/7{at}") for at in range(6)),
]


def side(letter: str, pathspec: str, run: Any, *digests: str) -> Side:
    made = record(pathspec)
    return Side(letter, made, made, digests, run)


@pytest.fixture(scope="module")
def other(
    settings: Settings, table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    """Return another bundle of the same rows."""
    changed = settings.model_copy(update={"seed": 7})
    return bundle_of(table, changed, "logistic", tmp_path_factory.mktemp("bundles") / "other")


@pytest.fixture
def two(
    bundle: Bundle, other: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Side]:
    """Return two sides of the same rows, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    first = side("A", "TrainFlow/1", trained(bundle), "a" * 64)
    return [first, side("B", "TrainFlow/2", trained(other, rows=3_001), "b" * 64)]


def test_two_are_compared_on_the_rows_that_both_held_out(two: list[Side]) -> None:
    (found,) = compare_page.read(two, HISTORY).same_rows
    first, second = (one.held_out.rows for one in two)
    assert found.paired
    assert found.paired.rows == len(first) == len(second)
    assert found.rows == f"{len(first):,} rows that both held out"
    paired = found.paired
    for name, difference in paired.differences.items():
        gap = paired.theirs[name].value - paired.own[name].value
        assert difference.value == pytest.approx(gap)
        # The bundle keeps all of so small a holdout, so its scores are those of the training run.
        assert paired.own[name].value == pytest.approx(two[0].evaluation.scores[name].value)


def test_a_comparison_that_was_made_is_remembered_as_it_was(two: list[Side]) -> None:
    made, again = (compare_page.read(two, HISTORY).same_rows[0].paired for _ in range(2))
    assert made == again


def test_where_rows_differ_the_training_runs_own_comparison_with_the_champion_counts(
    bundle: Bundle, other: Bundle, two: list[Side]
) -> None:
    later = trained(other)
    evaluation = dict(later["evaluate"].task["evaluation"].data)
    baseline = evaluation["comparisons"]["baseline"]
    evaluation |= {"champion": "a" * 64, "comparisons": {"champion": baseline}}
    later["evaluate"].task["evaluation"].data = evaluation
    rows = later["evaluate"].task["reference"]
    rows.data = rows.data.assign(loan="other " + rows.data["loan"])
    second = side("B", "TrainFlow/9", later, "b" * 64)
    (found,) = compare_page.read([two[0], second], HISTORY).same_rows
    assert found.paired
    assert (
        found.rows
        == f"the {bundle.evaluation.rows:,} rows of the holdout of B, when A was champion"
    )
    difference = second.evaluation.comparisons["champion"].difference["log_loss"]
    assert found.paired.differences["log_loss"] == difference
    swapped = [
        side("A", "TrainFlow/9", later, "b" * 64),
        side("B", "TrainFlow/1", two[0].trained, "a" * 64),
    ]
    (turned,) = compare_page.read(swapped, HISTORY).same_rows
    assert turned.paired
    assert turned.paired.differences["log_loss"] == Score(
        -difference.value, -difference.high, -difference.low
    )


def test_without_the_same_rows_that_is_said(two: list[Side]) -> None:
    rows = two[1].trained["evaluate"].task["reference"]
    rows.data = rows.data.assign(loan="other " + rows.data["loan"])
    (found,) = compare_page.read(two, HISTORY).same_rows
    assert (found.paired, found.note) == (None, "no row was held out by both with the same outcome")


def test_slices_facts_and_importance_stand_side_by_side(two: list[Side]) -> None:
    page = compare_page.read(two, HISTORY)
    assert [name for name, _ in page.slices] == [
        *("region = north", "region = south", "region = east")
    ]
    assert all(one and one.slice == name for name, found in page.slices for one in found)
    facts = dict(page.facts)
    assert facts["Rows"] == (3_000, 3_001)
    assert facts["Fingerprint"] == ("91322b422ff4", "91322b422ff4")
    assert facts["From"] == ("2024-01-01 00:01",) * 2
    assert facts["Share positive"] == ("25.0%", "25.0%")
    assert {name for name, _ in page.importance} == set(two[0].contract.features)
    losses = [max(one.loss for one in found) for _, found in page.importance]
    assert losses == sorted(losses, reverse=True)


def test_the_same_rows_are_at_no_distance_and_changed_ones_are(two: list[Side]) -> None:
    (same,) = compare_page.read(two, HISTORY).changes
    assert same.distances
    assert {number for _, number in same.distances} == {0.0}
    rows = two[1].trained["evaluate"].task["reference"]
    rows.data = rows.data.assign(age=rows.data["age"] + 20)
    (moved,) = compare_page.read(two, HISTORY).changes
    assert moved.distances
    assert moved.distances[0][0] == "age"
    assert moved.distances[0][1] > 0.1


def test_settings_that_differ_are_shown_and_others_are_the_same(two: list[Side]) -> None:
    assert compare_page.read(two, HISTORY).changes[0].settings == ()
    settings = two[1].trained["_parameters"].task["settings"]
    settings.data = settings.data | {"seed": 8}
    fresh = side("B", "TrainFlow/2", two[1].trained)
    (found,) = compare_page.read([two[0], fresh], HISTORY).changes
    assert [line.text for line in found.settings if line.kind == "added"] == ['+  "seed": 8,']


def test_a_difference_is_better_or_worse_by_its_metric_and_only_beyond_its_interval() -> None:
    assert compare_page.better("roc_auc", Score(0.1, 0.05, 0.15)) == "good"
    assert compare_page.better("log_loss", Score(0.1, 0.05, 0.15)) == "bad"
    assert compare_page.better("log_loss", Score(0.1, -0.05, 0.15)) == "quiet"
    assert compare_page.better("mae", Score(float("nan"), float("nan"), float("nan"))) == "quiet"


def test_the_page_has_no_script_or_style_of_its_own_and_names_the_picture(two: list[Side]) -> None:
    page = compare_page.read(two, HISTORY)
    shown = Pages().render(
        request("/compare"), "compare.html", page=page, better=compare_page.better
    )
    text = bytes(shown.body).decode()
    assert not re.findall(r"<script>|<style| style=| on\w+=", text)
    assert '<img src="data:image/svg+xml;base64,' in text
    assert 'alt="The curves of A, B on their holdouts' in text
    assert "ROC AUC" in text
    assert "The settings are the same." in text
    assert "The commit is the same." in text
    assert "None of these has challenged another" in text


@pytest.mark.flow
def test_a_real_training_run_and_its_bundle_score_alike(
    approved_house: House, at_house: House
) -> None:
    from shared.board.records import Records

    history: list[Record] = Records().all()
    packaged = next(one for one in history if one.flow == "PackageFlow" and one.state == "done")
    runs = [packaged.facts["training_run"], packaged.pathspec]
    answer = client(*history).get(f"/compare?run={runs[0]}&bundle={packaged.facts['digest'][:12]}")
    assert answer.status_code == 200
    assert all(run in answer.text for run in runs)
    found = compare_page.read(sides.read(runs, [], history), history)
    assert found.same_rows[0].paired
    assert {d.value for d in found.same_rows[0].paired.differences.values()} == {0.0}
    assert [one.digests for one in found.sides] == [(packaged.facts["digest"],)] * 2
