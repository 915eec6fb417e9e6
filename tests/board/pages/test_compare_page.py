"""Runs are compared side by side: on the same rows, slice by slice, with all that differs."""

import re

import pytest

from shared.board.pages import compare_page
from shared.board.rendering import Pages
from shared.runs.comparing import differences, sides
from shared.runs.comparing.sides import Side
from shared.runs.records import Record
from tests.board.runs import client, request
from tests.conftest import House
from tests.runs.runs import HISTORY


def test_slices_and_importance_stand_side_by_side(two_sides: list[Side]) -> None:
    page = compare_page.read(two_sides, HISTORY)
    assert [name for name, _ in page.slices] == [
        *("region = north", "region = south", "region = east")
    ]
    assert all(one and one.slice == name for name, found in page.slices for one in found)
    assert {name for name, _ in page.importance} == set(two_sides[0].contract.features)
    losses = [max(one.loss for one in found) for _, found in page.importance]
    assert losses == sorted(losses, reverse=True)


def test_the_page_has_no_script_or_style_of_its_own_and_names_the_picture(
    two_sides: list[Side],
) -> None:
    evaluation = two_sides[0].trained["evaluate"].task["evaluation"]
    unsupported = {"since": "2024-05-20", "unsupported": "cannot tell: too few rows"}
    explored = {"rows": 9, "explored": 2, "judged": 1, "unsupported": "cannot tell: 2 rows"}
    evaluation.data = evaluation.data | {"off_policy": unsupported, "explored": explored}
    page = compare_page.read(two_sides, HISTORY)
    shown = Pages().render(
        request("/compare"), "compare.html", page=page, better=differences.better
    )
    text = bytes(shown.body).decode()
    assert not re.findall(r"<script>|<style| style=| on\w+=", text)
    assert '<img src="data:image/svg+xml;base64,' in text
    assert 'alt="The curves of A, B on their holdouts' in text
    assert "ROC AUC" in text
    assert "<p>A off-policy: cannot tell: too few rows.</p>" in text
    assert "<p>A, explored rows: cannot tell: 2 rows.</p>" in text
    assert "The settings are the same." in text
    assert "The commit is the same." in text
    assert "None of these has challenged another" in text


@pytest.mark.flow
def test_a_real_training_run_and_its_bundle_score_alike(
    approved_house: House, at_house: House
) -> None:
    from shared.runs.records import Records

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
