"""A loss that lies in one value of a column is laid there, and no other is laid anywhere."""

import numpy as np
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import objectives
from shared.monitoring.outcomes import quality
from shared.monitoring.outcomes.loss_places import LossPlace, place_of_loss
from shared.settings import Settings
from shared.tasks.binary.binary_task import WORDS
from tests.monitoring.traffic import read_case, week

DEPOTS = np.array(["Leeds", "York", "Hull", "Bath"])


def rows(
    count: int, seed: int, flipped: float = 0.0, depot: str | None = None
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the depots and plans of rows, and what their answers cost; some outcomes are flipped.

    A region follows from the depot in nine rows of ten.
    """
    rng = np.random.default_rng(seed)
    depots = rng.choice(DEPOTS, count, p=[0.4, 0.3, 0.2, 0.1])
    plans = rng.choice(["basic", "plus"], count, p=[0.7, 0.3])
    north = np.isin(depots, ["Leeds", "York"]) ^ (rng.random(count) < 0.1)
    score = -1 + (depots == "Leeds") + (plans == "plus") + rng.normal(size=count)
    chance = 1 / (1 + np.exp(-score))
    wrong = (rng.random(count) < flipped) & (True if depot is None else depots == depot)
    true = (rng.random(count) < chance) ^ wrong
    columns = {"depot": depots, "plan": plans, "region": np.where(north, "north", "south")}
    return columns, np.where(true, 1 - chance, chance)


def placed(seed: int, flipped: float, depot: str | None = None) -> LossPlace | None:
    before, lost_before = rows(8_000, seed)
    now, lost = rows(3_000, seed + 1_000, flipped, depot)
    return place_of_loss(now, lost, before, lost_before, 0.01)


@pytest.mark.parametrize("depot", ["Leeds", "Hull"])
def test_a_loss_of_one_value_is_laid_there_and_nowhere_else(depot: str) -> None:
    found = [placed(seed, 0.4, depot) for seed in range(20)]
    named = [place for place in found if place]
    assert len(named) >= 10
    assert {(place.column, place.value) for place in named} == {("depot", depot)}


@pytest.mark.parametrize("flipped", [0.0, 0.1, 0.2, 0.4])
def test_nothing_is_named_where_nothing_is_wrong_or_all_rows_have_lost(flipped: float) -> None:
    assert [placed(seed, flipped) for seed in range(50)] == [None] * 50


def test_values_that_hardly_any_rows_have_are_not_tried() -> None:
    before, now = np.zeros(1_000), np.repeat([0.9, 0.0], [20, 980])
    names = {"depot": np.repeat(["new", "old"], [20, 980])}
    assert place_of_loss(names, now, names, before, 0.01) is None
    assert place_of_loss({}, now, {}, before, 0.01) is None


def test_a_proven_loss_says_where_it_lies_in_a_column_that_is_no_slice(
    bundle: Bundle, settings: Settings
) -> None:
    frame = week(3_000)
    south = frame["region"] == "south"
    wrong = frame.assign(defaulted=frame["defaulted"].where(~south, 1 - frame["defaulted"]))
    unsliced = settings.model_copy(update={"slices": ()})
    found = quality.judge(read_case(wrong, bundle, unsliced), 168)
    assert str(found.place) == "all of it is in the 42% of the rows with region = south"
    reasons = objectives.quality_reasons(found, [], unsliced.monitor, WORDS)
    assert any(str(found.place) in (reason.likely_cause or "") for reason in reasons)
    # A slice that is declared has its own scores.
    assert quality.judge(read_case(wrong, bundle, settings), 168).place is None
    assert quality.judge(read_case(frame, bundle, unsliced), 168).place is None
