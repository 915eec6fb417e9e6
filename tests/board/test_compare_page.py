"""Runs are compared side by side: on the same rows, slice by slice, with all that differs."""

import re

import pytest

from shared.board import compare_page, sides
from shared.board.records import Record
from shared.board.rendering import Pages
from shared.board.sides import Side
from shared.tasks.metrics import Score
from tests.board.runs import HISTORY, client, request, side
from tests.conftest import House


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
