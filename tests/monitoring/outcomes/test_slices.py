"""Slices: counted by outcome and score as they come, whatever type their column has become."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.model.bundle import Bundle
from shared.monitoring.outcomes import quality, slices
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.outcomes.slices import Slicer
from shared.schema import arrow
from shared.settings import Settings
from shared.tasks.binary.binary_counts import BinaryCounts
from tests.monitoring.traffic import read_case, week

NAMES = [
    *(f"region = {name}" for name in ("south", "north", "(missing)")),
    *(f"age = {name}" for name in ("18", "(missing)")),
]


def counted(settings: Settings, table: pa.Table) -> dict[str, list[int]]:
    """Return each slice's rows without an outcome, with a false one, with a true one."""
    asked = settings.model_copy(update={"slices": ("region", "age")})
    found = Slicer(NAMES, BinaryCounts(), asked).count(table)
    return {name: rows.sum(axis=1).tolist() for name, rows in found.items()}


def test_rows_are_counted_by_slice_and_outcome_and_what_is_unknown_is_in_none(
    settings: Settings,
) -> None:
    frame = pd.DataFrame(
        {
            "region": ["south", "south", "north", "west", None],
            "age": [18, 19, 18, 18, None],
            "probability": [0.2, 0.3, 0.4, 0.5, np.nan],
            "outcome": [1.0, 0.0, np.nan, 1.0, 1.0],
        }
    )
    found = counted(settings, arrow.table(frame))
    assert found == {
        "region = south": [0, 1, 1],
        "region = north": [1, 0, 0],
        "region = (missing)": [0, 0, 0],
        "age = 18": [1, 0, 2],
        "age = (missing)": [0, 0, 0],
    }
    written = frame.assign(age=frame["age"].map("{:.0f}".format, na_action="ignore"))
    assert counted(settings, arrow.table(written)) == found
    assert counted(settings, arrow.table(frame[["probability"]])) == {}


def test_slices_of_parts_add_up_also_where_one_lacks_the_column(settings: Settings) -> None:
    slicer = Slicer(NAMES, BinaryCounts(), settings)
    rows = arrow.table(pd.DataFrame({"region": ["south", "north"], "probability": [0.2, 0.9]}))
    one, other = slicer.count(rows), slicer.count(arrow.table(pd.DataFrame()))
    both = slices.merged(slices.merged(one, other), one)
    assert {name: int(found.sum()) for name, found in both.items()} == {
        "region = south": 2,
        "region = north": 2,
        "region = (missing)": 0,
    }


@pytest.fixture
def judge(bundle: Bundle, settings: Settings):
    """Return a function that judges a frame as a file."""

    def judge(frame: pd.DataFrame) -> Quality:
        return quality.judge(read_case(frame, bundle, settings), 168.0)

    return judge


def losing(quality: Quality) -> set[Any]:
    return {loss.slice for loss in quality.losses if loss.proven}


def test_a_slice_that_lost_is_found_where_the_others_are_as_good_as_expected(
    judge, bundle: Bundle
) -> None:
    frame = week(6_000, seed=3)
    chance = bundle.scores(frame)
    truth = np.random.default_rng(0).random(len(frame)) < chance
    told = frame.assign(probability=chance, defaulted=truth.astype(float))
    kept = judge(told)
    # The third one was too small on the holdout to expect anything of it.
    assert [one.name for one in kept.slices] == ["region = north", "region = south"]
    assert losing(kept) == set()
    turned = np.where(told["region"] == "south", 1 - chance, chance)
    found = judge(told.assign(defaulted=(np.random.default_rng(0).random(6_000) < turned) * 1.0))
    assert "region = south" in losing(found)
    assert "region = north" not in losing(found)


def test_slices_are_not_judged_where_it_is_not_known_how_they_vary(
    bundle: Bundle, settings: Settings
) -> None:
    case = read_case(week(6_000, seed=3), bundle, settings)
    varies = [span.model_copy(update={"slices": None}) for span in bundle.evaluation.varies]
    unknown = replace(bundle)
    vars(unknown)["evaluation"] = bundle.evaluation.model_copy(update={"varies": tuple(varies)})
    judged = quality.judge(replace(case, bundle=unknown), 168.0)
    assert judged.slices
    assert {loss.slice for loss in judged.losses} == {None}
    without = replace(case, window=replace(case.window, slices={}))
    assert quality.judge(without, 168.0).slices == ()
