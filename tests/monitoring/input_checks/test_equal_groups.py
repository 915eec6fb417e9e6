"""Equal groups: a join that gives one group the values of another is seen at equal times."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from shared.monitoring.input_checks.equal_groups import equal_groups_words, newly_equal
from shared.profiles import planning
from shared.schema import arrow
from tests.profiles.contracts import contract


def hours(seed: int) -> pd.DataFrame:
    """Return the temperature of three towns at each of a hundred hours, in no order."""
    rng = np.random.default_rng(seed)
    at = pd.date_range("2024-01-01", periods=100, freq="h", tz="UTC").repeat(3)
    towns = np.tile(["bonn", "kiel", "ulm"], 100)
    found = pd.DataFrame({"at": at, "town": towns, "temp": rng.normal(10, 5, 300).round(1)})
    return found.sample(frac=1, random_state=seed)


def joined(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in which kiel has the temperature of bonn."""
    bonn = rows[rows["town"] == "bonn"].set_index("at")["temp"]
    return rows.assign(temp=rows["temp"].mask(rows["town"] == "kiel", rows["at"].map(bonn)))


def test_two_groups_that_suddenly_have_equal_values_are_named() -> None:
    assert newly_equal(joined(hours(1)), hours(2), "at", "town", "temp") == ("bonn", "kiel")
    assert newly_equal(hours(1), hours(2), "at", "town", "temp") is None


def test_groups_that_were_equal_in_training_are_no_news() -> None:
    assert newly_equal(joined(hours(1)), joined(hours(2)), "at", "town", "temp") is None


def test_one_value_for_all_and_few_times_in_common_say_nothing() -> None:
    assert newly_equal(hours(1).assign(temp=1.0), hours(2), "at", "town", "temp") is None
    assert newly_equal(joined(hours(1)).head(40), hours(2), "at", "town", "temp") is None


def test_the_words_name_the_column_the_groups_and_what_groups_them() -> None:
    history = hours(2).assign(id=range(300))
    kinds = contract({"temp": "number", "town": "category"})
    case: Any = SimpleNamespace(
        baseline=SimpleNamespace(plan=planning.plan_counting(arrow.table(history), kinds)),
        profile=SimpleNamespace(sample=joined(hours(1))),
        bundle=SimpleNamespace(reference=lambda: history),
    )
    words = "temp is the same for bonn and kiel (town), as it was not in training"
    assert equal_groups_words("temp", case) == words
    assert equal_groups_words("town", case) is None
    assert equal_groups_words("at", case) is None
